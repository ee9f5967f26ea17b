"""Synthetic answers to any form, for rehearsing a trial: plausible, with values that improve over time.

Nobody is behind the answers. The same stream and context give the same values; the shape is that of `FormRecord`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

from exotrial.datasets.synthetic_values import Rates, Value, draw_number
from exotrial.study.items import DataType, Form, Item, ItemGroup

Row = dict[str, Value]
Values = dict[str, Row | list[Row]]

_TERMS = ("headache", "nausea", "cough", "fever", "rash", "dizziness", "diarrhoea", "raised transaminases")
_MEDICATION = (
    ("paracetamol", "1 g"),
    ("enoxaparin", "40 mg"),
    ("dexamethasone", "6 mg"),
    ("oxygen", "2 L/min"),
)
_GRADES = (("1", 60), ("2", 28), ("3", 9), ("4", 3))
_RELATIONS = (("NOT", 62), ("POSSIBLE", 26), ("PROBABLE", 10), ("DEFINITE", 2))
_NEVER_MISSING = ("DM.", "EX.", "SV.")
"""Beginnings of oids without which a participant could not have been enrolled, seen or treated."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """The participant and the day on which a form is filled in.

    `severity` runs from 0, well, to 1 on the day of `origin` and halves every `half_life` days after it, so that a
    treatment that works is one with a shorter half-life. `died`, `withdrew` and `discharged` are None where they
    have not happened by `on`.
    """

    age: int
    sex: str
    on: date
    origin: date
    encounter: str = ""
    severity: float = 0.8
    half_life: float = 6.0
    consented: date | None = None
    doses: tuple[datetime, ...] = ()
    kit: str = "SYNTHETIC-KIT"
    stratum: str = ""
    died: date | None = None
    withdrew: date | None = None
    discharged: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.severity <= 1 or self.half_life <= 0 or self.sex not in ("F", "M"):
            raise ValueError("severity is from 0 to 1, a half-life is positive and sex is F or M")

    @property
    def severity_now(self) -> float:
        """The severity on the day of the form."""
        days = max(0, (self.on - self.origin).days)
        return float(self.severity * 0.5 ** (days / self.half_life))

    @property
    def last_seen(self) -> date:
        """The last day on which the participant is known alive."""
        ends = [day for day in (self.died, self.withdrew) if day is not None]
        return min([self.on, *ends])


def draw_answers(form: Form, *, stream: Random, context: Context, rates: Rates | None = None) -> Values:
    """Answers to every group of a form: a mapping of item oids, or a list of rows with their key "row".

    Every value is of its item's type, in its codelist and within its hard bounds. An optional item may be left out.
    """
    given = Rates() if rates is None else rates
    own: dict[str, Callable[[ItemGroup], Row | list[Row]]] = {
        "IG.CONSENT": lambda group: [_consent(group, context)],
        "IG.EX": lambda group: _exposure(group, stream, context),
        "IG.AE": lambda group: _adverse_events(stream, context, given),
        "IG.CM": lambda group: _medication(stream, context),
        "IG.DS": lambda group: _end(context),
    }
    values: Values = {}
    for group in form.groups:
        if group.oid in own:
            values[group.oid] = own[group.oid](group)
        elif group.repeating:
            values[group.oid] = _rows(group, stream, context, given)
        else:
            values[group.oid] = _row(group, stream, context, given)
    _tell_prespecified(form, values, stream)
    return values


def _row(group: ItemGroup, stream: Random, context: Context, rates: Rates) -> Row:
    row: Row = {}
    for item in group.items:
        value = _value(item, group, stream, context, rates)
        if value is not None:
            row[item.oid] = value
    return row


def _value(item: Item, group: ItemGroup, stream: Random, context: Context, rates: Rates) -> Value | None:
    fixed = _fixed(item, context)
    if item.oid in fixed:
        return fixed[item.oid]
    match item.data_type:
        case DataType.INTEGER | DataType.DECIMAL:
            sure = item.oid.startswith(_NEVER_MISSING)
            sure_rates = Rates(missing=0, implausible=0) if sure else rates
            return draw_number(item, stream=stream, severity=context.severity_now, rates=sure_rates)
        case DataType.BOOLEAN:
            return stream.random() < context.severity_now
        case DataType.CODED:
            assert item.codelist is not None  # an Item sees to it
            known = {"IG.INCLUSION": "Y", "IG.EXCLUSION": "N", "IG.AEPRE": "N"}.get(group.oid)
            return known if known in item.codelist.values else stream.choice(item.codelist.values)
        case DataType.DATE:
            return context.on.isoformat() if item.required else None
        case DataType.DATETIME:
            return _at(context.on, 9)
        case DataType.TEXT:
            return "synthetic" if item.required else None


def _fixed(item: Item, context: Context) -> Mapping[str, Value | None]:
    """Answers that follow from the participant; None is one that is rightly left out."""
    seen = None if context.died is not None else context.last_seen.isoformat()
    left = context.discharged
    known: dict[str, Value | None] = {
        "SV.DATE": context.on.isoformat(),
        "SV.AGE": context.age,
        "DM.AGE": context.age,
        "DM.SEX": context.sex,
        "index_date": context.origin.isoformat(),
        "death_date": None if context.died is None else context.died.isoformat(),
        "last_known_date": seen,
        "admission_date": (context.origin - timedelta(days=2)).isoformat(),
        "discharge_date": None if left is None else left.isoformat(),
        "inhalation_watched": True,
        "ae_asked": True,
    }
    if context.stratum:
        known["DS.STRATUM"] = context.stratum
    return known


def _rows(group: ItemGroup, stream: Random, context: Context, rates: Rates) -> list[Row]:
    """Rows of a repeating group: intensive care, scans, swabs and the like by their items, else one or none."""
    oids = {item.oid for item in group.items}
    if "icu_in" in oids:
        return _intensive_care(stream, context)
    if "scanned_on" in oids:
        return _scans(stream, context)
    if group.oid == "IG.AEPRE":
        return [{"row": 1, **_row(group, stream, context, rates)}]
    if stream.random() < min(rates.adverse_events / 4, 0.9):
        return [{"row": 1, **_row(group, stream, context, rates)}]
    return []


def _intensive_care(stream: Random, context: Context) -> list[Row]:
    if stream.random() > context.severity + 0.1:
        return []
    out = context.origin + timedelta(days=1 + int(stream.expovariate(1 / (1 + 14 * context.severity))))
    row: Row = {"row": 1, "icu_in": context.origin.isoformat()}
    if out <= context.last_seen:
        row["icu_out"] = out.isoformat()
    return [row]


def _scans(stream: Random, context: Context) -> list[Row]:
    days = [0, 5 + stream.randrange(4), 12 + stream.randrange(6), 25 + stream.randrange(6)]
    rows: list[Row] = []
    for number, day in enumerate(days, start=1):
        on = context.origin + timedelta(days=day)
        if on > context.last_seen and rows:
            break
        clear = day > 0 and context.severity * 0.5 ** (day / context.half_life) < 0.2
        rows.append(
            {"row": number, "scanned_on": on.isoformat(), "lesions": "absorbed" if clear else "present"}
        )
    return rows


def _consent(group: ItemGroup, context: Context) -> Row:
    on = context.consented or context.origin
    row: Row = {
        "row": 1,
        "IC.VERSION": "1.0",
        "IC.LANGUAGE": "en",
        "IC.SIGNED": _at(on, 8),
        "IC.WITNESS": "Y",
    }
    if any(item.oid == "IC.FAMILY" for item in group.items):
        row["IC.FAMILY"] = "Y"
    return row


def _exposure(group: ItemGroup, stream: Random, context: Context) -> list[Row]:
    volume = next(item for item in group.items if item.oid == "EX.VOLUME")
    full = volume.high if volume.high is not None else 2.0
    rows = []
    for number, begun in enumerate(context.doses or (datetime.combine(context.on, time(10)),), start=1):
        complete = stream.random() > 0.02
        row: Row = {
            "row": number,
            "EX.START": begun.replace(tzinfo=None).isoformat(timespec="minutes"),
            "EX.END": (begun.replace(tzinfo=None) + timedelta(minutes=30)).isoformat(timespec="minutes"),
            "EX.KIT": context.kit,
            "EX.VOLUME": full if complete else round(full / 2, 2),
            "EX.COMPLETE": "Y" if complete else "N",
        }
        if not complete:
            row["EX.WHY"] = "synthetic: the line was blocked"
        rows.append(row)
    return rows


def _adverse_events(stream: Random, context: Context, rates: Rates) -> list[Row]:
    """As many events as a geometric draw with the given mean; graver ones are rarer."""
    rows: list[Row] = []
    span = max(0, (context.last_seen - context.origin).days)
    while stream.random() < rates.adverse_events / (1 + rates.adverse_events):
        begun = context.origin + timedelta(days=stream.randint(0, span))
        ended = begun + timedelta(days=stream.randint(0, 6))
        grade = _weighted(stream, _GRADES)
        row: Row = {
            "row": len(rows) + 1,
            "AE.TERM": stream.choice(_TERMS),
            "AE.START": begun.isoformat(),
            "AE.TOXGR": grade,
            "AE.SER": "Y" if grade == "4" or (grade == "3" and stream.random() < 0.3) else "N",
            "AE.REL": _weighted(stream, _RELATIONS),
        }
        if ended <= context.last_seen:
            row["AE.END"] = ended.isoformat()
        rows.append(row)
    return rows


def _weighted(stream: Random, choices: tuple[tuple[str, int], ...]) -> str:
    return stream.choices([choice for choice, _ in choices], [weight for _, weight in choices])[0]


def _tell_prespecified(form: Form, values: Values, stream: Random) -> None:
    """Now and then an adverse event is one that the study looks for, and then both groups say so."""
    looked_for = next((group.items for group in form.groups if group.oid == "IG.AEPRE"), ())
    asked, events = values.get("IG.AEPRE"), values.get("IG.AE")
    if (
        looked_for
        and isinstance(asked, list)
        and isinstance(events, list)
        and events
        and stream.random() < 0.2
    ):
        item = stream.choice(looked_for)
        asked[0][item.oid] = "Y"
        events[0]["AE.TERM"] = item.label


def _medication(stream: Random, context: Context) -> list[Row]:
    return [
        {
            "row": number,
            "CM.TRT": name,
            "CM.DOSE": dose,
            "CM.START": (context.origin - timedelta(days=stream.randrange(3))).isoformat(),
        }
        for number, (name, dose) in enumerate(stream.sample(_MEDICATION, stream.randrange(4)), start=1)
    ]


def _end(context: Context) -> Row:
    if context.died is not None:
        return {"DS.DATE": context.died.isoformat(), "DS.DECOD": "DEATH"}
    if context.withdrew is not None:
        return {
            "DS.DATE": context.withdrew.isoformat(),
            "DS.DECOD": "WITHDRAWN",
            "DS.WHY": "synthetic: no more visits wanted",
        }
    return {"DS.DATE": context.on.isoformat(), "DS.DECOD": "COMPLETED"}


def _at(on: date, hour: int) -> str:
    return datetime.combine(on, time(hour)).isoformat(timespec="minutes")
