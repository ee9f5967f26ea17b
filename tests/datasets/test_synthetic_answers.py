"""Synthetic answers fit every item of every form of the three studies, and make a trial that can be reported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.datasets.captured import read_captured
from exotrial.datasets.captured_write import write_captured
from exotrial.datasets.record_values import FormRecord
from exotrial.datasets.records import DatedEvent, ParticipantRow, derive_captured_tables
from exotrial.datasets.synthetic_answers import Context, draw_answers
from exotrial.datasets.synthetic_values import Rates, read_profiles
from exotrial.outcomes.measure import find_measures
from exotrial.report.build import build_report, read_report_input
from exotrial.study.items import DataType, Form, Item
from tests.conftest import PROJECT
from tests.datasets.records_given import IRCT, STUDIES, form_of, forms_of, study_of

ORIGIN = date(2021, 3, 5)
FORMS = [(study, form.oid) for study in STUDIES for form in forms_of(study)]


def a_context(day: int = 0, **more: Any) -> Context:
    given: dict[str, Any] = {"age": 50, "sex": "F", "on": ORIGIN + timedelta(days=day), "origin": ORIGIN}
    return Context(**(given | more))


def cells(form: Form, values: Mapping[str, Any]) -> Iterator[tuple[Item, Any]]:
    """Every item of the form with its answer, None where there is none."""
    for group in form.groups:
        held = values[group.oid]
        rows = held if group.repeating else [held]
        assert isinstance(rows, list)
        for row in rows:
            assert set(row) <= {item.oid for item in group.items} | {"row"}
            assert ("row" in row) is group.repeating
            for item in group.items:
                yield item, row.get(item.oid)


def fits(item: Item, value: object) -> bool:
    """Whether a value is of the item's type, in its codelist and within its hard bounds."""
    match item.data_type:
        case DataType.CODED:
            return item.codelist is not None and value in item.codelist.values
        case DataType.BOOLEAN:
            return isinstance(value, bool)
        case DataType.TEXT:
            return isinstance(value, str) and bool(value)
        case DataType.DATE:
            return isinstance(value, str) and bool(date.fromisoformat(value))
        case DataType.DATETIME:
            return isinstance(value, str) and len(value) > 10 and bool(datetime.fromisoformat(value))
        case DataType.INTEGER | DataType.DECIMAL:
            right = int if item.data_type is DataType.INTEGER else (int, float)
            return (
                isinstance(value, right)
                and not isinstance(value, bool)
                and (item.hard_low is None or value >= item.hard_low)
                and (item.hard_high is None or value <= item.hard_high)
            )


CONTEXTS = st.builds(
    a_context,
    st.integers(0, 80),
    age=st.integers(18, 75),
    sex=st.sampled_from("FM"),
    severity=st.floats(0, 1),
    half_life=st.floats(0.5, 50),
)
RATES = st.builds(Rates, missing=st.floats(0, 1), implausible=st.floats(0, 1), adverse_events=st.floats(0, 4))


@pytest.mark.parametrize(("study", "oid"), FORMS)
@given(seed=st.integers(0, 2**32), context=CONTEXTS, rates=RATES)
@settings(max_examples=40)
def test_every_answer_fits_its_item(study: str, oid: str, seed: int, context: Context, rates: Rates) -> None:
    form = form_of(study, oid)
    values = draw_answers(form, stream=Random(seed), context=context, rates=rates)
    for item, value in cells(form, values):
        if isinstance(value, dict):
            assert set(value) == {"missing"}
        elif value is None:
            assert not item.required or item.oid == "AE.END", item.oid
        else:
            assert fits(item, value), (item.oid, value)


@pytest.mark.parametrize(("study", "oid"), FORMS)
def test_without_slips_every_number_is_plausible(study: str, oid: str) -> None:
    form = form_of(study, oid)
    for seed in range(30):
        values = draw_answers(
            form,
            stream=Random(seed),
            context=a_context(seed),
            rates=Rates(missing=0, implausible=0),
        )
        for item, value in cells(form, values):
            assert not isinstance(value, dict)
            if isinstance(value, int | float) and not isinstance(value, bool):
                assert item.low is None or value >= item.low
                assert item.high is None or value <= item.high


def test_slips_come_at_about_the_rate_that_is_asked() -> None:
    form = form_of(IRCT, "F.VISIT.DAY_5")
    stream = Random(1)
    drawn = [
        draw_answers(form, stream=stream, context=a_context(), rates=Rates(missing=0.2, implausible=0.3))[
            "IG.CRP"
        ]
        for _ in range(1000)
    ]
    crp = [row["crp"] for row in drawn if isinstance(row, dict)]
    assert 150 < sum(isinstance(value, dict) for value in crp) < 250  # 200, four standard deviations of 12.6
    # implausible among the 800 that are there: 240 of 1000, within four standard deviations of 13.5
    assert 186 < sum(isinstance(value, int | float) and value > 700 for value in crp) < 294


