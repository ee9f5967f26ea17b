"""What `compare` and `history` find of the three trials; each difference was read in both sources first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from exotrial.cli.app import build_app
from tests.conftest import PROJECT, shared

SNAPSHOTS = ("data", "ictrp", "seed_trials_ictrp_snapshots_2020.json")
STUDIES = PROJECT / "studies"

pytestmark = pytest.mark.shared


def run(*arguments: object) -> Any:
    result = CliRunner().invoke(build_app(), [*map(str, arguments), "--json"])
    assert result.exit_code in (0, 1), result.output
    return json.loads(result.stdout)


def differences(first: Path, second: Path) -> dict[str, dict[str, Any]]:
    (told,) = run("compare", first, second)["comparisons"]
    return {one["id"]: one for one in told["differences"]}


def test_the_pilots_record_and_its_paper_tell_of_two_trials() -> None:
    """Registered: parallel, 13 + 13, lung CT alone; reported: seven in one group, CRP and SpO2 primary."""
    found = differences(shared(*SNAPSHOTS), STUDIES / "chictr2000030261" / "published" / "claims.toml")
    grave = {name for name, one in found.items() if one["severity"] == "error"}
    assert grave == {
        "SBS-001:model",
        "SBS-030:Allergic reactions",
        "SBS-030:C-reactive protein in plasma",
        "SBS-030:Life-threatening adverse events",
        "SBS-030:Oxygen saturation",
        "SBS-030:Secondary infection",
        "SBS-033:Lung CT",
    }
    model = found["SBS-001:model"]
    assert [quote.rpartition(": ")[2] for quote in model["quotes"]] == [
        "“Parallel”",
        "“performed on seven patients”",
    ]
    sizes = found["SBS-019:enrolled"]
    assert "Exocrine group:13;Control group:13;" in sizes["quotes"][0]
    assert "26" in sizes["says"]
    assert "7 in the paper" in sizes["says"]
    assert {"ICMJE", "CONSORT 2025 item 14", "SPIRIT 2025 item 16"} == set(
        found["SBS-033:Lung CT"]["standards"]
    )


def test_the_second_trials_record_and_the_paper_name_other_primary_outcomes() -> None:
    found = differences(shared(*SNAPSHOTS), STUDIES / "mexcovid" / "published" / "claims.toml")
    grave = {name for name, one in found.items() if one["severity"] == "error"}
    assert grave == {
        "SBS-030:Prespecified inhalation-associated adverse events",
        "SBS-030:Serious adverse events",
    }
    assert found["SBS-004:phase"]["says"].startswith("phase: 1 in the ClinicalTrials.gov record")
    assert "30 in the" in found["SBS-019:enrolled"]["says"]


def test_the_second_trials_abstract_and_study_file_agree_wherever_both_speak() -> None:
    found = differences(shared("seeds", "000_622ed8fc65a9335c.txt"), STUDIES / "mexcovid")
    assert set(found) == set()


def test_the_third_trials_record_and_study_file_differ_in_one_outcome() -> None:
    """Its summary names the time to improvement as primary, its full record does not."""
    found = differences(shared("seeds", "003_f574a93727bdcf72.txt"), STUDIES / "irct20201202049568n3")
    assert {name for name, one in found.items() if one["severity"] != "info"} == {
        "SBS-030:Time to clinical improvement"
    }


def test_the_pilots_data_and_its_study_file_agree() -> None:
    assert differences(STUDIES / "chictr2000030261", STUDIES / "chictr2000030261" / "data") == {}


def test_the_timing_is_worked_out_from_the_dates_where_a_label_cannot_be_read() -> None:
    """The export's flag of ClinicalTrials.gov rows follows no dates, so that it is no label."""
    told = run("compare", shared(*SNAPSHOTS), STUDIES / "mexcovid")["timing"]
    (one,) = [entry for entry in told if entry["record"] == "NCT04276987"]
    assert (one["label"], one["agrees"]) == (None, None)
    assert one["timing"] == (
        "registered 2020-02-16, first enrolment 2020-02-15: not prospective "
        "(registered while recruiting or retrospective)"
    )


def test_sixteen_days_of_two_records_tell_what_changed_when() -> None:
    histories = {one["identifier"]: one for one in run("history", shared(*SNAPSHOTS))}
    assert set(histories) == {"ChiCTR2000030261", "NCT04276987"}
    pilot = histories["ChiCTR2000030261"]
    assert (len(pilot["days"]), pilot["days"][0], pilot["days"][-1]) == (16, "2020-03-25", "2020-07-06")
    assert [(change["before"], change["seen"]) for change in pilot["changes"]] == [
        ("2020-04-01", "2020-04-07")
    ]
    (cut,) = pilot["changes"][0]["differences"]
    assert "cut short" in cut["says"]
