"""One trial in the form of ICTRP's DTD: its single elements as a row's cells, its lists as parts of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Refusal
from exotrial.registries.date_text import read_date_text
from exotrial.registries.ictrp_findings import DATE_MENDED, DATE_UNDECIDED, Found
from exotrial.registries.ictrp_rows import NO_TRIAL_ID, Row, is_empty
from exotrial.registries.mojibake import repair_mojibake
from exotrial.registries.outcome_text import read_outcomes
from exotrial.registries.record import (
    Level,
    Loss,
    RecordedCondition,
    RecordedContact,
    RecordedEthics,
    RecordedOutcome,
    RecordedSponsor,
    RegistryRecord,
    Stated,
)
from exotrial.registries.registry import RecordFile

NOT_DESCRIBED = "(not described)"
"""What stands for the treatment of an arm that the study file does not describe; the form has no empty place for it."""

_COLUMNS = {
    "main/trial_id": "trialid",
    "main/reg_name": "sourceregister",
    "main/public_title": "publictitle",
    "main/acronym": "acronym",
    "main/scientific_title": "scientifictitle",
    "main/target_size": "targetsize",
    "main/recruitment_status": "recruitmentstatus",
    "main/url": "webaddress",
    "main/study_type": "studytype",
    "main/study_design": "studydesign",
    "main/phase": "phase",
    "main/hc_freetext": "condition",
    "main/i_freetext": "intervention",
    "main/results_url_link": "resultsurllink",
    "main/results_IPD_plan": "resultsipdplan",
    "main/results_IPD_description": "resultsipddescription",
    "criteria/inclusion_criteria": "inclusioncriteria",
    "criteria/exclusion_criteria": "exclusioncriteria",
    "criteria/agemin": "inclusionagemin",
    "criteria/agemax": "inclusionagemax",
    "criteria/gender": "inclusiongender",
}
_DAYS = {
    "main/date_registration": ("dateregistration", "registered"),
    "main/date_enrolment": ("dateenrolment", "start"),
    "main/results_date_completed": ("resultsdatecompleted", "completion"),
    "main/results_date_posted": ("resultsdateposted", "results_posted"),
}
_LISTS = {
    "primary_outcome/prim_outcome": "primaryoutcome",
    "secondary_outcome/sec_outcome": "secondaryoutcome",
    "countries/country2": "countries",
    "secondary_sponsor/sponsor_name": "secondarysponsor",
    "source_support/source_name": "sourcesupport",
    "secondary_ids/secondary_id/sec_id": "secondaryids",
    "main/primary_sponsor": "primarysponsor",
}
_CODES, _CODE_WORDS = "health_condition_code/hc_code", "health_condition_keyword/hc_keyword"
_READ_APART = frozenset(
    {"main/utrn", "main/scientific_acronym", "main/type_enrolment", "main/results_actual_enrolment"}
)
_ENROLMENT = {"actual": True, "anticipated": False}
_ROLES = {"public": "public inquiries", "scientific": "scientific inquiries"}
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Leaf:
    """An element that holds words: its path below the trial, the words and their line."""

    path: str
    text: str
    line: int


@dataclass(kw_only=True)
class Upload:
    """A trial as read: `row` for what an export has cells for, the rest by element."""

    file: RecordFile
    trial: Any = field(repr=False)
    row: Row
    leaves: tuple[_Leaf, ...] = field(repr=False)
    days: dict[str, Stated[PartialDate]]
    found: Found
    left_out: dict[str, str]

    def items(self, record: RegistryRecord) -> dict[str, Any]:
        """Fields of the record by name: lists with every element apart, dates with the words that print them."""
        return {
            **self.days,
            **self._singles(record),
            "secondary_ids": (*self._all("main/utrn"), *self._all("secondary_ids/secondary_id/sec_id")),
            "countries": self._all("countries/country2"),
            "sponsors": tuple(self._sponsors()),
            "contacts": tuple(self._contacts()),
            "ethics": tuple(self._ethics()),
            "conditions": self._conditions(record),
            "outcomes": (
                *self._outcomes("primary_outcome/prim_outcome", "primary"),
                *self._outcomes("secondary_outcome/sec_outcome", "secondary"),
            ),
            "arms": tuple(
                replace(arm, description=None)
                if arm.description is not None and arm.description.value == NOT_DESCRIBED
                else arm
                for arm in record.arms
            ),
        }

    def unheld(self, record: RegistryRecord) -> Iterator[Loss]:
        """Elements that a record has no place for; persons are not repeated."""
        held = {*_COLUMNS, *_DAYS, *_LISTS, *_READ_APART} - set(self.left_out)
        if self._pairs(record):
            held |= {_CODES, _CODE_WORDS}
        if record.acronym is not None and record.acronym.value != self._first_words(
            "main/scientific_acronym"
        ):
            held -= {"main/scientific_acronym"}
        for leaf in self.leaves:
            if leaf.path in held or leaf.path.startswith(("contacts/", "ethics_reviews/")):
                continue
            why = self.left_out.get(leaf.path, "no item of a record")
            place = self.file.at(leaf.line, path=f"trial {self.row.number}, {leaf.path}")
            yield Loss(item=leaf.path, prints=leaf.text[:200], why=why, place=place)

    def _state(self, leaf: _Leaf, value: Any = None) -> Stated[Any]:
        words = " ".join(repair_mojibake(leaf.text).split())
        place = self.file.at(leaf.line, path=f"trial {self.row.number}, {leaf.path}")
        return Stated(value=words if value is None else value, prints=words, place=place)

    def _all(self, path: str) -> tuple[Stated[str], ...]:
        return tuple(self._state(leaf) for leaf in self.leaves if leaf.path == path)

    def _first(self, path: str) -> _Leaf | None:
        return next((leaf for leaf in self.leaves if leaf.path == path), None)

    def _first_words(self, path: str) -> str:
        leaf = self._first(path)
        return self._state(leaf).prints if leaf else ""

    def _singles(self, record: RegistryRecord) -> dict[str, Any]:
        items: dict[str, Any] = {}
        acronym, kind = self._first("main/scientific_acronym"), self._first("main/type_enrolment")
        if record.acronym is None and acronym is not None:
            items["acronym"] = self._state(acronym)
        if kind is not None:
            if kind.text.lower() in _ENROLMENT:
                items["start_actual"] = _ENROLMENT[kind.text.lower()]
            else:
                self.left_out[kind.path] = "neither anticipated nor actual"
        size = self._first("main/results_actual_enrolment")
        if size is not None:
            if size.text.isascii() and size.text.isdigit():
                items["actual_size"] = self._state(size, int(size.text))
            else:
                self.left_out[size.path] = "not one whole number"
        return items

    def _sponsors(self) -> Iterator[RecordedSponsor]:
        yield from (RecordedSponsor(name=one, role="sponsor") for one in self._all("main/primary_sponsor"))
        for name in self._all("secondary_sponsor/sponsor_name"):
            yield RecordedSponsor(name=name, role="collaborator")
        for name in self._all("source_support/source_name"):
            yield RecordedSponsor(name=name, role="funder")

    def _contacts(self) -> Iterator[RecordedContact]:
        for contact in self.trial.iterfind("contacts/contact"):
            told = {part.tag: _words(part) for part in contact}
            joined = {
                name: " ".join(filter(None, (told.get(part, "") for part in parts)))
                for name, parts in {
                    "name": ("firstname", "middlename", "lastname"),
                    "address": ("address", "city", "zip", "country1"),
                }.items()
            }
            role = told.get("type", "").lower()
            found = RecordedContact(
                role=_ROLES.get(role, role),
                name=joined["name"],
                address=joined["address"],
                telephone=told.get("telephone", ""),
                email=told.get("email", ""),
                affiliation=told.get("affiliation", ""),
            )
            if any((found.name, found.address, found.telephone, found.email, found.affiliation)):
                yield found

    def _ethics(self) -> Iterator[RecordedEthics]:
        for number, review in enumerate(self.trial.iterfind("ethics_reviews/ethics_review"), 1):
            told: dict[str, Stated[str]] = {}
            for part in review:
                if not is_empty(_words(part)):
                    path = f"ethics_reviews/ethics_review[{number}]/{part.tag}"
                    leaf = _Leaf(path=path, text=_words(part), line=part.sourceline)
                    told[part.tag] = self._state(leaf)
            day = told.get("approval_date")
            approved = read_day(day.prints) if day is not None else None
            if day is not None and approved is None:
                self.found.note(DATE_UNDECIDED, "ethics", f"“{day.prints}” is no day", prints=day.prints)
            committee, status = told.get("contact_name"), told.get("status")
            if committee or status or approved:
                yield RecordedEthics(
                    committee=committee,
                    approved=replace(day, value=approved[0]) if day and approved else None,  # type: ignore[arg-type]
                    status=status,
                    address=told.get("contact_address"),
                )

    def _pairs(self, record: RegistryRecord) -> list[tuple[_Leaf | None, _Leaf | None]]:
        """Code and words of each condition, where the form has one code element for every condition."""
        codes, words = (
            [_Leaf(path=path, text=_words(one), line=one.sourceline) for one in self.trial.iterfind(path)]
            for path in (_CODES, _CODE_WORDS)
        )
        if len(codes) != len(record.conditions) or len(words) not in (len(codes), 1):
            return []
        if len(words) < len(codes):
            if words[0].text:
                return []
            words = words * len(codes)
        return [
            (code if code.text else None, word if word.text and code.text else None)
            for code, word in zip(codes, words, strict=True)
        ]

    def _conditions(self, record: RegistryRecord) -> tuple[RecordedCondition, ...]:
        pairs = self._pairs(record)
        if not pairs:
            return record.conditions
        return tuple(
            condition
            if code is None
            else replace(condition, code=self._state(code), code_text=self._state(words) if words else None)
            for condition, (code, words) in zip(record.conditions, pairs, strict=True)
        )

    def _outcomes(self, path: str, level: Level) -> Iterator[RecordedOutcome]:
        for leaf in self.leaves:
            if leaf.path == path:
                stated = self._state(leaf)
                yield from read_outcomes(stated.value, level, place=stated.place)


def read_upload(file: RecordFile, trial: Any, number: int) -> Upload:
    """Read the elements of one `trial`; ICT-004 where it has no number."""
    leaves = tuple(_leaves(trial))
    cells: dict[str, str] = {}
    heads = {column: path for path, column in {**_COLUMNS, **_LISTS}.items()} | {"ethics": "ethics_reviews"}
    heads |= {column: path for path, (column, _) in _DAYS.items()}
    lines: dict[str, int] = {}
    for leaf in leaves:
        column = _COLUMNS.get(leaf.path) or _LISTS.get(leaf.path)
        if column is not None:
            cells[column] = f"{cells[column]};{leaf.text}" if column in cells else leaf.text
            lines.setdefault(column, leaf.line)
    row = Row(number=number, line=trial.sourceline, cells=cells, heads=heads, snapshot=file.name, lines=lines)
    if "trialid" not in cells:
        problem = f"trial {number} has no trial_id"
        raise NO_TRIAL_ID.refuse(problem, place=row.place(file, "trialid"))
    upload = Upload(
        file=file, trial=trial, row=row, leaves=leaves, days={}, found=Found(file=file, row=row), left_out={}
    )
    for leaf in leaves:
        if leaf.path in _DAYS:
            column, name = _DAYS[leaf.path]
            lines[column] = leaf.line
            read = read_day(leaf.text)
            if read is None:
                upload.found.note(DATE_UNDECIDED, column, f"“{leaf.text}” is no day", prints=leaf.text)
                upload.left_out[leaf.path] = "a date that is not decided is left out"
                continue
            day, how = read
            if how:
                upload.found.note(
                    DATE_MENDED, column, f"“{leaf.text}” {how}: read as {day}", prints=leaf.text
                )
            # Two records that claim one number are told apart by their days, too.
            cells[column] = str(day)
            place = file.at(leaf.line, path=f"trial {number}, {leaf.path}")
            upload.days[name] = Stated(value=day, prints=leaf.text, place=place)
    return upload


def read_day(text: str) -> tuple[PartialDate, str] | None:
    """The day that a date of this form means, and what is unusual in how it is written; None where it is no day.

    The DTD prescribes `dd/mm/yyyy`; where only month first gives a day, the date was turned round.
    """
    found = read_date_text(text)
    if found is None:
        return None
    if hit := _SLASHED.fullmatch(text.strip()):
        day, month, year = (int(part) for part in hit.groups())
        try:
            return PartialDate(year=year, month=month, day=day), ""
        except Refusal:
            return found.days[0], "has day and month in the other order"
    how = {
        "converted twice": "is a Gregorian date converted as if it were Jalali",
        "serial": "is a cell's number",
    }
    if found.form not in ("slashed", "cell"):
        return found.days[0], how.get(found.form, "")
    return (found.sure, "") if found.sure is not None else None


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _leaves(trial: Any) -> Iterator[_Leaf]:
    """Elements without children that hold words, each with its path; a list of criteria keeps its line breaks."""
    stack = [(one, "") for one in reversed(trial)]
    while stack:
        element, above = stack.pop()
        if not isinstance(element.tag, str):
            continue
        path = f"{above}{element.tag}"
        if len(element):
            stack += [(one, f"{path}/") for one in reversed(element)]
        elif not is_empty(text := (element.text or "").strip()):
            yield _Leaf(path=path, text=text, line=element.sourceline)