def test_values_improve_over_time() -> None:
    form = form_of(IRCT, "F.VISIT.DAY_5")
    means = []
    for day in (0, 5, 10, 20):
        rows = [
            draw_answers(
                form, stream=Random(seed), context=a_context(day), rates=Rates(missing=0, implausible=0)
            )
            for seed in range(200)
        ]
        numbers = [row["IG.CRP"]["crp"] for row in rows if isinstance(row["IG.CRP"], dict)]
        means.append(sum(number for number in numbers if isinstance(number, int | float)) / len(numbers))
    assert means == sorted(means, reverse=True)


def test_a_shorter_half_life_is_less_severe_on_the_same_day() -> None:
    assert a_context(6, half_life=6).severity_now == pytest.approx(0.4)  # 0.8 halved once
    assert a_context(6, half_life=3).severity_now == pytest.approx(0.2)  # and twice


def test_the_same_stream_gives_the_same_answers() -> None:
    for form in forms_of(IRCT):
        first, second = (draw_answers(form, stream=Random(4), context=a_context(3)) for _ in range(2))
        assert first == second


def test_adverse_events_come_at_the_rate_that_is_asked() -> None:
    form, stream = form_of(IRCT, "F.AE"), Random(2)
    counts = [
        len(
            draw_answers(form, stream=stream, context=a_context(20), rates=Rates(adverse_events=1.5))["IG.AE"]
        )
        for _ in range(2000)
    ]
    # geometric with mean 1.5 has variance 1.5 * 2.5; four standard errors of 2000 draws are 0.17
    assert sum(counts) / len(counts) == pytest.approx(1.5, abs=0.18)


def test_no_profile_is_for_an_item_that_does_not_exist() -> None:
    known = {item.oid for measure in find_measures().values() for item in measure.items}
    known |= {item.oid for study in STUDIES for form in forms_of(study) for item in form.items}
    assert set(read_profiles()) <= known


def test_an_impossible_context_is_refused() -> None:
    with pytest.raises(ValueError, match="severity"):
        a_context(severity=1.1)
    with pytest.raises(ValueError, match="share"):
        Rates(missing=1.5)


def records_of(name: str, people: int) -> tuple[list[FormRecord], list[ParticipantRow], list[DatedEvent]]:
    study, stream = study_of(name), Random(9)
    days = {encounter.id: encounter.day for encounter in study.encounters}
    records, rows, events = [], [], []
    for number in range(1, people + 1):
        code = f"SYNTHETIC-{number:03d}"
        sex, age = "FM"[number % 2], 30 + number % 30
        rows.append(ParticipantRow(code=code, site="site", sex=sex, age=age, dates={"screened": ORIGIN}))
        if study.design.allocation == "randomised":
            events.append(DatedEvent(participant=code, event="randomised", on=ORIGIN))
        for form in forms_of(name):
            for encounter in form.encounters or ("",):
                context = a_context(days.get(encounter, 70), age=age, sex=sex, encounter=encounter)
                context = context if form.oid != "F.EXPOSURE" else a_context(0)
                values = draw_answers(form, stream=stream, context=context)
                records.append(
                    FormRecord(
                        participant=code,
                        form=form.oid,
                        encounter=encounter,
                        study_version=study.version,
                        status="signed",
                        values=values,
                    )
                )
    return records, rows, events


@pytest.mark.parametrize("name", STUDIES)
def test_a_synthetic_trial_becomes_captured_data_without_contradictions(name: str, tmp_path: Path) -> None:
    records, people, events = records_of(name, 12)
    made = derive_captured_tables(study_of(name), forms_of(name), records, people, events)
    assert {finding.rule for finding in made.findings} <= {"RCF-007"}
    write_captured(tmp_path, made.tables)
    captured = read_captured(tmp_path)
    assert captured.participants.height == 12
    assert captured.measurements["AVALN"].drop_nulls().len() > 12


def test_a_synthetic_blinded_trial_of_the_registered_study_makes_a_blinded_report(tmp_path: Path) -> None:
    records, people, events = records_of(IRCT, 24)
    made = derive_captured_tables(study_of(IRCT), forms_of(IRCT), records, people, events)
    write_captured(tmp_path / "data", made.tables)
    (tmp_path / "study.toml").write_bytes((PROJECT / "studies" / IRCT / "study.toml").read_bytes())
    given_input = read_report_input(tmp_path)
    report = build_report(given_input)
    assert given_input.arms_are_hidden
    assert any(notice.startswith("Blinded:") for notice in report.notices)
    assert {"flow", "baseline", "safety"} <= {section.id for section in report.sections}
