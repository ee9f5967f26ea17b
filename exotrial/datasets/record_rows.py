"""What one form record adds to the captured tables: dates, characteristics, measured values, adverse events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from exotrial.core.errors import Refusal
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.datasets.captured import EVENTS
from exotrial.datasets.doubts import VISITS
from exotrial.datasets.record_measures import Measured, compute_from_groups, items_of
from exotrial.datasets.record_values import FormRecord, Groups, Row
from exotrial.outcomes.measure import Measure
from exotrial.study.definition import Study
from exotrial.study.items import Form

DATE_ITEMS = {
    "admission_date": "admission",
    "discharge_date": "discharge",
    "death_date": "death",
    "scanned_on": "ct",
}
"""Items of outcome measures that date an event of their own."""
ENDS = {"LOST": "lost to follow-up", "WITHDRAWN": "withdrawal", "DEATH": "death"}
ENDED = "end of participation"
"""The characteristic under which the table has how participation ended."""
SEVERAL = "several values at one visit"
_PLACED = frozenset(
    {"SV.DATE", "IC.SIGNED", "DM.SEX", "DM.AGE", "DS.STRATUM", "DS.DATE", "DS.DECOD", "DS.WHY"}
    | {"EX.START", "AE.TERM", "AE.START", "AE.END", "AE.TOXGR", "AE.SER", "AE.REL"}
)

Event = tuple[str, str, date, str]
Line = tuple[object, ...]


@dataclass(kw_only=True)
class Rows:
    """The rows as they grow, participants in the order of `participants`."""

    participants: tuple[str, ...]
    characteristics: list[Line] = field(default_factory=list)
    adverse_events: list[Line] = field(default_factory=list)
    demographics: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    unplaced: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Values with no place in the tables, by form and item."""
    several_values: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Participant, measure, visit and the values between which nothing decides."""
    findings: list[Finding] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    _known: set[tuple[str, str, date]] = field(default_factory=set)
    _doses: dict[str, list[tuple[date, str]]] = field(default_factory=dict)
    _consents: dict[str, list[tuple[date, str]]] = field(default_factory=dict)
    _measured: dict[tuple[str, str, str, date | None], list[tuple[Measured, str]]] = field(
        default_factory=dict
    )

    def add_event(self, who: str, event: str, on: date, source: str) -> None:
        """An event; the same one on the same day is told once, by its first source."""
        if (who, event, on) not in self._known:
            self._known.add((who, event, on))
            self.events.append((who, event, on, source.strip()))

    def add_dose(self, who: str, on: date, source: str) -> None:
        self._doses.setdefault(who, []).append((on, source))

    def add_consent(self, who: str, on: date, source: str) -> None:
        self._consents.setdefault(who, []).append((on, source))

    def add_measured(
        self, who: str, paramcd: str, visit: str, on: date | None, value: Measured, source: str
    ) -> None:
        self._measured.setdefault((who, paramcd, visit, on), []).append((value, source))

    def doubt(self, record: FormRecord, *, oid: str, prints: str, says: str, rule: str) -> None:
        """A Finding on one item of a record."""
        self.findings.append(
            Finding(
                rule=rule,
                subject=f"{record.participant}.{record.source}.{oid}".replace(" ", "_"),
                severity=Severity.ERROR,
                kind="data",
                says=f"{oid} of {record.participant}: {says}",
                why="The value stands on the form and cannot be used as it is in any table.",
                settle="the value as the source document has it.",
                quotes=(Quote(source=record.source, place=oid, prints=prints),),
                standards=("ICH E6(R3) 4.2.2",),
            )
        )

    def settled_measurements(self) -> list[Line]:
        """A row for each participant, measure, visit and date; values that differ leave none."""
        lines: list[Line] = []
        for (who, code, visit, on), values in self._ordered():
            different = {value for value, _ in values}
            source = "; ".join(dict.fromkeys(source for _, source in values))
            value = values[0][0]
            if len(different) > 1:
                shown = ", ".join(sorted(one.aval or one.reason for one in different))
                self.several_values.append((who, code, visit, shown))
                value = Measured(aval="", unit=value.unit, reason=SEVERAL)
            lines.append((who, code, on, visit, value.aval, value.unit, value.reason, source))
        return lines

    def _ordered(
        self,
    ) -> list[tuple[tuple[str, str, str, date | None], list[tuple[Measured, str]]]]:
        place = {who: position for position, who in enumerate(self.participants)}
        return sorted(self._measured.items(), key=lambda entry: place[entry[0][0]])

    def settled_events(self) -> list[Event]:
        """Every event once, the first consent and the first and last dose among them, in the order of time."""
        for who, consents in self._consents.items():
            self.add_event(who, "consent", *min(consents))
        for who, doses in self._doses.items():
            self.add_event(who, "first dose", *min(doses))
            self.add_event(who, "last dose", *max(doses))
        place = {who: position for position, who in enumerate(self.participants)}
        return sorted(
            self.events, key=lambda event: (place[event[0]], event[2], EVENTS.index(event[1]), event[3])
        )


def add_record(
    rows: Rows,
    record: FormRecord,
    form: Form,
    groups: Groups,
    *,
    study: Study,
    measures: Sequence[tuple[str, Measure]],
) -> None:
    """Add what a record holds; `measures` are those that its form asks, with the study's names for them."""
    placed = _PLACED | {oid for _, measure in measures for oid in items_of(measure)}
    for held in groups.values():
        for row in held:
            for oid in (*row.values, *row.missing):
                if oid not in placed:
                    rows.unplaced[form.oid, oid] += 1
    _add_measures(rows, record, form, groups, study=study, measures=measures)
    for row in groups.get("IG.CONSENT", ()):
        on = _day(rows, record, row, "IC.SIGNED")
        if on is not None:
            rows.add_consent(record.participant, on, record.source)
    for row in groups.get("IG.EX", ()):
        on = _day(rows, record, row, "EX.START")
        if on is not None:
            rows.add_dose(record.participant, on, record.source)
    for row in groups.get("IG.DM", ()):
        rows.demographics[record.participant] = (row.text("DM.SEX"), _age(rows, record, row))
    for row in groups.get("IG.STRATUM", ()):
        factor = study.randomisation.factor if study.randomisation is not None else None
        _characterise(rows, record, factor or "stratum", row.text("DS.STRATUM"))
    for row in groups.get("IG.DS", ()):
        _add_end(rows, record, form, row)
    for row in groups.get("IG.AE", ()):
        _add_adverse_event(rows, record, row)
    _check_prespecified(rows, record, form, groups)


