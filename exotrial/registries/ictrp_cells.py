"""The cells of one row of an ICTRP export, as items of a record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

from exotrial.core.errors import Refusal
from exotrial.core.findings import Finding
from exotrial.registries.age_text import read_age
from exotrial.registries.design_text import split_design
from exotrial.registries.eligibility_text import read_criteria, split_eligibility
from exotrial.registries.ictrp_findings import (
    CELL_CUT,
    MOJIBAKE,
    PHASE_WAS_DATE,
    SIGN_LOST,
    SIZES_SUMMED,
    UNREADABLE,
    Found,
)
from exotrial.registries.ictrp_rows import CELL_LIMIT, Row
from exotrial.registries.masking_text import read_masking
from exotrial.registries.mojibake import repair_mojibake
from exotrial.registries.outcome_text import read_outcomes
from exotrial.registries.phase_text import read_phase
from exotrial.registries.randomisation_text import read_randomisation
from exotrial.registries.record import (
    Age,
    Level,
    Loss,
    RecordedArm,
    RecordedCondition,
    RecordedContact,
    RecordedCriterion,
    RecordedIntervention,
    RecordedOutcome,
    Stated,
)
from exotrial.registries.registry import RecordFile
from exotrial.registries.rule_text import find_lost_signs
from exotrial.registries.size_text import read_size

_TAG = re.compile(r"<\s*/?\s*[a-zA-Z][^<>]{0,40}>")
_LIST = re.compile(r"\s*;\s*")
_NUMBERED_ARM = re.compile(r"(?:^|(?<=\s)|(?<=[.;]))Intervention\s+\d{1,2}\s*:\s*", re.IGNORECASE)
_NAMED = re.compile(r"\s*(?P<name>[^:;]{1,120}?)\s*[:：]\s*(?P<rest>.+)", re.DOTALL)
_CODE = re.compile(r"^(?P<name>.*?)\s*;\s*(?P<code>[A-Z]\d{2}(?:\.\d{1,2})?)\s*$", re.DOTALL)
_BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)
_KINDS = frozenset(
    {"biological", "drug", "device", "procedure", "radiation", "behavioral", "genetic", "dietary supplement"}
    | {"combination product", "diagnostic test", "other"}
)
"""ClinicalTrials.gov's types of intervention."""
_MODELS = (
    ("single", "single group"),
    ("parallel", "parallel"),
    ("cross", "crossover"),
    ("factorial", "factorial"),
)
_SEXES: dict[str, Literal["all", "female", "male"]] = {
    **dict.fromkeys(("both", "all", "both males and females", "male and female", "female and male"), "all"),
    **dict.fromkeys(("male", "males", "m"), "male"),
    **dict.fromkeys(("female", "females", "f"), "female"),
}
_APART = frozenset({"contactfirstname", "contactlastname", "contactaddress", "contactemail", "contacttel"})
_KNOWN = _APART | {
    *(
        "contactaffiliation",
        "trialid",
        "lastrefreshedon",
        "publictitle",
        "scientifictitle",
        "acronym",
        "primarysponsor",
    ),
    *(
        "secondarysponsor",
        "sourcesupport",
        "dateregistration",
        "dateregistration3",
        "exportdate",
        "sourceregister",
    ),
    *(
        "webaddress",
        "recruitmentstatus",
        "inclusionagemin",
        "inclusionagemax",
        "agemin",
        "agemax",
        "inclusiongender",
    ),
    *(
        "gender",
        "dateenrollement",
        "dateenrollment",
        "dateenrolment",
        "targetsize",
        "studytype",
        "studydesign",
        "phase",
    ),
    *(
        "countries",
        "inclusioncriteria",
        "exclusioncriteria",
        "condition",
        "conditions",
        "intervention",
        "interventions",
    ),
    *(
        "primaryoutcome",
        "secondaryoutcome",
        "secondaryid",
        "secondaryids",
        "resultsdateposted",
        "resultsdatecompleted",
    ),
    *("resultsurllink", "retrospectiveflag", "resultsipdplan", "resultsipddescription", "ethicsreviewstatus"),
    *("ethicsstatus", "ethicsreviewcontactname", "ethicsreviewcontactaddress", "ethicsreviewapprovaldate"),
    "ethicsapprovaldate",
}
_SAYS_NOTHING = {"no", "false", "0", "none"}
"""Values of columns such as `other records` that say that there is nothing to hold."""


