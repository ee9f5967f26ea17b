"""The temperature of a shipment or a store from its logger: excursions, gaps, mean kinetic temperature, expiry.

A logger's table is CSV with a column of times and one of temperatures, whose header says the unit (degC or degF): a
unit is never guessed. Limits count as within.
"""

from __future__ import annotations

import csv
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Severity
from exotrial.core.verdict import Reason, Verdict
from exotrial.product.assay import AssayFile
from exotrial.product.assay_text import decode

NO_LOGGER = ErrorCode(
    "CUS-001",
    "A table of a logger lacks a column of times or one of temperatures with its unit.",
    "name the columns like `time` and `temperature (degC)`, or `temperature (degF)`.",
)
BAD_TIME = ErrorCode(
    "CUS-002",
    "A time of a logger cannot be read, or none says its offset from UTC.",
    "write times like 2026-01-05T08:20:00+08:00, or give the logger's zone.",
)
BAD_TEMPERATURE = ErrorCode(
    "CUS-003",
    "A temperature of a logger is not a number that can be.",
    "look at the row; what the logger did not measure is left out, not filled in.",
)
NOTHING_LOGGED = ErrorCode("CUS-004", "A logger's table has fewer than two rows.", "export it again.")
NO_LIMITS = ErrorCode(
    "CUS-005",
    "No limit of temperature is given, or the lower is above the upper.",
    "give --lower, --upper or both, in degrees Celsius.",
)

GAS_CONSTANT = 8.314462618e-3
"""kJ/(mol K), exact by the SI of 2019 (rounded)."""
ACTIVATION = 83.144
"""kJ/mol: the energy of activation that USP <1079.2> takes where no other is known."""
_ZERO = 273.15
_LONGEST_LINE = 10_000
_NUMBER = re.compile(r"[-+]?\d{1,4}(?:\.\d{1,6})?", re.ASCII)
_TIME = ("time", "timestamp", "date/time", "date time", "datetime")
_CELSIUS = ("degc", "°c", "celsius", "(c)")
_FAHRENHEIT = ("degf", "°f", "fahrenheit", "(f)")


@dataclass(frozen=True, kw_only=True)
class Logged:
    """One row: when, degrees Celsius, and its line in the file."""

    at: datetime
    celsius: float
    line: int


@dataclass(frozen=True, kw_only=True)
class Excursion:
    """A stretch out of limits: from the first reading out of them to the first within again, or to the last one.

    `worst` is the reading farthest out, in degrees Celsius; `open` says that the log ends out of limits.
    """

    above: bool
    begun: datetime
    ended: datetime
    worst: float
    line: int
    open: bool

    @property
    def lasted(self) -> timedelta:
        return self.ended - self.begun


@dataclass(frozen=True, kw_only=True)
class TemperatureLog:
    """What a logger shows against its limits (degrees Celsius)."""

    rows: tuple[Logged, ...]
    lower: float | None
    upper: float | None
    excursions: tuple[Excursion, ...]
    mean_kinetic: float

    @property
    def out_of_limits(self) -> timedelta:
        """The time out of limits, together."""
        return sum((one.lasted for one in self.excursions), timedelta())


def read_logger(file: AssayFile, *, zone: str = "") -> tuple[Logged, ...]:
    """The rows of a logger's CSV in their order; `zone` is that of times without an offset.

    Comma, semicolon or tab between columns; a decimal comma is read where columns are not parted by commas. Refuses
    with CUS-001 to CUS-004, each with its line.
    """
    text = decode(file, "utf-8-sig")
    lines = text.splitlines()
    longest = max((len(line) for line in lines), default=0)
    if longest > _LONGEST_LINE:
        raise NO_LOGGER.refuse(f"a line has {longest} characters", place=file.at(1))
    head = find_header(lines)
    if head is None:
        raise NO_LOGGER.refuse("no line names the columns", place=file.at(1))
    separator, when, what, fahrenheit = _columns(lines[head]) or (",", 0, 0, False)
    width = len(next(csv.reader([lines[head]], delimiter=separator)))
    rows = []
    for line, written_row in enumerate(lines[head + 1 :], start=head + 2):
        cells = next(csv.reader([written_row], delimiter=separator), [])
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) <= max(when, what) or any(cell.strip() for cell in cells[width:]):
            raise NO_LOGGER.refuse(  # a decimal comma among commas would be read as a cell: 4,9 as 4
                f"the row has {len(cells)} columns, the header {width}",
                place=file.at(line),
                value=written_row[:80],
            )
        at = read_moment(cells[when].strip(), zone, file.at(line))
        written = cells[what].strip()
        degrees = _read_degrees(written, separator)
        celsius = (degrees - 32) / 1.8 if fahrenheit else degrees
        if not -_ZERO < celsius < 200:
            raise BAD_TEMPERATURE.refuse(f"{written!r} is no temperature", place=file.at(line), value=written)
        rows.append(Logged(at=at, celsius=celsius, line=line))
    if len(rows) < 2:
        raise NOTHING_LOGGED.refuse(f"it has {len(rows)}", place=file.at(head + 1))
    return tuple(rows)


