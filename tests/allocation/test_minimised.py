"""Minimisation as a manifest writes it: one form, read back as it was, and refused in every other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.allocation.manifest import ListStratum, Manifest, Parameter
from exotrial.allocation.minimisation import Allocated, Factor, compute_imbalances, decide_arm
from exotrial.allocation.minimised import describe_plan, has_strata, read_plan, write_parameters
from exotrial.allocation.order import FIELDS, MARKS_LENGTH, Entry, Signed, find_changed, is_genuine, sign
from exotrial.core.errors import Refusal, Refusals

STRATUM = Factor(name="stratum", levels=("a", "b"), weight=2)
SITE = Factor(name="site", levels=None, weight=1)
PARAMETERS = write_parameters(p="4/5", measure="range", factors=[STRATUM, SITE])
MANIFEST = Manifest(
    study="example",
    study_version=1,
    arms=("exosomes", "control"),
    ratio=(1, 1),
    strata=(ListStratum(id="all", length=8),),
    method="minimisation",
    parameters=PARAMETERS,
)
ENTRY = Entry(
    n=1,
    list="0" * 64,
    stratum="all",
    slot=1,
    participant="P1",
    at="2026-02-01T09:30:00Z",
    leaf="1" * 64,
    prev="2" * 64,
    levels=(("site", "north"), ("stratum", "a")),
)
KEY = bytes(range(32))


def with_parameters(**more: Parameter) -> Manifest:
    return replace(MANIFEST, parameters={**PARAMETERS, **more})


def test_a_plan_is_read_as_it_was_written() -> None:
    plan = read_plan(MANIFEST)
    assert plan.factors == (STRATUM, SITE)
    assert (plan.p, plan.measure, plan.arms) == ("4/5", "range", MANIFEST.arms)
    assert PARAMETERS["factors"] == (
        '[{"levels":["a","b"],"name":"stratum","weight":2},{"levels":null,"name":"site","weight":1}]'
    )
    assert has_strata(MANIFEST)
    assert "stratum (weight 2) and site (weight 1)" in describe_plan(MANIFEST)


@given(
    st.lists(
        st.builds(
            Factor,
            name=st.text(min_size=1),
            levels=st.none() | st.lists(st.text(min_size=1), min_size=2, unique=True).map(tuple),
            weight=st.integers(1, 99),
        ),
        min_size=1,
        unique_by=lambda one: one.name,
    )
)
def test_any_factors_are_read_back(factors: list[Factor]) -> None:
    parameters = write_parameters(p="3/4", measure="variance", factors=factors)
    assert read_plan(replace(MANIFEST, parameters=parameters)).factors == tuple(factors)


@pytest.mark.parametrize(
    "manifest",
    [
        replace(MANIFEST, parameters={}),
        with_parameters(more=1),
        with_parameters(p=1),
        with_parameters(factors=1),
        with_parameters(factors="["),
        with_parameters(factors="{}"),
        with_parameters(factors="[1]"),
        with_parameters(factors="[" * 9999),
        with_parameters(factors='[{"name":"site","weight":1}]'),
        with_parameters(factors='[{"levels":[1],"name":"site","weight":1}]'),
        with_parameters(factors='[{"levels":null,"name":1,"weight":1}]'),
        with_parameters(factors='[{"levels":null,"name":"site","weight":"1"}]'),
        with_parameters(factors='[{"levels": null,"name":"site","weight":1}]'),
        with_parameters(factors='[{"name":"site","levels":null,"weight":1}]'),
    ],
)
def test_parameters_that_hold_no_plan_are_refused(manifest: Manifest) -> None:
    with pytest.raises(Refusal, match="ENV-020"):
        read_plan(manifest)


@pytest.mark.parametrize(
    "manifest",
    [
        with_parameters(measure="sum"),
        with_parameters(p="1/2"),
        with_parameters(factors="[]"),
        with_parameters(factors='[{"levels":["a"],"name":"stratum","weight":1}]'),
        with_parameters(factors='[{"levels":null,"name":"site","weight":0}]'),
        with_parameters(factors='[{"levels":null,"name":"site","weight":true}]'),
    ],
)
def test_a_plan_that_cannot_be_used_is_refused(manifest: Manifest) -> None:
    with pytest.raises(Refusals, match="SEQ-021"):
        read_plan(manifest)


def test_at_a_new_site_the_site_balances_nothing_yet() -> None:
    """Pocock and Simon 1975: at a level without participants every arm gives the same range, here 1."""
    plan = read_plan(MANIFEST)
    before = [Allocated(levels={"stratum": "a", "site": "north"}, arm="exosomes")] * 3
    at_new = compute_imbalances(before, levels={"stratum": "b", "site": "south"}, plan=plan)
    assert list(at_new) == [3, 3]  # 2 for the stratum, 1 for the site, in either arm
    at_old = compute_imbalances(before, levels={"stratum": "b", "site": "north"}, plan=plan)
    assert list(at_old) == [2 + 4, 2 + 2]


@pytest.mark.parametrize("levels", [{"stratum": "c", "site": "north"}, {"stratum": "a", "site": ""}])
def test_an_unknown_stratum_and_an_empty_site_are_refused(levels: dict[str, str]) -> None:
    with pytest.raises(Refusals, match="SEQ-022"):
        decide_arm([], levels=levels, plan=read_plan(MANIFEST), draw=bytes(32))


def test_levels_are_signed_and_an_entry_without_them_is_written_as_before() -> None:
    signed = sign(ENTRY, key=KEY)
    assert is_genuine(signed, key=KEY)
    assert len(signed.marks) == MARKS_LENGTH + 16
    plain = replace(ENTRY, levels=())
    assert "levels" not in plain.as_json()
    assert len(sign(plain, key=KEY).marks) == MARKS_LENGTH


@pytest.mark.parametrize("levels", [(), (("site", "south"), ("stratum", "a")), (("site", "north"),)])
def test_changed_levels_are_found_by_their_mark(levels: tuple[tuple[str, str], ...]) -> None:
    signed = sign(ENTRY, key=KEY)
    changed = replace(signed, entry=replace(ENTRY, levels=levels))
    assert not is_genuine(changed, key=KEY)
    assert find_changed(changed, key=KEY) == ("levels",)


def test_levels_put_into_an_entry_without_any_are_found() -> None:
    signed = sign(replace(ENTRY, levels=()), key=KEY)
    assert find_changed(replace(signed, entry=ENTRY), key=KEY) == ("levels",)


def test_an_entry_of_another_key_has_every_field_changed() -> None:
    signed: Signed = sign(ENTRY, key=bytes(32))
    assert set(find_changed(signed, key=KEY)) == {*FIELDS, "levels"}
