"""A published trial entered as it would have been kept: its tables, through the operations, at the time of each.

`published/entry.toml` beside the study file says how. An answer that is not published is missing, as unknown.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.units import convert_value, parse_unit
from exotrial.operations.access import Role
from exotrial.operations.simulation.crew import Crew, take_up
from exotrial.outcomes.in_study import ask, find_measures_of
from exotrial.study.file import parse_study
from exotrial.study.forms import UNPLANNED, derive_forms
from exotrial.study.items import DataType, Form, Item

OTHER_UNIT = ErrorCode(
    "DMO-001",
    "A published value has another unit than the form asks for.",
    "write the value in the form's unit in data/measurements.csv, with its source.",
)

UNKNOWN = {"missing": "unknown"}
_DONE = timedelta(hours=9)
"""When on its day something is entered, counted from midnight at the site."""

Row = Mapping[str, str]
Deed = tuple[datetime, Callable[[], None]]


@dataclass(kw_only=True)
class Published:
    """One published trial being entered: the crew at its study, what the entry file says, and the tables."""

    crew: Crew
    entry: Mapping[str, Any]
    forms: tuple[Form, ...]
    arm: str
    site: str
    people: list[Row]
    days: Mapping[tuple[str, str], list[date]]
    values: Mapping[tuple[str, str, str], Row]
    """Rows of measurements by participant, PARAMCD and AVISIT."""

    def do(self, name: str, role: Role, /, **data: Any) -> Any:
        """Do something as a role at the one site."""
        return self.crew.do(name, role, self.site, **data)

    def at(self, day: date, hour: time | timedelta = _DONE) -> datetime:
        """A moment of a day at the site."""
        there = datetime.combine(day, hour if isinstance(hour, time) else time(), self.zone)
        return there + hour if isinstance(hour, timedelta) else there

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.entry["zone"])

    def enter(self, told: Callable[[int, int], None]) -> None:
        """Everything that the tables tell, in the order of time, and the lock at the end."""
        self._receive_product()
        deeds = sorted(
            (deed for person in self.people for deed in self._deeds(person)), key=lambda one: one[0]
        )
        for done, (at, deed) in enumerate(deeds, start=1):
            self.crew.now = max(self.crew.now, at)
            deed()
            told(done, len(deeds))
        self.crew.now = self.at(self.entry["locks"])
        self.do("lock_study", Role.SPONSOR, reason="entered as far as it is published")

    def _receive_product(self) -> None:
        batch = "not-published"
        last = self.entry["locks"].isoformat()
        self.do(
            "register_batch", Role.PHARMACIST, code=batch, expires_on=last, reason="no batch is published"
        )
        self.do("release_batch", Role.PHARMACIST, code=batch, reason="the paper reports it as given")
        for person in self.people:
            number = f"KIT-{person['USUBJID'].rpartition('-')[2]}"
            self.do("pack_kit", Role.PHARMACIST, number=number, arm=self.arm, batch=batch)

    def _deeds(self, person: Row) -> Iterator[Deed]:
        code = person["USUBJID"]
        (first,) = self.days[code, "first dose"]
        (recovered,) = self.days[code, "recovery"]
        begun = self.at(first, self.entry["dose"]["hour"])
        yield begun - timedelta(hours=1), partial(self._admit, person, begun)
        yield begun + timedelta(hours=1), partial(self._dose, code, begun)
        yield self.at(recovered), partial(self._record, person)
        yield self.at(recovered, timedelta(hours=18)), partial(self._end, code)
        absorbed = self.days.get((code, "lesion absorbed"))
        if absorbed:
            last = max(absorbed[0], recovered)
            yield self.at(last, timedelta(hours=19)), partial(self._scans, code, first, absorbed[0])

    def _admit(self, person: Row, begun: datetime) -> None:
        code = person["USUBJID"]
        answers = {"age": int(person["AGE"]), **self.entry["answers"]}
        why = "eligible, the paper says"
        self.do("screen", Role.COORDINATOR, site=self.site, code=code, answers=answers, reason=why)
        self.do(
            "record_consent",
            Role.COORDINATOR,
            participant=code,
            version="not published",
            signed_at=self.crew.now.isoformat(),
            reason="the paper reports consent and prints no day",
        )
        self.do("enrol", Role.COORDINATOR, participant=code)
        for one in self.entry.get("deviations", ()):
            if one["participant"] == code:
                self.do(
                    "report_deviation",
                    Role.COORDINATOR,
                    participant=code,
                    happened_on=begun.date().isoformat(),
                    category=one["category"],
                    importance="important",
                    text=one["text"],
                )

    def _dose(self, code: str, begun: datetime) -> None:
        kit = f"KIT-{code.rpartition('-')[2]}"
        dose = self.entry["dose"]
        self.do("assign_kit", Role.CARE_PROVIDER, participant=code, kit=kit)
        self.do(
            "record_dose",
            Role.CARE_PROVIDER,
            participant=code,
            kit=kit,
            begun_at=begun.isoformat(),
            ended_at=(begun + timedelta(minutes=dose["minutes"])).isoformat(),
            complete=True,
            note=dose["note"],
        )

    def _record(self, person: Row) -> None:
        code = person["USUBJID"]
        values = {"IG.DM": {"DM.SEX": person["SEX"], "DM.AGE": person["AGE"]}}
        self._save(code, "F.DEMOGRAPHICS", "", values, role=Role.COORDINATOR)
        for form in self.forms:
            for encounter in form.encounters:
                measured = self._measured(form, code, encounter)
                if measured:
                    self._save(code, form.oid, encounter, measured)

    def _measured(self, form: Form, code: str, encounter: str) -> dict[str, Any]:
        """A visit's form as the tables fill it in; nothing where they hold nothing of the visit."""
        groups: dict[str, Any] = {}
        found = False
        for group in form.groups:
            row = self.values.get((code, group.oid.removeprefix("IG."), encounter.upper()))
            found |= row is not None
            groups[group.oid] = {
                item.oid: UNKNOWN if row is None else answer_of(row, item) for item in group.items
            }
        return groups if found else {}

    def _scans(self, code: str, first: date, absorbed: date) -> None:
        seen = sorted({*self.days.get((code, "ct"), ()), absorbed})
        items = {item.oid: item for form in self.forms if form.oid == UNPLANNED for item in form.items}
        see, gone = (code.value for code in items["lesions"].codelist.codes)  # type: ignore[union-attr]
        self._save(
            code,
            UNPLANNED,
            "",
            {
                "IG.VISIT": {"SV.DATE": absorbed.isoformat()},
                "IG.CTABSORB": {"index_date": first.isoformat()},
                "IG.CTABSORB.ROWS": [
                    {
                        "row": str(number),
                        "scanned_on": day.isoformat(),
                        "lesions": gone if day == absorbed else see,
                    }
                    for number, day in enumerate(seen, start=1)
                ],
                "IG.LOSNIGHT": {"admission_date": UNKNOWN, "discharge_date": UNKNOWN},
            },
        )

    def _save(
        self,
        code: str,
        form: str,
        encounter: str,
        values: Mapping[str, Any],
        *,
        role: Role = Role.OUTCOME_ASSESSOR,
    ) -> None:
        saved = self.do(
            "save_form",
            role,
            participant=code,
            form=form,
            encounter=encounter,
            values=values,
            complete=True,
            reason="as published",
        )
        for query in saved.queries:
            self.do("answer_query", Role.COORDINATOR, query=query.query, text="It is printed so.")
            self.do("close_query", Role.MONITOR, query=query.query, text="Seen in the publication.")

    def _end(self, code: str) -> None:
        self.do(
            "end_treatment",
            Role.INVESTIGATOR,
            participant=code,
            reason="not published; recovered on this day",
        )
        self.do(
            "end_participation",
            Role.INVESTIGATOR,
            participant=code,
            kind="completed",
            ended_at=self.crew.now.isoformat(),
            reason="recovered (table 1, line 177)",
        )


