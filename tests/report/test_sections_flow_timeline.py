"""The sections of participant flow and timeline, of the studies that come with the package and of made-up ones."""

from __future__ import annotations

import pytest

from exotrial.core.catalogue import find_objects
from exotrial.datasets.captured import Captured, read_captured
from exotrial.report.document import AnalysisResult, Figure, SectionBuilder, Table
from exotrial.report.inputs import ReportInput
from exotrial.report.sections import flow, timeline
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from tests.conftest import PROJECT
from tests.report.synthetic_trial import a_study, a_trial, captured_from


def given_by(study: Study, captured: Captured | None) -> ReportInput:
    return ReportInput(
        study=study,
        measures=captured.measures if captured else {},
        captured=captured,
        findings=(),
        claims=None,
        files=captured.files if captured else (),
    )


@pytest.fixture(scope="module")
def pilot() -> ReportInput:
    folder = PROJECT / "studies" / "chictr2000030261"
    return given_by(read_study(folder / "study.toml")[0], read_captured(folder / "data"))


def flow_of(given: ReportInput) -> tuple[Figure, Table, dict[str, AnalysisResult]]:
    built = flow.build(given)
    assert built is not None
    figure, table = built[0].blocks
    assert isinstance(figure, Figure)
    assert isinstance(table, Table)
    return figure, table, {result.id: result for result in built[1]}


def test_the_catalogue_finds_both_sections_in_their_places() -> None:
    found = find_objects("exotrial.report.sections", SectionBuilder, name=lambda section: section.name)
    assert found["flow"].order == 20
    assert found["timeline"].order == 50


def test_every_count_of_the_figure_is_a_result_with_the_digests_of_its_files(pilot: ReportInput) -> None:
    figure, _, results = flow_of(pilot)
    assert figure.data is not None
    assert [result.printed for result in results.values()] == [row[3] for row in figure.data.rows]
    enrolled = results["participant flow/Enrolment/Enrolled"]
    assert (enrolled.value, enrolled.printed) == (7, "7")
    assert pilot.digest_of("participants.csv")[0] in enrolled.sources


def test_a_count_that_was_not_reported_has_no_value(pilot: ReportInput) -> None:
    died = flow_of(pilot)[2]["participant flow/Follow-up/Nebulised exosomes/Died"]
    assert died.value is None
    assert died.printed == "not reported"


def test_the_table_of_two_arms_adds_up() -> None:
    given = given_by(a_study("Exosomes", "Placebo"), a_trial(72, excluded=20))
    _, table, _ = flow_of(given)
    rows = {row[0]: row[1:] for index, row in enumerate(table.rows) if index not in table.stub_rows}
    assert rows["Assessed for eligibility"] == ("92", None, None)
    assert rows["Allocated"] == ("72", "36", "36")
    # Every 18th of the 72 has no first dose, all of them in the first arm, whose numbers are even.
    assert rows["No first dose recorded"] == ("4", "4", "0")
    for step in ("Withdrew", "Died", "Recovery recorded", "C-reactive protein"):
        whole, *arms = (int(cell or "") for cell in rows[step])
        assert whole == sum(arms)


def test_results_have_names_of_their_own() -> None:
    built = flow.build(given_by(a_study("Exosomes", "Placebo"), a_trial(72, excluded=20)))
    assert built is not None
    names = [result.id for result in built[1]]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", ["mexcovid", "irct20201202049568n3"])
def test_a_study_without_data_has_a_flow_and_no_timeline(name: str) -> None:
    given = given_by(read_study(PROJECT / "studies" / name / "study.toml")[0], None)
    assert flow.build(given) is not None
    assert timeline.build(given) is None


def test_without_a_dated_event_there_is_no_timeline() -> None:
    assert timeline.build(given_by(a_study("Exosomes"), captured_from([("1", "arm_1")]))) is None


def test_the_pilots_wait_for_treatment_is_described_in_days(pilot: ReportInput) -> None:
    built = timeline.build(pilot)
    assert built is not None
    section, results = built
    assert (section.id, section.title) == ("timeline", "Timeline of every participant")
    waits = {r.statistic: r for r in results if r.variable == "Diagnosis to first dose"}
    # 18, 18, 19, 27, 4, 8 and 3 days by the dates of the paper's Table 1.
    assert waits["median"].value == 18
    assert (waits["minimum"].value, waits["maximum"].value) == (3, 27)
    assert waits["mean"].n == (7,)
