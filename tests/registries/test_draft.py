"""A draft says what the record says, with its place, and nothing of people; it reads as a study file."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Place, Refusal
from exotrial.core.provenance import compute_source
from exotrial.registries.draft import choose_record, draft_study
from exotrial.registries.drafting.cited import slug
from exotrial.registries.drafting.people import PROPOSED
from exotrial.registries.record import (
    Age,
    RecordedArm,
    RecordedContact,
    RecordedCriterion,
    RecordedEthics,
    RecordedOutcome,
    RecordedSponsor,
    RegistryRecord,
    Stated,
)
from exotrial.registries.registry import read_records, record_file
from exotrial.study.checks.check import check_study
from exotrial.study.definition.study import find_part
from exotrial.study.file import parse_study
from exotrial.study.rules import Rule
from tests.conftest import PROJECT, shared

DIRTY = PROJECT / "tests" / "files" / "registries" / "ictrp_dirty.csv"


def stated(value: object, prints: str | None = None, line: int = 7) -> Stated:  # type: ignore[type-arg]
    return Stated(
        value=value, prints=str(value) if prints is None else prints, place=Place(file="x.txt", line=line)
    )


def record(**more: object) -> RegistryRecord:
    """A made-up record with the least that a study file needs."""
    least = RegistryRecord(
        registry="nct",
        identifier=stated("NCT99999999"),
        reader="made up",
        source=compute_source(b"x", name="x.txt"),
        scientific_title=stated("A made-up trial"),
        model=stated("parallel"),
        arms=(RecordedArm(name=stated("Vesicles")), RecordedArm(name=stated("Saline"))),
        outcomes=(RecordedOutcome(level="primary", name=stated("Death")),),
    )
    return replace(least, **more)  # type: ignore[arg-type]


def test_the_least_record_makes_a_study_file_that_says_not_stated() -> None:
    draft = draft_study(record())
    assert draft.study.id == "nct99999999"
    assert (draft.study.design.allocation, draft.study.design.time_origin) == ("not stated", "not stated")
    assert [arm.kind for arm in draft.study.arms] == ["not stated", "not stated"]
    assert draft.losses == ()
    assert parse_study(draft.text.encode(), name="again") == draft.study


def test_every_value_has_the_words_and_the_line_of_the_record() -> None:
    target = stated(26, "Exocrine group:13;Control group:13;", line=31)
    study = draft_study(record(target_size=target)).study
    (told,) = study.evidence_for("registrations.0.target_size")
    assert (told.prints, told.line, told.source) == (target.prints, 31, "record")
    for evidence in study.evidence:
        find_part(study, evidence.path)


def test_a_proposed_rule_says_that_nobody_has_confirmed_it() -> None:
    rule = Rule(item="age", at_least=18, unit="a")
    told = (
        RecordedCriterion(category="inclusion", text=stated("adults"), proposed=rule),
        RecordedCriterion(category="exclusion", text=stated("other reasons")),
    )
    first, second = draft_study(record(criteria=told)).study.population.criteria
    assert (first.id, first.rule, first.judgement) == ("inclusion_1", rule, PROPOSED)
    assert (second.id, second.rule, second.judgement) == ("exclusion_1", None, None)


def test_what_a_study_file_cannot_hold_is_told() -> None:
    told = record(
        phase=stated("4", "Phase 4"),
        age_min=stated(Age(value=6, unit="mo"), "6 Months"),
        registered=stated(PartialDate(year=2020, month=2), "2020-02"),
        sponsors=(
            RecordedSponsor(name=stated("A"), role="sponsor"),
            RecordedSponsor(name=stated("B"), role="collaborator"),
        ),
        summary=stated("Words"),
    )
    draft = draft_study(told)
    assert {loss.item for loss in draft.losses} == {
        "design.phase",
        "population.age min",
        "registrations.0.registered",
        "collaborator",
        "summary",
    }
    assert draft.study.design.phase == "not stated"
    assert (draft.study.population.age_min, draft.study.registrations[0].registered) == (None, None)
    assert [one.name for one in draft.study.organisations] == ["A"]


def test_years_are_whole_and_at_most_120() -> None:
    for value, kept in ((18.0, 18), (120.0, 120), (121.0, None), (18.5, None)):
        age = stated(Age(value=value, unit="a"))
        assert draft_study(record(age_min=age)).study.population.age_min == kept


def test_outcomes_stand_on_encounters_of_the_days_they_name() -> None:
    outcomes = (
        RecordedOutcome(
            level="primary", name=stated("Score"), days=(0, 3, 7), time_frame=stated("Baseline, days 3, 7")
        ),
        RecordedOutcome(
            level="secondary", name=stated("Score"), horizon_days=60, time_frame=stated("60 days")
        ),
    )
    study = draft_study(record(outcomes=outcomes)).study
    assert [(one.id, one.day, one.epoch) for one in study.encounters] == [
        ("baseline", 0, "before"),
        ("day_3", 3, "after"),
        ("day_7", 7, "after"),
    ]
    assert [one.id for one in study.outcomes] == ["score", "score_2"]
    assert study.outcomes[0].encounters == ("baseline", "day_3", "day_7")
    assert study.outcomes[1].horizon is not None
    assert study.outcomes[1].horizon.text == "60 d"
    assert study.design.day_of_origin == 0


def test_nothing_of_people_is_written() -> None:
    contact = RecordedContact(
        role="public inquiries",
        name="Nobody Atall",
        address="1 No Street",
        telephone="+00 000",
        email="nobody@example.org",
        affiliation="Hospital of Nowhere",
    )
    text = draft_study(record(contacts=(contact,))).text
    assert "Hospital of Nowhere" in text
    assert not re.search("Nobody|No Street|000|example.org", text.replace("99999999", ""))


def test_a_record_that_makes_no_study_is_refused() -> None:
    for code, told in (
        ("DRF-001", record(scientific_title=None)),
        ("DRF-002", record(arms=())),
        ("DRF-003", record(outcomes=())),
    ):
        with pytest.raises(Refusal, match=code):
            draft_study(told)
    single = draft_study(record(arms=(), model=stated("single group"))).study
    assert [(arm.id, single.design.allocation) for arm in single.arms] == [("all", "not applicable")]


def test_the_newest_of_one_trial_is_chosen_and_two_trials_are_refused() -> None:
    records = read_records(record_file(DIRTY.read_bytes(), name="export_2021-07-05.csv"))
    with pytest.raises(Refusal, match=r"DRF-004: the records are of 3 trials: ChiCTR2099000001, NCT99999991"):
        choose_record(records)
    older = replace(records[0], as_of=None)
    assert choose_record([older, records[0]]) is records[0]


def test_a_refusal_of_many_trials_names_each_number_whole() -> None:
    """The first letters of one number are another trial's: …N2 of …N29."""
    (one, *_) = read_records(record_file(DIRTY.read_bytes(), name="export_2021-07-05.csv"))
    numbers = [f"IRCT20990101000001N{number}" for number in range(20, 34)]
    records = [replace(one, identifier=replace(one.identifier, value=number)) for number in numbers]
    with pytest.raises(Refusal, match="DRF-004") as caught:
        choose_record(records)
    told = caught.value.problem.partition(": ")[2].replace(" and 4 more", "")
    assert told.split(", ") == numbers[:10]