def answer_of(row: Row, item: Item) -> Any:
    """A printed value as a form takes it, digit for digit. Refuses with DMO-001."""
    printed = row["AVAL"]
    if not printed:
        return UNKNOWN
    if item.data_type is DataType.BOOLEAN:
        return {"0": "false", "1": "true"}[printed]
    value = Decimal(printed)
    if convert_value(value, parse_unit(row["AVALU"]), parse_unit(item.unit)) != value:
        raise OTHER_UNIT.refuse(
            f"{row['USUBJID']} {row['PARAMCD']}: printed in {row['AVALU']}, asked in {item.unit}",
            place=Place(path=item.oid),
            value=printed,
        )
    return printed


def load_published(
    crew: Crew, folder: Path, *, told: Callable[[int, int], None] = lambda done, of: None
) -> None:
    """Enter the published data of a study's folder into the crew's installation, as far as they go, and lock them.

    Where no table of participants is published, the number of them is all that is entered.
    """
    with (folder / "published" / "entry.toml").open("rb") as file:
        entry = tomllib.load(file)
    source = with_note((folder / "study.toml").read_text(encoding="utf-8"), entry["note"])
    study = parse_study(source.encode(), name="study.toml")
    forms = derive_forms(study, {name: ask(measure) for name, measure in find_measures_of(study).items()})
    begins = entry.get("begins")
    if begins is not None:
        crew.now = datetime.combine(begins, time(8), UTC)
    site = study.sites[0]
    take_up(crew, source=source, sites=((site.id, site.name, entry["zone"]),), approval=entry["approval"])
    data = folder / "data"
    if not (data / "participants.csv").is_file():
        count = int(entry["participants"])
        for number in range(1, count + 1):
            code = f"{study.id.upper()}-{number}"
            crew.do(
                "screen", Role.COORDINATOR, site.id, site=site.id, code=code, reason="the number is published"
            )
            told(number, count)
        crew.do("lock_study", Role.SPONSOR, site.id, reason="entered as far as it is published")
        return
    days: dict[tuple[str, str], list[date]] = {}
    for row in _rows(data / "events.csv"):
        days.setdefault((row["USUBJID"], row["EVENT"]), []).append(date.fromisoformat(row["ADT"]))
    Published(
        crew=crew,
        entry=entry,
        forms=forms,
        arm=study.arms[0].id,
        site=site.id,
        people=_rows(data / "participants.csv"),
        days=days,
        values={
            (row["USUBJID"], row["PARAMCD"], row["AVISIT"]): row
            for row in _rows(data / "measurements.csv")
            if row["AVISIT"]
        },
    ).enter(told)


def with_note(source: str, note: str) -> str:
    """The text of a study file with what every page is to say of its data."""
    line = f'schema_version = 1\ndata_note = "{note}"'
    return source.replace("schema_version = 1", line, 1)


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
