"""The plan of a rehearsal: a value from study file and seed, in the order of time, within what the study plans."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.operations.simulation.people import Fate
from exotrial.operations.simulation.plan import Plan, make_plan
from exotrial.operations.simulation.rehearsal import mark_synthetic
from exotrial.operations.simulation.steps import Deed, doses_of
from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.participants.eligibility import decide_eligibility
from exotrial.study.definition import Study
from exotrial.study.file import parse_study, read_study
from exotrial.study.forms import derive_forms
from exotrial.study.items import Form
from tests.trial import IRCT, STUDIES

SIZES = {IRCT: 72, "mexcovid": 7, "chictr2000030261": 7}
"""As each study file plans."""


@lru_cache(maxsize=3)
def defined(name: str) -> tuple[Study, tuple[Form, ...]]:
    study, _ = read_study(STUDIES / name)
    return study, derive_forms(study, {key: ask(one) for key, one in find_measures_of(study).items()})


def plan_of(name: str, *, seed: int = 1, participants: int | None = None) -> Plan:
    study, forms = defined(name)
    return make_plan(study, forms, seed=seed, participants=participants)


@pytest.mark.parametrize("name", SIZES)
def test_the_same_seed_gives_the_same_plan_and_another_seed_another(name: str) -> None:
    assert plan_of(name) == plan_of(name)
    assert plan_of(name).people != plan_of(name, seed=2).people


@pytest.mark.parametrize("name", SIZES)
def test_as_many_are_enrolled_as_the_study_plans_and_screen_failures_come_on_top(name: str) -> None:
    people = plan_of(name).people
    assert sum(person.eligible for person in people) == SIZES[name]
    assert len(people) > SIZES[name]


@pytest.mark.parametrize(("name", "most"), SIZES.items())
def test_at_least_five_and_at_most_the_planned_number_are_rehearsed(name: str, most: int) -> None:
    assert sum(person.eligible for person in plan_of(name, participants=5).people) == 5
    assert sum(person.eligible for person in plan_of(name, participants=most).people) == most
    for count in (4, most + 1, 0, -1):
        with pytest.raises(Refusal, match="SIM-002"):
            plan_of(name, participants=count)


def test_phase_one_has_six_of_each_stratum_and_phase_two_thirty() -> None:
    """Sizes of the registry record, line 313, and half of its 60 in phase two."""
    levels = [person.level for person in plan_of(IRCT).people if person.eligible]
    assert sum(level == "mechanical ventilation" for level in levels[:12]) == 6
    assert sum(level == "mechanical ventilation" for level in levels[12:]) == 30


def test_blocks_of_eight_are_left_out_where_they_do_not_fit() -> None:
    """RND-001 of the study file's check: a block of 8 does not fit into a stratum of 6."""
    first, second = plan_of(IRCT).lists
    assert (first.stage, first.lengths, first.block_sizes) == ("phase_1", (), (2, 4))
    assert second.lengths == (("phase_2/a", 30), ("phase_2/b", 30))
    assert second.block_sizes == (2, 4, 8)


@pytest.mark.parametrize("name", ["mexcovid", "chictr2000030261"])
def test_a_study_with_one_arm_has_no_list_and_nobody_is_unblinded(name: str) -> None:
    plan = plan_of(name)
    assert plan.lists == ()
    assert plan.special.unblinded is None
    assert Deed.RANDOMISE not in {step.deed for step in plan.steps}


def test_the_product_is_given_as_often_as_the_study_file_says() -> None:
    """MEXCOVID inhales on 5 days; the IRCT record does not state a number, and one is taken."""
    for name, count in (("mexcovid", 5), (IRCT, 1)):
        study, _ = defined(name)
        person = next(one for one in plan_of(name).people if one.fate is Fate.COMPLETED and one.eligible)
        assert len(doses_of(study, person)) == count


@settings(max_examples=10)
@given(seed=st.integers(0, 10**9), name=st.sampled_from(list(SIZES)))
def test_every_plan_is_in_order_and_has_its_story(seed: int, name: str) -> None:
    plan = plan_of(name, seed=seed)
    study, _ = defined(name)
    assert list(plan.steps) == sorted(plan.steps, key=lambda step: step.at)
    assert plan.begins_at < plan.steps[0].at
    people = {person.number: person for person in plan.people}
    assert people[plan.special.dies].fate is Fate.DIED
    assert people[plan.special.withdraws].fate is Fate.WITHDRAWN
    for person in plan.people:
        assert decide_eligibility(study, person.answers).holds is person.eligible
    for step in plan.steps:
        person = people[step.person]
        if not person.eligible:
            assert step.deed is Deed.SCREEN
        elif step.encounter and step.on is not None:
            assert person.ended_on is not None
            assert step.on <= person.ended_on
    deeds = Counter(step.deed for step in plan.steps)
    assert deeds[Deed.ENROL] == deeds[Deed.END] == deeds[Deed.SIGN] == SIZES[name]
    assert deeds[Deed.DEVIATION] == deeds[Deed.SCREEN_WRONGLY] == 1
    assert deeds[Deed.UNBLIND] == (1 if name == IRCT else 0)


def test_a_study_file_is_marked_synthetic_once() -> None:
    source = (STUDIES / IRCT / "study.toml").read_text(encoding="utf-8")
    assert not parse_study(source.encode(), name="study.toml").synthetic
    marked = mark_synthetic(source)
    assert parse_study(marked.encode(), name="study.toml").synthetic
    assert mark_synthetic(marked) == marked
    assert mark_synthetic(marked.replace("synthetic = true", "synthetic = false")) == marked
