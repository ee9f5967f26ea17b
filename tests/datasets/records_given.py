"""The three shipped studies with their forms, and short ways to records of them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Literal

from exotrial.datasets.record_values import FormRecord
from exotrial.datasets.records import CapturedTables, DatedEvent, ParticipantRow, derive_captured_tables
from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.study.definition import Study
from exotrial.study.file import read_study
from exotrial.study.forms import derive_forms
from exotrial.study.items import Form
from tests.conftest import PROJECT

IRCT, MEXCOVID, CHICTR = "irct20201202049568n3", "mexcovid", "chictr2000030261"
STUDIES = (IRCT, MEXCOVID, CHICTR)


@cache
def study_of(name: str) -> Study:
    return read_study(PROJECT / "studies" / name)[0]


@cache
def forms_of(name: str) -> tuple[Form, ...]:
    study = study_of(name)
    return derive_forms(study, {name: ask(measure) for name, measure in find_measures_of(study).items()})


def form_of(name: str, oid: str) -> Form:
    return next(form for form in forms_of(name) if form.oid == oid)


def a_record(
    form: str,
    values: dict[str, object],
    *,
    encounter: str = "",
    participant: str = "IRCT-1",
    repeat: int = 1,
    status: Literal["draft", "complete", "signed"] = "signed",
    version: str = "1",
) -> FormRecord:
    return FormRecord(
        participant=participant,
        site="imam_khomeini",
        form=form,
        encounter=encounter,
        repeat=repeat,
        study_version=version,
        status=status,
        values=values,
    )


def visit(day: str = "2021-03-05", **groups: object) -> dict[str, object]:
    return {"IG.VISIT": {"SV.DATE": day}, **{f"IG.{name}": values for name, values in groups.items()}}


def derived(
    *records: FormRecord,
    study: str = IRCT,
    people: tuple[ParticipantRow, ...] = (
        ParticipantRow(code="IRCT-1", site="imam_khomeini", sex="F", age=40),
    ),
    events: tuple[DatedEvent, ...] = (),
) -> CapturedTables:
    return derive_captured_tables(study_of(study), forms_of(study), records, people, events)


def on(text: str) -> date:
    return date.fromisoformat(text)
