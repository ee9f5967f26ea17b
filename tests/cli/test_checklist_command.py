"""`exotrial checklist`: the lists answered, one list, JSON, and what is refused."""

from __future__ import annotations

import json

import pytest

from exotrial.cli.app import main
from tests.conftest import PROJECT

STUDY = str(PROJECT / "studies" / "chictr2000030261")


def test_all_lists_are_answered_and_scored(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checklist", STUDY]) == 0
    said = capsys.readouterr().out
    assert "EV-METRIC (EV-TRACK): 3 of 8 items that apply are met (38 %)" in said
    assert "MIFlowCyt-EV: no item applies" in said


def test_one_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["checklist", STUDY, "--list", "isct-2006", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 12
    assert {row["list"] for row in rows} == {"isct-2006"}


@pytest.mark.parametrize(
    ("options", "code"),
    [(["--list", "misev"], "CHK-001"), (["--product", "nothing"], "CHK-002")],
)
def test_an_unknown_list_or_product_is_refused(
    options: list[str], code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["checklist", STUDY, *options]) == 2
    assert code in capsys.readouterr().err