class Cells:
    """One row's cells, mended where one reading is certain; what is mended or left out is gathered on the way."""

    def __init__(self, *, file: RecordFile, row: Row) -> None:
        self.file, self.row = file, row
        self.found = Found(file=file, row=row)
        self._mended: list[str] = []
        self._left_out: dict[str, str] = {}
        self._texts: dict[str, str] = {}
        for name, text in row.cells.items():
            repaired = repair_mojibake(text)
            if repaired != text:
                self._mended.append(name)
            if len(text) >= CELL_LIMIT:
                self.found.note(
                    CELL_CUT, name, f"the cell holds {len(text)} characters, a spreadsheet's most"
                )
            self._texts[name] = repaired

    def name_of(self, *columns: str) -> str:
        """The first of these columns that is filled, or the first of them."""
        for column in columns:
            if column in self._texts:
                return column
        return columns[0]

    def text(self, *columns: str) -> str:
        """The words of the first of these columns that is filled, mended; empty where none is."""
        return self._texts.get(self.name_of(*columns), "")

    def stated(self, *columns: str) -> Stated[str] | None:
        """A cell as one line without mark-up."""
        column = self.name_of(*columns)
        words = self._texts.get(column)
        if words is None:
            return None
        value = " ".join((_TAG.sub(" ", words) if "<" in words else words).split())
        return self._state(column, value, value) if value else None

    def _state(self, column: str, value: Any, prints: str) -> Stated[Any]:
        return Stated(value=value, prints=prints, place=self.row.place(self.file, column))

    def leave_out(self, column: str, why: str) -> None:
        """Name a filled cell that the record cannot hold."""
        self._left_out[column] = why

    def listed(self, *columns: str) -> tuple[Stated[str], ...]:
        """The entries of a list parted by semicolons, each once."""
        told = self.stated(*columns)
        if told is None:
            return ()
        entries = dict.fromkeys(part for part in _LIST.split(told.value) if part)
        return tuple(Stated(value=entry, prints=entry, place=told.place) for entry in entries)

    def phase(self) -> Stated[str] | None:
        told = self.stated("phase")
        found = read_phase(told.prints) if told else None
        if told is None or found is None:
            if told is not None and any(letter.isdigit() for letter in told.prints):
                self.found.note(UNREADABLE, "phase", f"“{told.prints}” is no phase")
                self.leave_out("phase", "no phase can be told from it")
            return None
        if found.was_date:
            self.found.note(PHASE_WAS_DATE, "phase", f"“{told.prints}” is read as phase {found.phase}")
        return Stated(value=found.phase, prints=told.prints, place=told.place)

    def age(self, *columns: str) -> Stated[Age] | None:
        told = self.stated(*columns)
        if told is None:
            return None
        try:
            age = read_age(told.prints)
        except Refusal as refusal:
            self.found.note(UNREADABLE, self.name_of(*columns), refusal.problem)
            self.leave_out(self.name_of(*columns), "no age with a unit")
            return None
        return Stated(value=age, prints=told.prints, place=told.place) if age else None

    def sex(self) -> Stated[Literal["all", "female", "male"]] | None:
        told = self.stated("inclusiongender", "gender")
        sex = _SEXES.get(told.value.lower()) if told else None
        if told is not None and sex is None:
            self.leave_out(self.name_of("inclusiongender", "gender"), "neither a sex nor a word for all")
        return Stated(value=sex, prints=told.prints, place=told.place) if told and sex else None

    def contacts(self) -> tuple[RecordedContact, ...]:
        texts = {name: self.text(f"contact{name}") for name in ("address", "tel", "email", "affiliation")}
        name = " ".join(filter(None, (self.text("contactfirstname"), self.text("contactlastname"))))
        if not name and not any(texts.values()):
            return ()
        return (
            RecordedContact(
                role="public inquiries",
                name=name,
                address=texts["address"],
                telephone=texts["tel"],
                email=texts["email"],
                affiliation=texts["affiliation"],
            ),
        )

    def conditions(self) -> tuple[RecordedCondition, ...]:
        """Conditions; IRCT prints the condition, a break, and the words of its code with the code behind them."""
        column = self.name_of("condition", "conditions")
        words = self.text(column)
        name, _, coded = (" ".join(part.split()) for part in _BREAK.sub("\n", words).partition("\n"))
        if hit := _CODE.fullmatch(coded):
            condition = RecordedCondition(
                name=self._state(column, name.rstrip(" ."), name),
                code=self._state(column, hit["code"], hit["code"]),
                code_text=self._state(column, hit["name"], hit["name"]) if hit["name"] else None,
            )
            return (condition,) if name else ()
        return tuple(RecordedCondition(name=one) for one in self.listed(column))

    def design(self) -> dict[str, Any]:
        """Model, allocation, purpose, masking and randomisation, as the design column prints them."""
        column = "studydesign"
        told = self.text(column)
        if not told:
            return {}
        parts = split_design(told)
        masking = read_masking(told)
        model = parts.get("intervention model") or parts.get("assignment") or ("" if parts else told)
        allocation = parts.get("allocation") or parts.get("randomization") or ""
        found = {
            "model": (_named(model, _MODELS), model),
            "allocation": (_allocation(allocation), allocation),
            "purpose": ((parts.get("primary purpose") or parts.get("purpose") or "").lower(),) * 2,
            "masking": (masking.label, parts.get("masking") or parts.get("blinding") or told),
            "masked_roles": (
                masking.roles,
                parts.get("masking") or parts.get("blinding description") or told,
            ),
            "masking_description": (parts.get("blinding description"),) * 2,
            "randomisation": (parts.get("randomization description"),) * 2,
        }
        items: dict[str, Any] = {
            name: self._state(column, value, prints)
            for name, (value, prints) in found.items()
            if value and prints
        }
        placebo = parts.get("placebo", "").lower()
        if placebo in ("used", "not used"):
            items["placebo"] = self._state(column, placebo == "used", placebo)
        described = parts.get("randomization description")
        if described:
            random = read_randomisation(described)
            if random.block_sizes:
                items["block_sizes"] = self._state(column, random.block_sizes, described)
            if random.strata:
                items["strata"] = tuple(self._state(column, one, one) for one in random.strata)
        return items

    def arms(self) -> dict[str, Any]:
        """Arms, interventions and target size; arms are named beside their sizes or beside what is given."""
        size_told, size = self.stated("targetsize"), None
        if size_told is not None:
            size = read_size(size_told.prints)
            if size is None:
                self.found.note(
                    UNREADABLE, "targetsize", f"“{size_told.prints}” is not a number for every arm"
                )
                self.leave_out("targetsize", "no size can be told from it")
            elif size.arms:
                self.found.note(SIZES_SUMMED, "targetsize", f"“{size_told.prints}” is {size.total} together")
        given = self._given()
        sizes = dict(size.arms) if size else {}
        arms = [
            RecordedArm(
                name=self._state("targetsize", name, name),
                size=self._state("targetsize", count, str(count)),
                description=next(
                    (words for arm, words in given if arm is not None and arm.value == name), None
                ),
            )
            for name, count in sizes.items()
            if name
        ]
        arms += [
            RecordedArm(name=arm, description=words)
            for arm, words in given
            if arm is not None and arm.value not in sizes
        ]
        target = self._state("targetsize", size.total, size_told.prints) if size and size_told else None
        return {"arms": tuple(arms), "interventions": self._interventions(given), "target_size": target}

    def _given(self) -> list[tuple[Stated[str] | None, Stated[str] | None]]:
        """What is given: the arm's name where the text names one, and the words."""
        column = self.name_of("intervention", "interventions")
        words = " ".join(_TAG.sub(" ", self.text(column)).split())
        numbered = [part.strip() for part in _NUMBERED_ARM.split(words)[1:]]
        pieces = numbered or [part for part in words.split(";") if part.strip()]
        given: list[tuple[Stated[str] | None, Stated[str] | None]] = []
        for number, piece in enumerate(pieces, 1):
            hit = _NAMED.fullmatch(piece)
            named = hit is not None and hit["name"].lower() not in _KINDS
            name = (
                hit["name"] if hit is not None and named else f"Intervention {number}" if numbered else None
            )
            rest = hit["rest"].strip() if hit is not None and named else piece.strip()
            given.append((self._state(column, name, name) if name else None, self._state(column, rest, rest)))
        return given

    def _interventions(
        self, given: list[tuple[Stated[str] | None, Stated[str] | None]]
    ) -> tuple[RecordedIntervention, ...]:
        found = []
        for arm, words in given:
            hit = _NAMED.fullmatch(words.value) if words is not None and arm is None else None
            if words is not None and hit is not None and hit["name"].lower() in _KINDS:
                kind = Stated(value=hit["name"].lower(), prints=hit["name"], place=words.place)
                name = Stated(value=hit["rest"].strip(), prints=hit["rest"].strip(), place=words.place)
                found.append(RecordedIntervention(name=name, kind=kind))
            elif words is not None and arm is None:
                found.append(RecordedIntervention(name=words))
        return tuple(found)

    def criteria(self) -> tuple[RecordedCriterion, ...]:
        """Both lists; a register that prints both in one cell parts them by their headings."""
        found: list[RecordedCriterion] = []
        for column, category in (("inclusioncriteria", "inclusion"), ("exclusioncriteria", "exclusion")):
            words = self.text(column)
            for number, sign in enumerate(find_lost_signs(_TAG.sub(" ", words)), 1):
                says = f"the direction of “{sign}” is not known"
                self.found.note(SIGN_LOST, column, says, prints=sign, number=number)
            parts, place = split_eligibility(words), self.row.place(self.file, column)
            if parts.inclusion is None and parts.exclusion is None:
                found += read_criteria(words, category, place=place)  # type: ignore[arg-type]
            found += read_criteria(parts.inclusion or "", "inclusion", place=place)
            found += read_criteria(parts.exclusion or "", "exclusion", place=place)
        return tuple(found)

    def outcomes(self, column: str, level: Level) -> tuple[RecordedOutcome, ...]:
        return (
            read_outcomes(self.text(column), level, place=self.row.place(self.file, column))
            if self.text(column)
            else ()
        )

    def finish(self) -> Iterator[Finding]:
        """All findings of the row; mended letters are told once."""
        if self._mended:
            heads = ", ".join(self.row.heads.get(name, name) for name in self._mended)
            says = f"letters read in the wrong encoding are mended in {heads}"
            self.found.note(MOJIBAKE, self._mended[0], says)
        yield from self.found.findings

    def unheld(self) -> Iterator[Loss]:
        """What the record has no place for; contacts of people are not repeated."""
        for name, text in self._texts.items():
            why = self._left_out.get(name)
            if why is None and name not in _KNOWN and text.strip().lower() not in _SAYS_NOTHING:
                why = "no item of the data set"
            if why is not None:
                head, place = self.row.heads.get(name, name), self.row.place(self.file, name)
                yield Loss(item=head, prints=text[:200], why=why, place=place)


def _named(text: str, names: tuple[tuple[str, str], ...]) -> str:
    lower = text.lower()
    return next((name for sign, name in names if lower.startswith(sign)), " ".join(text.split()))


def _allocation(text: str) -> str | None:
    lower = text.lower().replace("ised", "ized")
    if lower.startswith(("n/a", "not applicable")):
        return "not applicable"
    if lower.startswith(("not randomized", "non-randomized", "nonrandomized", "non randomized")):
        return "non-randomised"
    return "randomised" if lower.startswith("randomized") else None
