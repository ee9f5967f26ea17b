"""The outermost layer of every answer: headers that forbid keeping and framing, and no page that Django wrote."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from exotrial.web.errors import (
    BAD_REQUEST,
    DEFECT,
    NO_METHOD,
    NO_PATH,
    TOO_LARGE,
    answer_refused,
)
from exotrial.web.pages._serve import show_refused

_OF_STATUS = {404: NO_PATH, 405: NO_METHOD, 413: TOO_LARGE}

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def guard_answers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Middleware of the API: what was refused before it came to a view has the same form as a refusal."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path.startswith("/api/"):
            return response
        if response.status_code >= 400 and not _is_json(response):
            response = _in_our_words(request, response)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return answer


def guard_size(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Middleware: a request that says it is larger than anything here is refused before any of it is read."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            refusal = TOO_LARGE.refuse(f"it has {int(length)} bytes")
            if request.path.startswith("/api/"):
                return answer_refused([refusal])
            return show_refused(request, refusal)
        return get_response(request)

    return answer


def _is_json(response: HttpResponseBase) -> bool:
    return response.get("Content-Type", "").startswith("application/json")


def _in_our_words(request: HttpRequest, response: HttpResponseBase) -> HttpResponse:
    status = response.status_code
    code = DEFECT if status >= 500 else _OF_STATUS.get(status, BAD_REQUEST)
    told = answer_refused([code.refuse(f"{request.method} was answered {status}")], status=status)
    if "Allow" in response:
        told["Allow"] = response["Allow"]
    return told
