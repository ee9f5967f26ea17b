"""What a WSGI server runs: `exotrial.web.wsgi:make_application` as a factory (PEP 3333)."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler
from whitenoise import WhiteNoise

from exotrial.report.theme import FONTS
from exotrial.web.installation import opened
from exotrial.web.pages._render import STATIC, static_prefix

YEAR = 365 * 24 * 3600


def make_application() -> WhiteNoise:
    """The application of the installation that the environment names. Refuses as `open_home` does.

    Files of ours are served before Django is asked: their addresses change with their content, so a browser keeps
    them for a year.
    """
    opened()
    application = WhiteNoise(
        WSGIHandler(), root=STATIC, prefix=static_prefix(), max_age=YEAR, add_headers_function=_guard_file
    )
    application.add_files(FONTS, prefix=f"{static_prefix()}fonts/")
    return application


def _guard_file(headers: dict[str, str], path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
