"""Which of two days a date cell of an export means, by what the export itself proves.

Two things prove how a column was read on its way through a spreadsheet. A cell that is a date and whose day is above
12 was read rightly: turned round it would be no date. A text such as `26/02/2020` in the same column shows that it was
read month first and failed, so that the cells with a day of at most 12 beside it are turned round or may be. The
column `Date registration3` is written as eight digits, and no spreadsheet touches it.
"""

from __future__ import annotations

import calendar
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from exotrial.core.dates import PartialDate
from exotrial.registries.date_text import DateText, read_date_text
from exotrial.registries.ictrp_rows import Row

DATE_COLUMNS = ("dateregistration", "dateenrollement", "dateenrollment", "dateenrolment", "lastrefreshedon")
_NAME_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NAME_WORDED = re.compile(r"(?<!\d)(\d{1,2})[ _-]?([A-Za-z]{3,9})[ _-]?(\d{4})?")
_NEAR = 10
"""Days by which an export's name may differ from its day."""
_MONTHS = {name[:3].lower(): number for number, name in enumerate(calendar.month_name) if name}


@dataclass
class ColumnProofs:
    """How the date columns of each register were read, by snapshot: proofs of right readings and of wrong ones."""

    right: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    wrong: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    def trusts(self, row: Row) -> bool:
        """Whether the date cells of a row's register in its snapshot can be taken as printed."""
        key = _key(row)
        return self.right.get(key, 0) > 0 and self.wrong.get(key, 0) == 0


def gather_proofs(rows: Iterable[Row]) -> ColumnProofs:
    """Look at every date of every row once."""
    proofs = ColumnProofs()
    for row in rows:
        key = _key(row)
        for column in DATE_COLUMNS:
            text = row.cells.get(column)
            found = read_date_text(text) if text else None
            if found is None:
                continue
            day = found.days[0].day
            if found.form == "cell" and len(found.days) == 1 and day is not None and day > 12:
                proofs.right[key] += 1
            elif found.form == "slashed" and len(found.days) == 1 and column != "lastrefreshedon":
                proofs.wrong[key] += 1
    return proofs


def _key(row: Row) -> tuple[str, str]:
    return row.snapshot, row.cells.get("sourceregister", "").lower()


def choose_day(found: DateText, *, trusted: bool) -> PartialDate | None:
    """The day of a date cell: the only one, or the one printed where the column is proved; None where undecided."""
    if found.sure is not None:
        return found.sure
    return found.days[0] if found.form == "cell" and trusted else None


def choose_export_day(found: DateText, *, name: str, not_before: date | None) -> PartialDate | None:
    """The day of an export: not before the day a record in it was refreshed, and near the day in the file's name.

    None where both readings stay possible.
    """
    left = [day for day in found.days if not_before is None or day.first >= not_before]
    if len(left) > 1 and (named := read_name_day(name, year=left[0].year)) is not None:
        left = [day for day in left if abs((day.first - named).days) <= _NEAR]
    return left[0] if len(left) == 1 else None


def read_name_day(name: str, *, year: int) -> date | None:
    """The day in a file's name (`…_15Apr2020.xlsx`, `…_2020-07-07.json`, `ICTRP_29apr`), where it has just one."""
    days = {(int(y), int(m), int(d)) for y, m, d in _NAME_ISO.findall(name)}
    for day, month, stated in _NAME_WORDED.findall(name):
        number = _MONTHS.get(month[:3].lower())
        if number and calendar.month_name[number].lower().startswith(month.lower()):
            days.add((int(stated or year), number, int(day)))
    if len(days) != 1:
        return None
    try:
        return date(*days.pop())
    except ValueError:
        return None
