"""Filling in the forms of a rehearsal: drafts and complete forms, queries of edit checks, corrections with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from exotrial.operations.access import Role
from exotrial.operations.simulation.crew import Crew
from exotrial.operations.simulation.nature import Told, Values, draw_again, fill_form, known_by, without_some
from exotrial.operations.simulation.people import Person
from exotrial.operations.simulation.steps import Deed, Step
from exotrial.study.definition import Study
from exotrial.study.entry import item_of
from exotrial.study.items import DataType, Form

_WRITERS = {
    "F.AE": Role.INVESTIGATOR,
    "F.DISPOSITION": Role.INVESTIGATOR,
    "F.EXPOSURE": Role.CARE_PROVIDER,
}
_CORRECTED = 0.6
"""The share of queries about a number that end with another number; the others are confirmed."""


@dataclass(kw_only=True)
class Saved:
    """A form as it was last saved."""

    values: Values
    revision: int
    complete: bool
    on: date


@dataclass(kw_only=True)
class Going:
    """What is known of one person on the way."""

    code: str = ""
    kit: str = ""
    doses: list[datetime] = field(default_factory=list)
    saved: dict[tuple[str, str], Saved] = field(default_factory=dict)
    corrected: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """Answers that were corrected, by form, encounter and key."""
    queries: set[int] = field(default_factory=set)
    """Queries that are not closed."""


@dataclass(kw_only=True)
class Filling:
    """Who fills in the forms. `told` says what is known of a person, `later` puts a deed off to a moment."""

    crew: Crew
    study: Study
    seed: int
    going: dict[int, Going]
    told: Callable[[Person], Told]
    later: Callable[[datetime, Callable[[], None]], None]
    _asked: dict[tuple[str, str, str], set[int]] = field(default_factory=dict)
    """Queries of edit checks that were raised, by participant, form and encounter."""

    def values_of(self, person: Person, form: Form, *, encounter: str, on: date) -> Values:
        """What is to be written on a form, corrections kept."""
        going = self.going[person.number]
        values = fill_form(
            self.study,
            form,
            person,
            seed=self.seed,
            encounter=encounter,
            on=on,
            told=self.told(person),
        )
        for (oid, where, key), answer in going.corrected.items():
            if (oid, where) == (form.oid, encounter):
                put(values, key, answer)
        return values

    def fill(self, person: Person, form: Form, step: Step) -> None:
        """Save a form as a draft or complete, as the step says."""
        draft = step.deed is Deed.DRAFT
        assert step.on is not None
        last = person.ended_on or step.on
        on = last if form.oid == "F.AE" else step.on  # its rows are of the whole time
        values = self.values_of(person, form, encounter=step.encounter, on=on)
        if draft and form.oid == "F.AE":
            values = known_by(values, step.on)
        elif draft:
            stream = person.stream(self.seed, "draft", form.oid, step.encounter)
            values = without_some(values, stream=stream)
        self.save(person, form, step.encounter, values, complete=not draft, on=step.on)

    def save(
        self,
        person: Person,
        form: Form,
        encounter: str,
        values: Values,
        *,
        complete: bool,
        on: date,
        reason: str = "",
    ) -> None:
        """Save a form on the revision that is there, and see to the queries of its edit checks."""
        going = self.going[person.number]
        before = going.saved.get((form.oid, encounter))
        role = _WRITERS.get(form.oid, Role.OUTCOME_ASSESSOR if encounter else Role.COORDINATOR)
        answer = self._do(
            "save_form",
            role,
            person,
            participant=going.code,
            form=form.oid,
            encounter=encounter,
            values=values,
            complete=complete,
            revision=before.revision if before is not None else 0,
            reason=reason,
        )
        going.saved[form.oid, encounter] = Saved(
            values=values, revision=answer.revision, complete=complete, on=on
        )
        still = {query.query for query in answer.queries}
        for query in answer.queries:
            if query.query not in going.queries:
                at = self.crew.now + timedelta(days=1)
                self.later(at, partial(self._see_to, person, form, encounter, query.query, query.key))
        self._forget_closed(going, form, encounter, still)
        going.queries |= still

    def _forget_closed(self, going: Going, form: Form, encounter: str, still: set[int]) -> None:
        """Queries of this form that an edit check closed by itself are done with."""
        mine = self._asked.setdefault((going.code, form.oid, encounter), set())
        going.queries -= mine - still
        mine |= still

    def _see_to(self, person: Person, form: Form, encounter: str, query: int, key: str) -> None:
        """A query of an edit check: the number is corrected with a reason, or confirmed and the query closed."""
        going = self.going[person.number]
        if query not in going.queries:
            return
        item = item_of(form, key)
        stream = person.stream(self.seed, "query", form.oid, encounter, key)
        number = item is not None and item.data_type in (DataType.INTEGER, DataType.DECIMAL)
        saved = going.saved[form.oid, encounter]
        if item is not None and number and stream.random() < _CORRECTED:
            answer = draw_again(item, person, seed=self.seed, on=saved.on, told=self.told(person), key=key)
            going.corrected[form.oid, encounter, key] = answer
            values = put(saved.values, key, answer)
            self.save(
                person,
                form,
                encounter,
                values,
                complete=saved.complete,
                on=saved.on,
                reason="misread; corrected from the source",
            )
        else:
            self.answer_query(person, query, "the source says the same")

    def answer_query(self, person: Person, query: int, text: str) -> None:
        """The site answers a query; the monitor closes it a day later."""
        self._do("answer_query", Role.COORDINATOR, person, query=query, text=text)
        self.later(self.crew.now + timedelta(days=1), partial(self._close, person, query))

    def _close(self, person: Person, query: int) -> None:
        self._do("close_query", Role.MONITOR, person, query=query, text="seen in the source")
        self.going[person.number].queries.discard(query)

    def _do(self, name: str, role: Role, person: Person, /, **data: Any) -> Any:
        return self.crew.do(name, role, person.site, **data)


def put(values: Values, key: str, answer: Any) -> Values:
    """The values with one answer replaced in place, by its flat key, where it is there."""
    group, _, rest = key.partition("/")
    row, _, item = rest.rpartition("/")
    for one in values.get(group, []) if row else [values.get(group, {})]:
        if item in one and (not row or one["row"] == row):
            one[item] = answer
    return values