def _add_measures(
    rows: Rows,
    record: FormRecord,
    form: Form,
    groups: Groups,
    *,
    study: Study,
    measures: Sequence[tuple[str, Measure]],
) -> None:
    if not measures:
        return
    on = next((_day(rows, record, row, "SV.DATE") for row in groups.get("IG.VISIT", ())), None)
    visit = _visit_word(study, record.encounter)
    for name, measure in measures:
        try:
            value = compute_from_groups(name, measure, groups)
        except Refusal as refusal:
            value = Measured(aval="", unit=measure.unit, reason=f"not computable: {refusal.problem}")
            rows.doubt(
                record, oid=measure.paramcd, prints=refusal.value, says=refusal.problem, rule="RCF-002"
            )
        rows.add_measured(record.participant, measure.paramcd, visit, on, value, record.source)
        if value.absorbed is not None:
            rows.add_event(record.participant, "lesion absorbed", value.absorbed, record.source)
    for held in groups.values():
        for row in held:
            for oid in DATE_ITEMS.keys() & row.values.keys():
                happened = _day(rows, record, row, oid)
                if happened is not None:
                    rows.add_event(record.participant, DATE_ITEMS[oid], happened, record.source)


def _visit_word(study: Study, encounter: str) -> str:
    """The word by which reports compare (BASELINE, BEFORE, AFTER) where the study calls a visit so, else its id."""
    names = {one.id: one.name for one in study.encounters}
    for word in (encounter.upper(), names.get(encounter, "").upper()):
        if word and word in VISITS:
            return word
    return encounter


