"""A study file before it is loaded, and as it is in force: errors at their lines, doubts, what changes."""

from __future__ import annotations

from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.models import StudyVersion
from tests.trial import IRCT, SITE, STUDIES, Trial

SOURCE = (STUDIES / IRCT / "study.toml").read_text()


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def preview(trial: Trial, text: str) -> Any:
    return trial.do("preview_study_version", Role.SPONSOR, source=text)


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("target_size", "targt_size", "STF-004", "did you mean 'target_size'?"),
        ('measure = "MURRAYS"', 'measure = "MURRYS"', "MSR-001", "MURRAYS"),
        ("age_max = 65", "age_max = 6", "STF-007", "correct"),
        ("schema_version = 1", "schema_version =", "STF-003", "syntax"),
        (f'id = "{IRCT}"', 'id = "another"', "SIT-001", "never changes"),
    ],
)
def test_an_error_stands_at_its_line_with_the_way_out(
    trial: Trial, old: str, new: str, code: str, says: str
) -> None:
    text = SOURCE.replace(old, new, 1)
    shown = preview(trial, text)
    assert [one.code for one in shown.problems] == [code]
    around = "[population]" if new == "age_max = 6" else new
    assert shown.problems[0].line == line_of(text, around)
    assert says in shown.problems[0].remedy
    assert shown.file is None


def test_a_preview_tells_what_loading_tells_and_keeps_nothing(trial: Trial) -> None:
    text = SOURCE.replace("age_max = 65", "age_max = 70").replace('version = "1"', 'version = "2"')
    shown = preview(trial, text)
    assert not shown.problems
    assert StudyVersion.objects.count() == 1
    loaded = trial.do("load_study_version", Role.SPONSOR, source=text, reason="older patients too")
    assert (shown.differences, shown.doubts) == (loaded.differences, loaded.doubts)
    assert shown.file.digest == loaded.digest
    assert any(one.reconsent and "F.DEMOGRAPHICS" in one.forms for one in shown.differences)


def test_the_version_in_force_word_for_word_is_no_amendment(trial: Trial) -> None:
    assert [one.code for one in preview(trial, SOURCE).problems] == ["SIT-002"]


def test_the_file_in_force_is_shown_with_its_text_schedule_and_forms(trial: Trial) -> None:
    kept = trial.do("show_study_file", Role.OUTCOME_ASSESSOR)
    assert (kept.version, kept.source) == (1, SOURCE)
    assert {"error", "warning", "info"} == {one.severity for one in kept.file.findings}
    named = {one.id for one in kept.file.encounters}
    assert all(named >= set(row.encounters) for row in kept.file.schedule)
    assert "F.DEMOGRAPHICS" in {form.oid for form in kept.file.forms}
    with pytest.raises(Refusal, match="OPR-014"):
        trial.do("show_study_file", Role.OUTCOME_ASSESSOR, version=2)


def test_only_who_may_load_may_preview(trial: Trial) -> None:
    for role in Role:
        if role is not Role.SPONSOR:
            with pytest.raises(Refusal, match="OPR-003"):
                trial.do("preview_study_version", role, source=SOURCE)
    with pytest.raises(Refusal, match=r"OPR-00[34]"):
        trial.do("preview_study", Role.SPONSOR, source=SOURCE)


def test_a_study_to_begin_is_previewed_and_one_that_is_here_is_named(trial: Trial) -> None:
    shown = trial.do("preview_study", Role.ADMINISTRATOR, source=SOURCE)
    assert [(one.code, one.line) for one in shown.problems] == [("INS-001", line_of(SOURCE, "id = "))]
    other = (STUDIES / "mexcovid" / "study.toml").read_text()
    shown = trial.do("preview_study", Role.ADMINISTRATOR, source=other)
    assert (shown.problems, shown.file.id, shown.differences) == ((), "mexcovid", ())


def test_approvals_are_listed_where_one_has_rights(trial: Trial) -> None:
    trial.do("open_site", Role.SPONSOR, code="masih", name="Another", zone="Asia/Tehran")
    trial.add_person("elsewhere", Role.INVESTIGATOR, "masih")
    told = trial.do("list_activations", Role.SPONSOR).activations
    assert [(one.site, one.version) for one in told] == [(SITE, 1)]
    assert trial.do("list_activations", Role.INVESTIGATOR, by="elsewhere").activations == ()
