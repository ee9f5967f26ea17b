"""Registration timing as each source dates it, against the label that is printed (ICMJE; TRDS 2 and 16)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from exotrial.core.dates import PartialDate
from exotrial.core.findings import Severity
from exotrial.registries.checks.trial_records import TrialRecords, plain
from exotrial.registries.record import Stated, Timing
from exotrial.registries.timing import TimingByDates, decide_timing
from exotrial.report.registered.quoted import as_partial
from exotrial.study.definition import Study

FLAG = "flag of the export"
_WORDS: dict[Timing, str] = {
    "prospective": "prospective",
    "registered while recruiting": "while recruiting",
    "retrospective": "retrospective",
}


@dataclass(frozen=True, kw_only=True)
class TimingTold:
    """One way to date a registration: whose dates, the dates, what they allow, and the label printed with its place."""

    number: str
    dates_of: str
    registered: PartialDate
    start: PartialDate
    end: PartialDate | None
    by_dates: TimingByDates
    label: Timing | None
    label_in: str

    @property
    def verdict(self) -> str:
        """What the dates say, in words; an undecided one names the answers left."""
        possible = [_WORDS[one] for one in self.by_dates.possible]
        if len(possible) == 1:
            return possible[0]
        if "prospective" not in self.by_dates.possible:
            return f"after enrolment began: {' or '.join(possible)}"
        return f"open: {' or '.join(possible)}"

    @property
    def stands(self) -> str:
        """Whether the label printed can be true."""
        if self.label is None:
            return "no label printed"
        agrees = self.by_dates.agrees_with(self.label)
        told = {
            True: "stands",
            False: "contradicted by the dates",
            None: "may stand; the dates leave it open",
        }
        return told[agrees]

    @property
    def severity(self) -> Severity | None:
        """How grave a contradicted label is: what an export flags is no word of the trial's own."""
        if not self.is_contradicted:
            return None
        return Severity.WARNING if self.label_in.startswith(FLAG) else Severity.ERROR

    @property
    def is_contradicted(self) -> bool:
        return self.label is not None and self.by_dates.agrees_with(self.label) is False


def derive_timings(study: Study, records: TrialRecords) -> tuple[TimingTold, ...]:
    """By the newest record of each number, by what the study file tells of it, and by when the trial did begin."""
    return tuple(dict.fromkeys(_timings(study, records)))


def _timings(study: Study, records: TrialRecords) -> Iterator[TimingTold]:
    told = {plain(one.identifier): one for one in study.registrations}
    labels: dict[str, tuple[Timing | None, str]] = {}
    registered: dict[str, tuple[str, PartialDate]] = {}
    for number, versions in records.versions.items():
        record = versions[-1]
        label, where = (None, "")
        if record.timing_label is not None:
            label, where = record.timing_label.value, _printed_in(record.timing_label)
        own = told.get(plain(number))
        if own is not None and own.timing_label is not None and label is None:
            label, where = own.timing_label, own.timing_label_stated_in or "study file"
        labels[plain(number)] = (label, where)
        if record.registered is None:
            continue
        registered[plain(number)] = (number, record.registered.value)
        if record.start is not None:
            yield _timing(
                number,
                "registry record" + (f" of {record.as_of}" if record.as_of else ""),
                record.registered.value,
                record.start.value,
                record.recruitment_end.value if record.recruitment_end else None,
                label,
                where,
            )
    for one in study.registrations:
        key = plain(one.identifier)
        if one.registered is None:
            continue
        registered.setdefault(key, (one.identifier, as_partial(one.registered)))
        label, where = (
            one.timing_label,
            one.timing_label_stated_in or "study file" if one.timing_label else "",
        )
        labels.setdefault(key, (label, where))
        start = one.first_enrolment or one.recruitment_start
        # The label that the study file cites may stand elsewhere than in the record, as in a paper.
        if start is not None and (key not in records_of(records) or (label, where) != labels[key]):
            yield _timing(
                one.identifier,
                "registration, as the study file tells it",
                as_partial(one.registered),
                as_partial(start),
                _partial(one.recruitment_end),
                label,
                where,
            )
    did_start = study.recruitment.actual_start
    if did_start is not None:
        for key, (number, day) in registered.items():
            label, where = labels[key]
            own = told.get(key)
            if own is not None and own.timing_label is not None:
                label, where = own.timing_label, own.timing_label_stated_in or "study file"
            yield _timing(
                number,
                "enrolment as it was done",
                day,
                as_partial(did_start),
                _partial(study.recruitment.actual_end),
                label,
                where,
            )


def _printed_in(label: Stated[Timing]) -> str:
    """Where a record prints its label; a bare yes or no is an export's flag, which nobody of the trial wrote."""
    words = label.prints.strip()
    return f"{FLAG}, “{words}”" if words.casefold() in ("yes", "no") else "record"


def records_of(records: TrialRecords) -> frozenset[str]:
    """The numbers of which a record is at hand, in plain form."""
    return frozenset(plain(number) for number in records.versions)


def _partial(day: date | None) -> PartialDate | None:
    return None if day is None else as_partial(day)


def _timing(
    number: str,
    dates_of: str,
    registered: PartialDate,
    start: PartialDate,
    end: PartialDate | None,
    label: Timing | None,
    label_in: str,
) -> TimingTold:
    return TimingTold(
        number=number,
        dates_of=dates_of,
        registered=registered,
        start=start,
        end=end,
        by_dates=decide_timing(registered=registered, start=start, recruitment_end=end),
        label=label,
        label_in=label_in,
    )
