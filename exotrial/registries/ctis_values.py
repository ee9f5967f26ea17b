"""One trial of CTIS while it is read: its values as stated, what was doubtful, what is left over."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from exotrial.core.dates import PartialDate, read_partial_date
from exotrial.core.errors import Refusal
from exotrial.core.findings import Severity
from exotrial.registries.ctgov_values import SEVERITIES, UNKNOWN_WORD, UNREADABLE, WHY, Values, is_person
from exotrial.registries.json_lines import JsonPath
from exotrial.registries.json_tree import JsonTree
from exotrial.registries.record import Loss, RecordedContact, Stated

FIRST_ELSEWHERE = "EUF-001"
NO_SEX = "EUF-002"

_WHY: Mapping[str, tuple[str, str]] = {
    FIRST_ELSEWHERE: (
        "CTIS holds the recruitment of member states only: a trial that recruits elsewhere too may have begun there.",
        "the first enrolment of all countries, from the sponsor or another register.",
    ),
    NO_SEX: (
        "A trial takes women, men or both: the record says that it takes neither.",
        "the record on the page of CTIS.",
    ),
}
_ALL_WHY: Mapping[str, tuple[str, str]] = {**WHY, **_WHY}
_SEVERITIES: Mapping[str, Severity] = {**SEVERITIES, NO_SEX: Severity.WARNING}
_WHOLE = ("results", "events", "documents", "correctiveMeasures")
_CONTACTS = ("publicContacts", "scientificContacts", "personInfo")
_PERSONAL = frozenset(
    {"functionalName", "functionalEmailAddress", "telephone", "phone", "phoneNumber", "email"}
    | {"oneLine", "addressLine1", "addressLine2", "addressLine3", "addressLine4", "postcode"}
)
_OF_THE_DATABASE = frozenset(
    {
        "id",
        "uuid",
        "businessKey",
        "isBusinessKeyValidated",
        "mscId",
        "clinicalTrialId",
        "addressId",
        "eutctId",
    }
    | {"countryOrganisationId", "termId", "trialScopeId", "trialCategoryId", "productPk", "substancePk"}
    | {"typeCode", "reportingStatusCode", "applicationStatusCode", "organClass", "active", "language"}
    | {"ctRegistryCode", "trialRegionCode", "country"}
)
_AROUND = frozenset({"authorizedApplication", "authorizedPartI", "trialDetails", "trialInformation"})
"""Steps that nearly every path has; a loss is called by the others, and its place has them all."""
_STAMP = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
_OFFICE = re.compile(
    r"trial|clinic|inform|contact|depart|office|research|team|desk|cent(?:er|re)|medic|study|studies|pharma"
    r"|manage|unit|support|regulat|universit|hospital|service",
    re.IGNORECASE,
)


class CtisValues(Values):
    """Takes the values of a trial, each with its place; findings and losses gather here."""

    root: JsonPath = ()
    why = _ALL_WHY
    severities = _SEVERITIES

    def code(self, *path: str | int) -> Stated[str] | None:
        """A code, which CTIS writes as a number or as text."""
        kind: type[object] = str if isinstance(self.tree.find(*path), str) else int
        found = self.single(kind, *path)
        return (
            None
            if found is None
            else Stated(value=found.prints.strip(), prints=found.prints, place=found.place)
        )

    def count(self, *path: str | int) -> Stated[int] | None:
        """A number of people; what is none is a finding."""
        found = self.code(*path)
        if found is None:
            return None
        if not re.fullmatch(r"\d{1,7}", found.value, re.ASCII):
            self.doubt(UNREADABLE, path, f"“{found.prints}” is no number of people", prints=found.prints)
            self.lose(path, found.prints, "not a number of people")
            return None
        return Stated(value=int(found.value), prints=found.prints, place=found.place)

    def coded(self, words: Mapping[str, str], *path: str | int) -> Stated[str] | None:
        """What the portal prints for a code; a code that its list lacks is a finding, and the item stays empty."""
        found = self.code(*path)
        if found is None:
            return None
        if (word := words.get(found.value)) is not None:
            # The bare figure would be taken for the phase or the status itself.
            return Stated(value=word, prints=word, place=found.place)
        self.doubt(
            UNKNOWN_WORD, path, f"“{found.prints}” is no code of the register's list", prints=found.prints
        )
        self.lose(path, found.prints, "no code of the register's list")
        return None

    def day(self, *path: str | int) -> Stated[PartialDate] | None:
        """A date; a time of day without a zone is left off, one with a zone may be of another day and is a finding."""
        found = self.tree.take(str, *path)
        if found is None or not found.strip():
            return None
        stamp, place = _STAMP.fullmatch(found.strip()), self.tree.at(*path)
        try:
            value = read_partial_date(stamp[1] if stamp else found, place=place)
        except Refusal as refusal:
            self.doubt(UNREADABLE, path, refusal.problem, prints=found)
            self.lose(path, found, "not a date")
            return None
        return Stated(value=value, prints=found, place=place)

    def lose(self, path: Sequence[str | int], prints: str, why: str) -> None:
        """Note what the record cannot hold."""
        super().lose(path, prints, why)
        steps = [str(step) for step in path if not isinstance(step, int) and step not in _AROUND]
        self.unheld[-1] = replace(self.unheld[-1], item=".".join(steps))

    def is_left_out(self, path: JsonPath) -> bool:
        """Whether a value is a person's name, a telephone, an e-mail address or a part of a postal address."""
        return path[-1] in _PERSONAL or any(step in _CONTACTS for step in path)

    def finish(self) -> None:
        """Tell what was not taken: each field once, results, events and documents as a whole."""
        self.tree.taken.update(path for path, _ in self.tree.leaves() if self.is_left_out(path))
        for section in _WHOLE:
            self.tell_section(section, why="beside the application")
            self.tree.taken.update(path for path, _ in self.tree.leaves(section))
        keys = {path for path, _ in self.tree.leaves() if path[-1] in _OF_THE_DATABASE} - self.tree.taken
        if keys:
            why = f"{len(keys)} numbers that the database of CTIS keeps for itself"
            self.unheld.append(Loss(item="keys", prints="", why=why, place=self.tree.at()))
        self.tree.taken |= keys
        self.tell_fields()


