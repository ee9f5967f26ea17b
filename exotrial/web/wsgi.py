"""What a WSGI server runs: `exotrial.web.wsgi:make_application` as a factory (PEP 3333)."""

from __future__ import annotations

from django.core.handlers.wsgi import WSGIHandler

from exotrial.web.installation import opened


def make_application() -> WSGIHandler:
    """The application of the installation that the environment names. Refuses with HOM-001 and KEY-001."""
    opened()
    return WSGIHandler()
