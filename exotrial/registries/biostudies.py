"""Reader of a BioStudies submission in PageTab: a paper's record in the literature collection, or one of exotrial's.

The sections and attributes that exotrial writes are `exotrial.registries.pagetab_words`; any other section keeps its
words where the record has a place, and is told where it has none. Authors are read so that they can be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, cast

from exotrial.core.dates import read_partial_date
from exotrial.core.errors import Refusal
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.core.identifiers import guess_registry
from exotrial.registries import pagetab_words as words
from exotrial.registries.abstract_text import Line, find_numbers, read_abstract
from exotrial.registries.age_text import read_age
from exotrial.registries.outcome_text import make_outcome
from exotrial.registries.pagetab_file import FILE, LINK, Attribute, Block, read_pagetab, recognises_pagetab
from exotrial.registries.record import (
    Level,
    Loss,
    RecordedArm,
    RecordedCondition,
    RecordedContact,
    RecordedCriterion,
    RecordedIntervention,
    RecordedOutcome,
    RecordedSharing,
    RecordedSite,
    RecordedSponsor,
    RegistryRecord,
    Stated,
)
from exotrial.registries.registry import RecordFile, RegistryReader
from exotrial.registries.rule_text import propose_rule

READER = "pagetab"
_PEOPLE = frozenset({"author", "contact", "submitter"})
_WORDS = {
    "model": words.MODEL,
    "allocation": words.ALLOCATION,
    "purpose": words.PURPOSE,
    "masking": words.MASKING,
    "study_type": words.STUDY_TYPE,
    "public_title": words.PUBLIC_TITLE,
    "acronym": words.ACRONYM,
    "masking_description": words.MASKING_METHOD,
    "randomisation": words.RANDOMISATION,
}


def read_biostudies(file: RecordFile) -> tuple[RegistryRecord, ...]:
    """The record of a submission (BST-003 to BST-005)."""
    return (_Submission(file, read_pagetab(file)).record(),)


class _Submission:
    """One submission while it is read; what is taken is remembered, and the rest told."""

    def __init__(self, file: RecordFile, submission: Block) -> None:
        self.file = file
        self.submission = submission
        self.root = submission.parts[0]
        self.taken: set[int] = set()
        self.unheld: list[Loss] = []

    def record(self) -> RegistryRecord:
        accession = self.submission.name or self.root.name
        place = self.submission.place
        titles = [self.take(block, "Title") for block in (self.root, self.submission)]
        title = next((one for one in titles if one is not None), None)
        for other in titles:
            if title is not None and other is not None and other.value != title.value:
                self._lose("Title", other, "the study has another title")
        summary = self.take(self.root, "Abstract") or self.take(self.root, "Description")
        released = self.take(self.submission, "ReleaseDate")
        lines = [] if summary is None else [Line(text=summary.value, place=summary.place)]
        own = {name: self.take(self.root, label) for name, label in _WORDS.items()}
        read: dict[str, Any] = read_abstract(lines) | {name: value for name, value in own.items() if value}
        read |= self._numbers() | self._roles() | self._ages()
        outcomes = tuple(self._outcomes()) or read.pop("outcomes", ())
        read.pop("outcomes", None)
        record = RegistryRecord(
            registry="BioStudies",
            identifier=Stated(value=accession or self.file.name, prints=accession, place=place),
            reader=READER,
            source=self.file.source,
            as_of=_day(released),
            is_repository=True,
            secondary_ids=tuple(self._other_numbers(lines)),
            scientific_title=title,
            summary=summary,
            sponsors=tuple(self._sponsors()),
            contacts=tuple(self._people()),
            sites=tuple(self._sites()),
            conditions=tuple(
                RecordedCondition(name=one) for one in self.take_all(self.root, words.CONDITION)
            ),
            interventions=tuple(self._interventions()),
            arms=tuple(self._arms()),
            criteria=tuple(self._criteria()),
            outcomes=outcomes,
            findings=tuple(_note_cut(self.file)),
            sharing=self._sharing(),
            **read,
        )
        self._tell_rest()
        return replace(record, unheld=tuple(self.unheld))

    def sections(self, kind: str) -> list[Block]:
        """The sections of a kind, wherever they stand."""
        return [
            one for one in self.root.walk() if one.kind.casefold() == kind.casefold() and one is not self.root
        ]

    def take(self, block: Block, name: str) -> Stated[str] | None:
        """The first attribute of a name, now taken."""
        return next(iter(self.take_all(block, name)), None)

    def take_all(self, block: Block, name: str) -> tuple[Stated[str], ...]:
        """Every attribute of a name, now taken."""
        found = list(block.all(name))
        self.taken.update(id(one) for one in found)
        return tuple(_state(one) for one in found)

    def _numbers(self) -> dict[str, Any]:
        """Sizes and phase, where their words are a number or a phase."""
        found: dict[str, Any] = {}
        for name, label in (("target_size", words.PLANNED), ("actual_size", words.ENROLLED)):
            said = self.take(self.root, label)
            if said is not None and said.value.isascii() and said.value.isdigit():
                found[name] = Stated(value=int(said.value), prints=said.prints, place=said.place)
            elif said is not None:
                self._lose(label, said, "not a whole number")
        phase = self.take(self.root, words.PHASE)
        if phase is not None:
            found["phase"] = phase
        return found

    def _roles(self) -> dict[str, Any]:
        roles = self.take_all(self.root, words.MASKED)
        known = tuple(one for one in roles if one.value in words.ROLES)
        for one in roles:
            if one not in known:
                self._lose(words.MASKED, one, "a role that a record does not know")
        if not known:
            return {}
        values = tuple(cast("Any", one.value) for one in known)
        prints = ", ".join(one.prints for one in known)
        return {"masked_roles": Stated(value=values, prints=prints, place=known[0].place)}

    def _ages(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, label in (("age_min", words.AGE_MIN), ("age_max", words.AGE_MAX)):
            said = self.take(self.root, label)
            if said is None:
                continue
            try:
                age = read_age(said.value, place=said.place)
            except Refusal as refusal:
                self._lose(label, said, refusal.problem)
                continue
            found[name] = None if age is None else Stated(value=age, prints=said.prints, place=said.place)
        sex = self.take(self.root, words.SEX)
        if sex is not None and sex.value in ("all", "female", "male"):
            found["sex"] = sex
        elif sex is not None:
            self._lose(words.SEX, sex, "no word for a sex")
        return found

    def _other_numbers(self, lines: list[Line]) -> Iterator[Stated[str]]:
        """Numbers of registers among the links, then those that the abstract prints, each once."""
        seen: set[str] = set()
        links = [one for one in self.root.walk() if one.kind == LINK]
        named = [
            Stated(value=one.name, prints=one.name, place=one.place)
            for one in links
            if guess_registry(one.name)
        ]
        for one in links:
            if guess_registry(one.name):
                self.taken.add(id(one))
                self.taken.update(id(attribute) for attribute in one.attributes)
        for one_number in (*named, *self.take_all(self.root, words.OTHER_NUMBER), *find_numbers(lines)):
            if one_number.value not in seen:
                seen.add(one_number.value)
                yield one_number

    def _people(self) -> Iterator[RecordedContact]:
        """Everybody named: their sections are dropped whole."""
        for one in self.root.walk():
            if one.kind.casefold() in _PEOPLE:
                self.taken.add(id(one))
                self.taken.update(id(attribute) for attribute in one.attributes)
                name = one.find("Name")
                yield RecordedContact(role=one.kind.lower(), name=name.value if name else "")

    def _sponsors(self) -> Iterator[RecordedSponsor]:
        for one in self.sections(words.ORGANISATION):
            role = self.take(one, words.ROLE)
            name = self.take(one, "Name") if role is not None else None
            if role is None or name is None:
                continue
            if role.value in ("sponsor", "funder", "collaborator"):
                yield RecordedSponsor(name=name, role=cast("Any", role.value))
            else:
                self._lose(words.ROLE, role, "no sponsor or funder")

    def _sites(self) -> Iterator[RecordedSite]:
        for one in self.sections(words.SITE):
            name = self.take(one, "Name")
            if name is not None:
                yield RecordedSite(name=name, city=self.take(one, "City"), country=self.take(one, "Country"))

    def _interventions(self) -> Iterator[RecordedIntervention]:
        for one in self.sections(words.INTERVENTION):
            name = self.take(one, "Name")
            if name is not None:
                yield RecordedIntervention(
                    name=name, kind=self.take(one, words.KIND), description=self.take(one, "Description")
                )

    def _arms(self) -> Iterator[RecordedArm]:
        for one in self.sections(words.ARM):
            name, size = self.take(one, "Name"), self.take(one, words.SIZE)
            if name is None:
                continue
            number = None
            if size is not None and size.value.isascii() and size.value.isdigit():
                number = Stated(value=int(size.value), prints=size.prints, place=size.place)
            elif size is not None:
                self._lose(words.SIZE, size, "not a whole number")
            yield RecordedArm(
                name=name,
                kind=self.take(one, words.KIND),
                size=number,
                description=self.take(one, "Description"),
                interventions=tuple(given.value for given in self.take_all(one, words.GIVEN)),
            )

    def _criteria(self) -> Iterator[RecordedCriterion]:
        for one in self.sections(words.CRITERION):
            category, text = self.take(one, words.CATEGORY), self.take(one, "Description")
            if text is None:
                continue
            if category is None or category.value not in ("inclusion", "exclusion"):
                self._lose(words.CRITERION, text, "neither inclusion nor exclusion")
                continue
            yield RecordedCriterion(
                category=cast("Any", category.value), text=text, proposed=propose_rule(text.value)
            )

    def _sharing(self) -> RecordedSharing | None:
        said = self.take(self.root, words.SHARING)
        return None if said is None else RecordedSharing(description=said)

    def _outcomes(self) -> Iterator[RecordedOutcome]:
        for one in self.sections(words.OUTCOME):
            level, name = self.take(one, words.LEVEL), self.take(one, "Name")
            if name is None:
                continue
            if level is None or level.value not in words.LEVELS:
                self._lose(words.OUTCOME, name, "neither primary nor secondary")
                continue
            yield make_outcome(
                cast("Level", level.value),
                name=name,
                time_frame=self.take(one, words.TIME_FRAME),
                method=self.take(one, words.METHOD),
            )

    def _tell_rest(self) -> None:
        """Every attribute, link and file that was not taken; a file's name is that of data, not of the plan."""
        for block in self.submission.walk():
            if block.kind in (LINK, FILE) and id(block) not in self.taken:
                why = "a file of data" if block.kind == FILE else "a link that is no register's number"
                self.unheld.append(
                    Loss(item=block.kind.lower(), prints=block.name[:160], why=why, place=block.place)
                )
            for one in block.attributes:
                if id(one) not in self.taken and one.value.strip():
                    self._lose(f"{block.kind}: {one.name}", _state(one), "the record has no field for it")

    def _lose(self, item: str, said: Stated[str], why: str) -> None:
        self.unheld.append(Loss(item=item, prints=said.prints[:160], why=why, place=said.place))