def compute_log(rows: Sequence[Logged], *, lower: float | None, upper: float | None) -> TemperatureLog:
    """Excursions and mean kinetic temperature of rows, taken by time. Refuses with CUS-005."""
    if (lower is None and upper is None) or (lower is not None and upper is not None and lower > upper):
        raise NO_LIMITS.refuse(f"the limits are {lower} and {upper}")
    ordered = tuple(sorted(rows, key=lambda row: row.at))
    found: list[Excursion] = []
    current: list[Logged] = []
    for row in ordered:
        side = _side(row, lower, upper)
        if current and side != _side(current[0], lower, upper):
            found.append(_excursion(current, row.at, above=_side(current[0], lower, upper) > 0, ends=True))
            current = []
        if side:
            current.append(row)
    if current:
        above = _side(current[0], lower, upper) > 0
        found.append(_excursion(current, current[-1].at, above=above, ends=False))
    return TemperatureLog(
        rows=ordered,
        lower=lower,
        upper=upper,
        excursions=tuple(found),
        mean_kinetic=compute_mean_kinetic_temperature(ordered),
    )


def compute_mean_kinetic_temperature(rows: Sequence[Logged], *, activation: float = ACTIVATION) -> float:
    """The mean kinetic temperature in degrees Celsius, each reading weighed by the time until the next.

    T = (E/R) / -ln(mean of exp(-E/(R T_i))), Haynes JD, J Pharm Sci 1971;60:927-929; `activation` in kJ/mol. The last
    reading has no time after it; where all are of one moment, each weighs the same.
    """
    ordered = sorted(rows, key=lambda row: row.at)
    weights = [(later.at - row.at).total_seconds() for row, later in itertools.pairwise(ordered)]
    readings = ordered[:-1]
    if not sum(weights):
        weights, readings = [1.0] * len(ordered), ordered
    factor = activation / GAS_CONSTANT
    powers = [-factor / (row.celsius + _ZERO) for row in readings]
    largest = max(powers)  # taken out of the sum: near absolute zero each rate is too small for a float
    rate = sum(weight * math.exp(power - largest) for weight, power in zip(weights, powers, strict=True))
    return factor / -(largest + math.log(rate / sum(weights))) - _ZERO


def check_log(log: TemperatureLog, *, longest_gap: timedelta, file: str) -> tuple[Finding, ...]:
    """Doubts about a log: CUF-001 excursions, CUF-002 gaps, CUF-003 a clock that went back, CUF-004 readings twice."""
    found = [
        _finding(
            "CUF-001",
            f"{one.begun.isoformat()}",
            says=f"From {one.begun.isoformat()} to {one.ended.isoformat()}"
            f"{' (the log ends there)' if one.open else ''} it was {'above' if one.above else 'below'} the limit "
            f"for {_words(one.lasted)}, at worst {one.worst:.1f} degC ({file}, line {one.line}).",
            why="What was out of its limits may no longer be what was released.",
            settle="Put it aside until somebody who answers for the product decides, with stability data.",
            severity=Severity.ERROR,
        )
        for one in log.excursions
    ]
    for row, later in zip(log.rows, log.rows[1:], strict=False):
        if later.at - row.at > longest_gap:
            found.append(
                _finding(
                    "CUF-002",
                    row.at.isoformat(),
                    says=f"Nothing was logged from {row.at.isoformat()} to {later.at.isoformat()} ({file}, "
                    f"line {later.line}).",
                    why="Nobody knows how warm it was then.",
                    settle="Find another record of that time, or count it as out of limits.",
                )
            )
        if later.at == row.at and later.celsius != row.celsius:
            found.append(
                _finding(
                    "CUF-004",
                    row.at.isoformat(),
                    says=f"Two readings of {row.at.isoformat()} differ: {row.celsius:.1f} and {later.celsius:.1f} degC "
                    f"({file}, lines {row.line} and {later.line}).",
                    why="One of them is of another moment or another logger.",
                    settle="Look at the logger's own file.",
                )
            )
    in_file = sorted(log.rows, key=lambda row: row.line)
    for before, row in itertools.pairwise(in_file):
        if row.at < before.at:
            found.append(
                _finding(
                    "CUF-003",
                    str(row.line),
                    says=f"The clock goes back from {before.at.isoformat()} to {row.at.isoformat()} ({file}, "
                    f"line {row.line}).",
                    why="The clock was set, or two files were joined; the times are not sure.",
                    settle="Compare the logger's clock with another and say so in the record.",
                )
            )
    return tuple(found)


