"""Reader of WHO ICTRP's exports in CSV and JSON (TRDS 1.3.1); each mark of a spreadsheet is mended or told.

Each row is one record. What the export's own columns prove is used; what they leave open stays empty and is a
finding. Contacts are read and kept apart from all that is written on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Refusal, Refusals
from exotrial.core.findings import Finding
from exotrial.core.identifiers import guess_registry
from exotrial.registries.date_text import read_date_text
from exotrial.registries.ictrp_cells import Cells
from exotrial.registries.ictrp_dates import ColumnProofs, choose_day, choose_export_day, gather_proofs
from exotrial.registries.ictrp_findings import (
    CLAIMED_TWICE,
    DATE_MENDED,
    DATE_UNDECIDED,
    EXPORT_MENDED,
    EXPORT_UNDECIDED,
    FLAG_INVERTED,
    UNKNOWN_REGISTER,
    Found,
)
from exotrial.registries.ictrp_rows import Row, looks_like_rows, read_rows
from exotrial.registries.record import (
    RecordedEthics,
    RecordedSharing,
    RecordedSponsor,
    RegistryRecord,
    Stated,
    Timing,
)
from exotrial.registries.register_names import is_of_ictrp, name_register
from exotrial.registries.registry import RecordFile, RegistryReader

READER = "ictrp"
_ENROLMENT = ("dateenrollement", "dateenrollment", "dateenrolment")


def read_ictrp(file: RecordFile) -> tuple[RegistryRecord, ...]:
    """Every record of an export, in file order (ICT-001 to ICT-004, ICT-009; torn rows are told together)."""
    found = list(read_rows(file))
    refused = [one for one in found if isinstance(one, Refusal)]
    if len(refused) == 1:
        raise refused[0]
    if refused:
        raise Refusals(refused)
    return tuple(derive_records(file, [row for row in found if isinstance(row, Row)]))


def derive_records(file: RecordFile, rows: Sequence[Row]) -> Iterator[RegistryRecord]:
    """The records of rows that were read; findings of dates and of numbers claimed twice look at all of them."""
    proofs = gather_proofs(rows)
    claims = Counter((row.snapshot, row.cells["trialid"].strip()) for row in rows)
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        record = _record(file, row, proofs)
        key = (row.snapshot, row.cells["trialid"].strip())
        earlier = first.setdefault(key, row)
        if claims[key] > 1 and earlier is not row and earlier.cells != row.cells:
            record = replace(record, findings=(*record.findings, _claimed_twice(file, row, earlier)))
        yield record


def _claimed_twice(file: RecordFile, row: Row, earlier: Row) -> Finding:
    differ = sorted(
        row.heads.get(name, name)
        for name in {*row.cells, *earlier.cells}
        if row.cells.get(name) != earlier.cells.get(name)
    )
    found = Found(file=file, row=row)
    number = row.cells["trialid"].strip()
    says = f"rows {earlier.number} and {row.number} both claim {number} and differ in {', '.join(differ[:6])}"
    found.note(CLAIMED_TWICE, "trialid", says)
    return found.findings[0]


def _record(file: RecordFile, row: Row, proofs: ColumnProofs) -> RegistryRecord:
    cells = Cells(file=file, row=row)
    identifier = cells.stated("trialid")
    assert identifier is not None  # a row without it was refused
    dates = _Dates(cells, trusted=proofs.trusts(row))
    registered, refreshed, start = dates.registered(), dates.day("lastrefreshedon"), dates.day(*_ENROLMENT)
    source_register = row.cells.get("sourceregister", "").strip()
    known = guess_registry(identifier.value)
    if known is None and source_register and not is_of_ictrp(source_register):
        cells.found.note(UNKNOWN_REGISTER, "sourceregister", f"“{source_register}” is no register of ICTRP")
    registry = known or source_register.lower() or "unknown"
    return RegistryRecord(
        registry=registry,
        identifier=identifier,
        reader=READER,
        source=file.source,
        as_of=dates.exported(refreshed.value.first if refreshed else None),
        url=cells.stated("webaddress"),
        secondary_ids=cells.listed("secondaryid", "secondaryids"),
        registered=registered,
        refreshed=refreshed,
        timing_label=_timing_label(cells, registry),
        status=cells.stated("recruitmentstatus"),
        public_title=cells.stated("publictitle"),
        scientific_title=cells.stated("scientifictitle"),
        acronym=cells.stated("acronym"),
        sponsors=_sponsors(cells),
        contacts=cells.contacts(),
        countries=cells.listed("countries"),
        ethics=_ethics(cells, dates),
        conditions=cells.conditions(),
        study_type=cells.stated("studytype"),
        phase=cells.phase(),
        **cells.design(),
        **cells.arms(),
        age_min=cells.age("inclusionagemin", "agemin"),
        age_max=cells.age("inclusionagemax", "agemax"),
        sex=cells.sex(),
        criteria=cells.criteria(),
        start=start,
        completion=dates.day("resultsdatecompleted"),
        outcomes=(
            *cells.outcomes("primaryoutcome", "primary"),
            *cells.outcomes("secondaryoutcome", "secondary"),
        ),
        sharing=_sharing(cells),
        results_posted=dates.day("resultsdateposted"),
        results_url=cells.stated("resultsurllink"),
        findings=tuple(cells.finish()),
        unheld=tuple(cells.unheld()),
    )


_FLAG_FOLLOWS_DATES = frozenset({"chictr", "irct"})
"""Registers whose rows show what the flag means: all 581 of ChiCTR and 59 of 60 of IRCT (the other's date is mended).

Rows of ClinicalTrials.gov say “Yes” whenever they were registered: in ICTRP's COVID-19 export of 7 April 2020
NCT04321616, three days before its first enrolment, and NCT04321811, two days after it. Of others nothing is known.
"""


def _timing_label(cells: Cells, registry: str) -> Stated[Timing] | None:
    """What the flag means: “Yes” stands with trials registered by the day they began (lint rule REG-017)."""
    flag = cells.stated("retrospectiveflag")
    if flag is None or flag.value.lower() not in ("yes", "no"):
        return None
    if registry not in _FLAG_FOLLOWS_DATES:
        why = f"in rows of {name_register(registry)} it is not known to follow the dates"
        cells.found.note(FLAG_INVERTED, "retrospectiveflag", f"the flag “{flag.prints}” is not read: {why}")
        cells.leave_out("retrospectiveflag", why)
        return None
    label: Literal["prospective", "retrospective"] = (
        "prospective" if flag.value.lower() == "yes" else "retrospective"
    )
    cells.found.note(
        FLAG_INVERTED,
        "retrospectiveflag",
        f"the flag “{flag.prints}” is read as {label}, the reverse of its name",
    )
    return Stated(value=label, prints=flag.prints, place=flag.place)


_SPONSORS: tuple[tuple[str, Literal["sponsor", "funder", "collaborator"]], ...] = (
    ("primarysponsor", "sponsor"),
    ("secondarysponsor", "collaborator"),
    ("sourcesupport", "funder"),
)


def _sponsors(cells: Cells) -> tuple[RecordedSponsor, ...]:
    return tuple(
        RecordedSponsor(name=name, role=role) for column, role in _SPONSORS for name in cells.listed(column)
    )


def _ethics(cells: Cells, dates: _Dates) -> tuple[RecordedEthics, ...]:
    committee, status = (
        cells.stated("ethicsreviewcontactname"),
        cells.stated("ethicsreviewstatus", "ethicsstatus"),
    )
    approved = dates.day("ethicsreviewapprovaldate", "ethicsapprovaldate")
    address = cells.stated("ethicsreviewcontactaddress")
    if not (committee or status or approved):
        return ()
    return (RecordedEthics(committee=committee, approved=approved, status=status, address=address),)


def _sharing(cells: Cells) -> RecordedSharing | None:
    plan, words = cells.stated("resultsipdplan"), cells.stated("resultsipddescription")
    if plan is None and words is None:
        return None
    answer = None
    if plan is not None:
        said = {"yes": True, "no": False}.get(plan.value.strip().lower())
        answer = Stated(value=said, prints=plan.prints, place=plan.place)
    return RecordedSharing(participant_data=answer, description=words)


_HOW = {
    "converted twice": "a Gregorian date converted as if it were Jalali",
    "serial": "the number by which a spreadsheet keeps a date",
    "jalali": "a date of the Jalali calendar",
}


class _Dates:
    """The dates of one row, each by what proves it."""

    def __init__(self, cells: Cells, *, trusted: bool) -> None:
        self.cells, self.trusted = cells, trusted

    def day(self, *columns: str) -> Stated[PartialDate] | None:
        """The day of the first of these columns that is filled."""
        told = self.cells.stated(*columns)
        if told is None:
            return None
        column = self.cells.name_of(*columns)
        found = read_date_text(told.prints)
        day = choose_day(found, trusted=self.trusted) if found else None
        if found is None or day is None:
            meanings = " or ".join(str(one) for one in found.days) if found else "no date known here"
            self.cells.found.note(DATE_UNDECIDED, column, f"“{told.prints}” may mean {meanings}")
            self.cells.leave_out(column, "a date that is not decided is left out")
            return None
        if found.form in _HOW:
            self.cells.found.note(
                DATE_MENDED, column, f"“{told.prints}” is {_HOW[found.form]}: read as {day}"
            )
        return Stated(value=day, prints=told.prints, place=told.place)

    def registered(self) -> Stated[PartialDate] | None:
        """The day of registration: `Date registration3` decides, and a cell beside it that differs is told."""
        safe = self.cells.stated("dateregistration3")
        found = read_date_text(safe.prints) if safe else None
        if safe is None or found is None or found.sure is None:
            return self.day("dateregistration")
        told = self.cells.stated("dateregistration")
        beside = read_date_text(told.prints) if told else None
        if told is not None and (beside is None or beside.days[0] != found.sure):
            swapped = beside is not None and found.sure in beside.days
            how = "is the same day with day and month in the other order" if swapped else "is another day"
            self.cells.found.note(
                DATE_MENDED if swapped else DATE_UNDECIDED,
                "dateregistration",
                f"“{told.prints}” {how}; {safe.prints} in {self.cells.row.heads['dateregistration3']} decides",
            )
        return Stated(value=found.sure, prints=safe.prints, place=safe.place)

    def exported(self, refreshed: date | None) -> date | None:
        """The day of the export, where it can be told."""
        told = self.cells.stated("exportdate")
        found = read_date_text(told.prints) if told else None
        if told is None:
            return None
        if found is None:
            self.cells.found.note(EXPORT_UNDECIDED, "exportdate", f"“{told.prints}” is no date known here")
            return None
        day = choose_export_day(found, name=self.cells.row.snapshot, not_before=refreshed)
        if day is None:
            meanings = " or ".join(str(one) for one in found.days)
            self.cells.found.note(EXPORT_UNDECIDED, "exportdate", f"“{told.prints}” may mean {meanings}")
            return None
        if day != found.days[0]:
            self.cells.found.note(
                EXPORT_MENDED,
                "exportdate",
                f"“{told.prints}” is read as {day}: day and month had been swapped",
            )
        return day.first


ICTRP = RegistryReader(
    name=READER,
    title="WHO ICTRP export, CSV or JSON",
    registry="",
    suffixes=(".csv", ".json"),
    citation="WHO Trial Registration Data Set 1.3.1; columns as in ICTRP's search portal exports",
    recognises=looks_like_rows,
    read=read_ictrp,
)