@given(st.text(max_size=80), st.lists(st.text(max_size=20), max_size=3))
def test_a_slug_is_an_id_that_is_not_taken(words: str, others: list[str]) -> None:
    taken: list[str] = []
    for one in (*others, words, words):
        made = slug(one, taken=taken, stem="arm")
        assert re.fullmatch(r"[a-z][a-z0-9_]{0,39}", made)
        assert made not in taken
        taken.append(made)


@given(st.data())
def test_any_words_make_a_draft_that_reads(data: st.DataObject) -> None:
    """Control characters, quotation marks, backslashes: the draft's TOML holds them all."""
    words = st.text(min_size=1, max_size=30).filter(str.strip)
    title, name, arm = (data.draw(words) for _ in range(3))
    told = record(
        scientific_title=stated(title),
        outcomes=(RecordedOutcome(level="primary", name=stated(name)),),
        arms=(RecordedArm(name=stated(arm)), RecordedArm(name=stated(arm))),
    )
    study = draft_study(told).study
    assert (study.title, study.outcomes[0].name) == (title, name)
    assert [one.name for one in study.arms] == [arm, arm]


def test_every_real_row_makes_a_draft() -> None:
    path = shared("data", "ictrp", "ictrp_irct_60_2020-07-07.json")
    for one in read_records(record_file(path.read_bytes(), name=path.name)):
        assert draft_study(one).study.registrations[0].identifier == one.identifier.value


def test_a_draft_does_not_accuse_its_own_record_of_moving_outcomes() -> None:
    path = PROJECT / "tests" / "files" / "registries" / "irct_synthetic.txt"
    (record,) = read_records(record_file(path.read_bytes(), name=path.name))
    study = draft_study(record).study
    assert {one.level for one in study.outcomes} == {"primary", "secondary"}
    assert {one.registered for one in study.outcomes if one.level == "primary"} == {True}
    assert {one.registered for one in study.outcomes if one.level != "primary"} == {None}
    assert not [finding.id for finding in check_study(study) if finding.rule == "OUT-012"]