def decide_kept(
    log: TemperatureLog,
    *,
    begun: datetime,
    ended: datetime,
    longest_gap: timedelta,
    at_most: timedelta | None = None,
    allowed: timedelta = timedelta(),
) -> Verdict:
    """Whether the product was kept as asked from `begun` to `ended`: logged throughout, within limits, not too long.

    `allowed` is the time out of limits that stability data allow; `at_most` the longest that it may be held.
    """
    inside = [row for row in log.rows if begun <= row.at <= ended]
    times = [begun, *(row.at for row in inside), ended]
    widest = max(later - earlier for earlier, later in itertools.pairwise(times))
    out = sum(
        (max(timedelta(), min(one.ended, ended) - max(one.begun, begun)) for one in log.excursions),
        timedelta(),
    )
    still_out = any(one.begun <= ended and one.ended >= begun for one in log.excursions)
    reasons = [
        Reason(
            "it was logged throughout",
            bool(inside) and widest <= longest_gap,
            f"the longest time without a reading is {_words(widest)}, {_words(longest_gap)} are allowed",
        ),
        Reason(
            "it was within limits",
            out <= allowed and (not still_out or allowed > timedelta()),
            f"{_words(out)} out of limits, {_words(allowed)} are allowed",
        ),
    ]
    if at_most is not None:
        held = ended - begun
        reasons.append(
            Reason("it was not held too long", held <= at_most, f"{_words(held)}, at most {_words(at_most)}")
        )
    return Verdict("Was it kept as asked?", tuple(reasons))


def find_header(lines: Sequence[str]) -> int | None:
    """The number (from 0) of the first line that names a column of times and one of temperatures with its unit."""
    return next((number for number, line in enumerate(lines) if _columns(line) is not None), None)


def _columns(line: str) -> tuple[str, int, int, bool] | None:
    """How a header parts its columns, where time and temperature stand, whether it is Fahrenheit; None of no header."""
    for separator in (";", "\t", ","):
        cells = [cell.strip().strip('"').lower() for cell in line.split(separator)]
        when = next((n for n, cell in enumerate(cells) if cell.startswith(_TIME)), None)
        what = [
            (n, any(unit in cell for unit in _FAHRENHEIT))
            for n, cell in enumerate(cells)
            if "temp" in cell
            and any(unit in cell for unit in _CELSIUS) != any(unit in cell for unit in _FAHRENHEIT)
        ]
        if when is not None and len(what) == 1 and what[0][0] != when:
            return separator, when, what[0][0], what[0][1]
    return None


def read_moment(text: str, zone: str, place: Place = Place()) -> datetime:  # noqa: B008 - a frozen value
    """A moment as text, in a zone where it has no offset of its own. Refuses with CUS-002."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise BAD_TIME.refuse(f"{text!r} is no time", place=place, value=text) from None
    if at.tzinfo is not None:
        return at
    if not zone:
        raise BAD_TIME.refuse(f"{text!r} has no offset", place=place, value=text)
    try:
        offset = at.replace(tzinfo=ZoneInfo(zone)).utcoffset() or timedelta()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BAD_TIME.refuse(
            f"there is no zone {zone!r}", place=place, value=zone, remedy="give one like Asia/Tehran."
        ) from None
    return at.replace(
        tzinfo=timezone(offset)
    )  # times of one zone would be subtracted by their clocks, not as time


def _read_degrees(text: str, separator: str) -> float:
    """The number of a cell, not a number where it is none."""
    if separator != ",":
        text = text.replace(",", ".")
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def _side(row: Logged, lower: float | None, upper: float | None) -> int:
    """-1 below the limits, 1 above, 0 within; a limit counts as within."""
    if lower is not None and row.celsius < lower:
        return -1
    return int(upper is not None and row.celsius > upper)


def _excursion(rows: Sequence[Logged], ended: datetime, *, above: bool, ends: bool) -> Excursion:
    worst = max(rows, key=lambda row: row.celsius if above else -row.celsius)
    return Excursion(
        above=above, begun=rows[0].at, ended=ended, worst=worst.celsius, line=rows[0].line, open=not ends
    )


def _words(time: timedelta) -> str:
    """A time as people say it: 3 h 20 min, 2 d 4 h."""
    minutes = int(time.total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (left, "min")) if n]
    return " ".join(parts) or "0 min"


def _finding(
    rule: str,
    subject: str,
    *,
    says: str,
    why: str,
    settle: str,
    severity: Severity = Severity.WARNING,
) -> Finding:
    return Finding(
        rule=rule, subject=subject, severity=severity, kind="custody", says=says, why=why, settle=settle
    )