def _day(rows: Rows, record: FormRecord, row: Row, oid: str) -> date | None:
    """The day of a date or a local date and time; a text that is none is told."""
    text = row.text(oid)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).date() if len(text) > len("2020-03-04") else _full_date(text)
    except ValueError:
        rows.doubt(record, oid=oid, prints=text, says="is no full date", rule="RCF-001")
        return None


def _full_date(text: str) -> date:
    if len(text) != len("2020-03-04") or text[4] != "-" or text[7] != "-":
        raise ValueError(text)
    return date.fromisoformat(text)


def _age(rows: Rows, record: FormRecord, row: Row) -> int | None:
    text = row.text("DM.AGE")
    if not text:
        return None
    whole = text.removesuffix(".0")
    if whole.isascii() and whole.isdigit() and int(whole) <= 130:
        return int(whole)
    rows.doubt(
        record, oid="DM.AGE", prints=text, says="is no age in whole years from 0 to 130", rule="RCF-001"
    )
    return None


def _characterise(rows: Rows, record: FormRecord, name: str, value: str) -> None:
    if value:
        rows.characteristics.append((record.participant, name, value, record.source))


def _label(form: Form, oid: str, code: str) -> str:
    for item in form.items:
        if item.oid == oid and item.codelist is not None:
            return next((one.label for one in item.codelist.codes if one.value == code), code)
    return code


def _add_end(rows: Rows, record: FormRecord, form: Form, row: Row) -> None:
    code, why = row.text("DS.DECOD"), row.text("DS.WHY")
    on = _day(rows, record, row, "DS.DATE")
    _characterise(rows, record, ENDED, _label(form, "DS.DECOD", code) if code else "")
    if code not in ENDS:
        return
    if on is None:
        rows.doubt(
            record, oid="DS.DATE", prints=code, says=f"the {ENDS[code]} has no usable date", rule="RCF-001"
        )
    else:
        rows.add_event(record.participant, ENDS[code], on, record.source)
    if code == "WITHDRAWN":
        _characterise(rows, record, "withdrawal reason", why)


def _add_adverse_event(rows: Rows, record: FormRecord, row: Row) -> None:
    source = f"{record.source} row {row.key}"
    term = row.text("AE.TERM")
    if not term:
        term = f"term not recorded ({row.missing.get('AE.TERM', 'left empty')})"
        rows.doubt(record, oid=f"AE.TERM.{row.key}", prints="", says="an event has no term", rule="RCF-003")
    for oid, reason in row.missing.items():
        if oid in _PLACED and oid != "AE.TERM":
            rows.doubt(
                record, oid=f"{oid}.{row.key}", prints=reason, says=f"missing: {reason}", rule="RCF-003"
            )
    rows.adverse_events.append(
        (
            record.participant,
            term,
            row.text("AE.TOXGR"),
            row.text("AE.SER"),
            row.text("AE.REL"),  # NOT, POSSIBLE, PROBABLE, DEFINITE are words of captured.py
            _day(rows, record, row, "AE.START"),
            _day(rows, record, row, "AE.END"),
            source,
        )
    )


def _check_prespecified(rows: Rows, record: FormRecord, form: Form, groups: Groups) -> None:
    """An event that the study looks for, said to have occurred, is one of the adverse events too."""
    if groups.get("IG.AE"):
        return
    labels: Mapping[str, str] = {item.oid: item.label for item in form.items}
    for row in groups.get("IG.AEPRE", ()):
        for oid in row.values:
            if row.text(oid) == "Y":
                rows.doubt(
                    record,
                    oid=f"{oid}.{row.key}",
                    prints="Y",
                    says=f"{labels[oid]} occurred, and no adverse event is recorded on the form",
                    rule="RCF-003",
                )
