"""What Django's own check for production says of the settings: nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from exotrial.store.home import disconnect
from tests.trial import begin_trial


def test_djangos_check_for_production_finds_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    begin_trial(tmp_path, "sqlite")
    call_command("check", deploy=True, fail_level="WARNING")
    assert "no issues" in capsys.readouterr().out
    disconnect()


def test_what_must_be_on_is_on() -> None:
    assert not settings.DEBUG
    assert settings.SECURE_HSTS_SECONDS >= 365 * 24 * 3600
    assert settings.CSRF_COOKIE_SECURE
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["default-src"] == ["'none'"]
