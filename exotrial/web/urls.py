"""The paths of the server, and what is told where there is none."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from exotrial.web.api import make_api
from exotrial.web.errors import DEFECT, NO_PATH, answer_refused
from exotrial.web.installation import opened
from exotrial.web.pages._serve import page_paths, show_defect, show_no_page


@csrf_exempt  # there is nothing to forge where there is nothing, and 403 would say otherwise
def tell_no_path(request: HttpRequest) -> HttpResponse:
    """There is nothing here."""
    if request.path.startswith("/api/"):
        return answer_refused([NO_PATH.refuse("there is nothing at this path")])
    return show_no_page(request)


def tell_defect(request: HttpRequest) -> HttpResponse:
    """A defect of exotrial: the log holds the traceback, the answer does not."""
    if request.path.startswith("/api/"):
        return answer_refused([DEFECT.refuse("the request met a defect")])
    return show_defect(request)


api = make_api(opened)

urlpatterns = [
    path("api/", api.urls),
    *page_paths(),
    re_path(r"", tell_no_path),
]

handler500 = tell_defect