@pytest.mark.parametrize(
    ("low", "high", "kept"), [(18, 18, (18, 18)), (19, 18, (None, None)), (18, 19, (18, 19))]
)
def test_ages_that_cross_are_both_left_out_and_told(
    low: float, high: float, kept: tuple[int | None, int | None]
) -> None:
    ages = {"age_min": stated(Age(value=low, unit="a")), "age_max": stated(Age(value=high, unit="a"))}
    draft = draft_study(record(**ages))
    assert (draft.study.population.age_min, draft.study.population.age_max) == kept
    assert [loss.item for loss in draft.losses] == (
        ["population.age min", "population.age max"] if kept == (None, None) else []
    )


def test_an_age_in_months_crosses_no_age_in_years() -> None:
    ages = {"age_min": stated(Age(value=6, unit="mo")), "age_max": stated(Age(value=5, unit="a"))}
    assert draft_study(record(**ages)).study.population.age_max == 5


@pytest.mark.parametrize(("number", "kept"), [(0, 0), (-1, None)])
def test_a_size_below_zero_is_told_and_left_out(number: int, kept: int | None) -> None:
    arms = (RecordedArm(name=stated("Vesicles"), size=stated(number)),)
    draft = draft_study(record(actual_size=stated(number), arms=arms))
    assert (draft.study.design.enrolled, draft.study.arms[0].size) == (kept, kept)
    assert bool(draft.losses) is (kept is None)


@pytest.mark.parametrize(("day", "kept"), [(36525, True), (36526, False)])
def test_a_day_more_than_a_hundred_years_away_is_told_and_left_out(day: int, kept: bool) -> None:
    outcome = RecordedOutcome(
        level="primary", name=stated("Score"), days=(0, day), time_frame=stated(f"day 0 and {day}")
    )
    draft = draft_study(record(outcomes=(outcome,)))
    assert len(draft.study.encounters) == 1 + kept
    assert bool(draft.losses) is not kept
    assert draft.study.outcomes[0].time_frame == f"day 0 and {day}"


def test_the_evidence_of_a_decision_is_its_own_where_another_names_no_committee() -> None:
    told = (
        RecordedEthics(reference=stated("EX-1")),
        RecordedEthics(committee=stated("Committee of Nowhere"), reference=stated("EX-2", line=9)),
    )
    draft = draft_study(record(ethics=told))
    assert [one.reference for one in draft.study.ethics] == ["EX-2"]
    assert [(one.prints, one.line) for one in draft.study.evidence_for("ethics.0.reference")] == [("EX-2", 9)]


@pytest.mark.parametrize(("sizes", "kept"), [((2, 4), (2, 4)), ((0, 4), ())])
def test_a_block_of_none_is_told_and_left_out(sizes: tuple[int, ...], kept: tuple[int, ...]) -> None:
    draft = draft_study(
        record(
            allocation=stated("randomised"),
            randomisation=stated("Block randomisation."),
            block_sizes=stated(sizes),
        )
    )
    assert draft.study.randomisation is not None
    assert draft.study.randomisation.block_sizes == kept
    assert ("randomisation.block sizes" in {loss.item for loss in draft.losses}) is (kept == ())


def test_control_characters_of_a_number_break_no_comment() -> None:
    text = draft_study(record(identifier=stated("NCT99999999\n\x1f\x7f"))).text
    assert text.splitlines()[0] == "# Draft from x.txt: NCT99999999   , read as made up."


@pytest.mark.parametrize(
    ("office", "kept"),
    [
        ("Hospital of Nowhere", True),
        ("NOBODY ATALL", True),  # the record names an office in place of a person
        ("Hospital of Nowhere, nobody@example.org", False),
        ("Hospital of Nowhere\nNobody Atall", False),
        ("Hospital of Nowhere, +98 21 0000 0000", False),
    ],
)
def test_an_office_that_names_its_person_is_left_out(office: str, kept: bool) -> None:
    contact = RecordedContact(role="public inquiries", name="Nobody Atall", affiliation=office)
    draft = draft_study(record(contacts=(contact,)))
    assert bool(draft.study.contacts) is kept
    assert [loss.item for loss in draft.losses] == ([] if kept else ["office for public inquiries"])
    assert kept or "obody" not in draft.text


def test_two_newest_records_that_differ_are_refused_and_alike_ones_are_not() -> None:
    one, other = record(), replace(record(), public_title=stated("Another title"))
    assert choose_record([one, record()]) == one
    with pytest.raises(Refusal) as refused:
        choose_record([one, other])
    assert refused.value.code.code == "DRF-009"
    assert "public title" in refused.value.problem
    newer = replace(other, as_of=date(2029, 1, 2))
    assert choose_record([one, newer]) is newer
