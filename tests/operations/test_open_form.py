"""Opening a form to fill it in, a form without answers, and two edits of one form held to each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from tests.operations.recorded import demographics, event, put_consented, save, second_site
from tests.operations.test_double_entry import begin, second, settle
from tests.trial import PASSWORD, Trial

FORM = {"participant": "P-1", "form": "F.DEMOGRAPHICS"}


def test_a_form_is_opened_before_anything_is_recorded(trial: Trial) -> None:
    put_consented(trial)
    opened = trial.do("open_form", participant="P-1", form="F.VISIT.DAY_5", encounter="day_10")
    assert (opened.status, opened.revision, opened.values, opened.second) == ("", 0, {}, "")
    assert (opened.encounter_label, opened.zone, opened.now.utcoffset()) == (
        "Day 10",
        "Asia/Tehran",
        timedelta(hours=3.5),
    )
    visit, crp = opened.shape.groups
    assert [item.data_type for item in visit.items] == ["date"]
    assert (crp.items[0].unit, crp.items[0].low, crp.items[0].hard_low, crp.items[0].high) == (
        "mg/L",
        0,
        0,
        700,
    )
    assert "not done" in opened.shape.reasons


def test_an_opened_form_has_what_is_recorded_and_what_hangs_on_it(trial: Trial) -> None:
    put_consented(trial)
    save(trial, demographics(WEIGHT="20"))
    trial.do("verify_source", Role.MONITOR, **FORM, revision=1)
    proof = {"username": "investigator", "password": PASSWORD}
    trial.do("sign_form", Role.INVESTIGATOR, **FORM, revision=1, meaning="review", **proof)
    opened = trial.do("open_form", Role.MONITOR, **FORM)
    assert (opened.status, opened.revision, opened.values) == ("signed", 1, demographics(WEIGHT="20"))
    assert [(one.key, one.rule) for one in opened.queries] == [("IG.DM/DM.WEIGHT", "EDC-001")]
    assert [(one.name, one.state) for one in opened.signatures] == [("Investigator", "whole")]
    assert "IG.DM/DM.AGE" in opened.verified
    sex = opened.shape.groups[0].items[0]
    assert [(code.value, code.label) for code in sex.codes] == [("F", "Female"), ("M", "Male")]


def test_an_opened_form_says_how_its_second_entry_stands(trial: Trial) -> None:
    begin(trial)
    assert trial.do("open_form", **FORM).second == "wanted"
    second(trial, AGE="45", WEIGHT="70")
    opened = trial.do("open_form", **FORM)
    assert (opened.second, opened.second_differences) == ("open", 1)
    assert [item.oid for item in opened.shape.groups[0].items if item.double_entry] == ["DM.AGE", "DM.WEIGHT"]
    settle(trial, "IG.DM/DM.AGE", "first")
    assert trial.do("open_form", **FORM).second == "settled"


def test_a_form_of_another_site_is_not_opened(trial: Trial) -> None:
    put_consented(trial)
    second_site(trial)
    with pytest.raises(Refusal, match="OPR-011"):
        trial.do("open_form", Role.INVESTIGATOR, by="other_investigator", **FORM)


@pytest.mark.parametrize(
    ("more", "code"), [({"form": "F.NONE"}, "RCD-001"), ({"encounter": "day_10"}, "RCD-002")]
)
def test_a_form_that_is_not_there_is_not_opened(trial: Trial, more: dict[str, str], code: str) -> None:
    put_consented(trial)
    with pytest.raises(Refusal, match=code):
        trial.do("open_form", **FORM | more)


def test_opening_a_form_costs_the_same_however_much_hangs_on_it(
    trial: Trial, django_queries: list[str]
) -> None:
    put_consented(trial)
    save(trial, demographics(WEIGHT="20"))
    trial.do("open_form", **FORM)
    django_queries.clear()
    trial.do("open_form", **FORM)
    alone = len(django_queries)
    for number in range(5):
        trial.do("raise_query", Role.MONITOR, **FORM, key="IG.DM/DM.AGE", text=f"Is it so, {number}?")
    trial.do("verify_source", Role.MONITOR, **FORM, revision=1)
    django_queries.clear()
    trial.do("open_form", **FORM)
    assert len(django_queries) == alone <= 14


def test_two_edits_are_compared_answer_by_answer(trial: Trial) -> None:
    put_consented(trial)
    save(trial)
    save(trial, demographics(AGE="55", HEIGHT="161"), Role.INVESTIGATOR, revision=1, reason="misread")
    told = trial.do("compare_form", **FORM, values=demographics(AGE="53", WEIGHT="71"), revision=1)
    assert (told.revision, told.who) == (2, ("investigator",))
    assert [(one.key, one.changed_by, one.mine, one.theirs) for one in told.answers] == [
        ("IG.DM/DM.AGE", "both", "53", "55"),
        ("IG.DM/DM.HEIGHT", "theirs", "160", "161"),
        ("IG.DM/DM.WEIGHT", "mine", "71", "70"),
    ]
    assert {one.label for one in told.answers} == {"Age at consent", "Height", "Weight"}
    assert [one.who for one in told.answers] == ["investigator", "investigator", ""]


def test_a_row_that_somebody_else_added_is_theirs(trial: Trial) -> None:
    put_consented(trial)
    save(trial, {"IG.AE": [event("a")]}, form="F.AE", complete=False)
    both = {"IG.AE": [event("a"), event("b", "Cough")]}
    save(trial, both, Role.INVESTIGATOR, form="F.AE", complete=False, revision=1)
    told = trial.do(
        "compare_form", participant="P-1", form="F.AE", values={"IG.AE": [event("a")]}, revision=1
    )
    assert {one.key for one in told.answers if one.changed_by == "theirs"} >= {"IG.AE/b/AE.TERM"}
    assert not [one for one in told.answers if one.changed_by != "theirs"]


def test_what_is_not_recorded_has_nothing_to_compare(trial: Trial) -> None:
    put_consented(trial)
    with pytest.raises(Refusal, match="OPR-013"):
        trial.do("compare_form", **FORM, values=demographics(), revision=0)


def test_a_form_without_answers_is_the_study_files(trial: Trial) -> None:
    blank = trial.do("show_blank_form", Role.PHARMACIST, form="F.VISIT.DAY_5")
    assert blank.encounter_labels == ("Day 5", "Day 10", "Day 20")
    assert [group.oid for group in blank.shape.groups] == ["IG.VISIT", "IG.CRP"]
    with pytest.raises(Refusal, match="RCD-001"):
        trial.do("show_blank_form", form="F.NONE")
    with pytest.raises(Refusal, match="OPR-014"):
        trial.do("show_blank_form", form="F.AE", study_version=7)