def _note_cut(file: RecordFile) -> Iterator[Finding]:
    """A table whose last line has no end may have been cut there; JSON that is cut is refused before."""
    if file.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") or file.data.endswith((b"\n", b"\r")):
        return
    *_, last = file.data.decode("utf-8").splitlines()
    yield Finding(
        rule="BSF-001",
        subject="end",
        severity=Severity.WARNING,
        kind="format",
        says="the last line has no end: the file may have been cut off there",
        why="What was cut off was not read, and looks like something that the submission does not say.",
        settle="the whole submission, saved again.",
        quotes=(Quote(source=file.name, prints=last[:160], line=file.data.count(b"\n") + 1),),
        standards=("text extraction",),
    )


def _state(one: Attribute) -> Stated[str]:
    return Stated(value=one.value.strip(), prints=one.value.strip(), place=one.place)


def _day(said: Stated[str] | None) -> date | None:
    if said is not None:
        with suppress(Refusal):
            return read_partial_date(said.value).first if len(said.value) == 10 else None
    return None


PAGETAB = RegistryReader(
    name=READER,
    title="BioStudies: PageTab, JSON or tab-separated",
    registry="",
    suffixes=(".json", ".tsv"),
    citation="EBI BioStudies, PageTab specification, https://github.com/EBIBioStudies/page-tab-specification",
    recognises=recognises_pagetab,
    read=read_biostudies,
)