def read_contacts(tree: JsonTree) -> Iterator[RecordedContact]:
    """The people and offices to ask, of sponsors and sites."""
    part = ("authorizedApplication", "authorizedPartI", "sponsors")
    for sponsor in tree.positions(*part):
        for name, role in (
            ("publicContacts", "public inquiries"),
            ("scientificContacts", "scientific inquiries"),
        ):
            for position in tree.positions(*part, sponsor, name):
                at = (*part, sponsor, name, position)
                yield RecordedContact(
                    role=role,
                    name=_words(tree, *at, "functionalName"),
                    telephone=_words(tree, *at, "telephone"),
                    email=_words(tree, *at, "functionalEmailAddress"),
                    affiliation=_words(tree, *at, "organisation", "name"),
                )
    for site in _sites(tree):
        names = [_words(tree, *site, "personInfo", one) for one in ("firstName", "lastName")]
        if any(names):
            yield RecordedContact(
                role="site",
                name=" ".join(one for one in names if one),
                telephone=_words(tree, *site, "personInfo", "telephone"),
                email=_words(tree, *site, "personInfo", "email"),
            )


def list_people(contacts: tuple[RecordedContact, ...]) -> list[str]:
    """The names of people, without the offices (`Clinical Trials Information`), whose words stand in any criterion."""
    return [one.name for one in contacts if is_person(one.name) or not _OFFICE.search(one.name)]


def _sites(tree: JsonTree) -> Iterator[JsonPath]:
    parts = ("authorizedApplication", "authorizedPartsII")
    for part in tree.positions(*parts):
        for site in tree.positions(*parts, part, "trialSites"):
            yield (*parts, part, "trialSites", site)


def _words(tree: JsonTree, *path: str | int) -> str:
    return str(tree.find(*path) or "").strip()
