"""The table of a temperature logger, as evidence of the batch that it went with.

CSV as `exotrial.product.custody` reads it. Lines above the header may say `sample`, `logger` and `zone`, as
`sample: CORD-7`; a batch is not released by a log that does not say what it went with.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from exotrial.core.errors import ErrorCode
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Printed, Reading, Setting
from exotrial.product.assay_text import check_end, decode
from exotrial.product.custody import (
    Logged,
    compute_mean_kinetic_temperature,
    find_header,
    read_logger,
)
from exotrial.product.held_to_plan import HIGHEST, LOWEST, MEAN_KINETIC, say_unheld

SAID_TWICE = ErrorCode(
    "CUS-006",
    "The lines above a logger's table say one thing in two ways.",
    "keep the line that is true.",
)

_LINES_ABOVE: Final = 60
_SAYS: Final = re.compile(
    r'\s*"?(?P<key>sample|batch|logger|serial number|zone)"?\s*[:;,\t]\s*"?(?P<value>[^";\t]*?)"?[\s;,]*',
    re.IGNORECASE,
)
_KEYS: Final = {"batch": "sample", "serial number": "logger"}


def _recognises(file: AssayFile) -> bool:
    head = file.data[:8000].decode("utf-8", errors="ignore").removeprefix("\ufeff").splitlines()
    return find_header(head[:_LINES_ABOVE]) is not None


def _read(file: AssayFile) -> Reading:
    text = decode(file, "utf-8-sig")
    above = _read_above(file, text.splitlines())
    rows = read_logger(file, zone=above["zone"].text if "zone" in above else "")
    ordered = sorted(rows, key=lambda row: row.at)
    return Reading(
        reader=TEMPERATURE_LOGGER.name,
        kind=AssayKind.TEMPERATURE,
        file=file.source,
        instrument=above["logger"].text if "logger" in above else "",
        version="",
        measured_at=ordered[0].at,
        sample=above["sample"].text if "sample" in above else "",
        printed=_print(file, ordered),
        settings=(
            *above.values(),
            Setting(name="first reading", text=ordered[0].at.isoformat(), place=file.at(ordered[0].line)),
            Setting(name="last reading", text=ordered[-1].at.isoformat(), place=file.at(ordered[-1].line)),
        ),
        findings=(
            *check_end(text, file=file),
            say_unheld(AssayKind.TEMPERATURE, "no limits were at hand", place=file.at(ordered[0].line)),
        ),
        content=rows,
    )


def _read_above(file: AssayFile, lines: Sequence[str]) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for number, line in enumerate(lines[: find_header(lines) or 0], start=1):
        match = _SAYS.fullmatch(line)
        if match is None or not match["value"]:
            continue
        key = _KEYS.get(match["key"].lower(), match["key"].lower())
        if key in found and found[key].text != match["value"]:
            raise SAID_TWICE.refuse(
                f"the {key} is {found[key].text!r} and {match['value']!r}", place=file.at(number), value=line
            )
        found[key] = Setting(name=key, text=match["value"], place=file.at(number))
    return found


def _print(file: AssayFile, ordered: Sequence[Logged]) -> tuple[Printed, ...]:
    coldest = min(ordered, key=lambda row: row.celsius)
    warmest = max(ordered, key=lambda row: row.celsius)
    told = (
        (LOWEST, coldest.celsius, coldest.line),
        (HIGHEST, warmest.celsius, warmest.line),
        (MEAN_KINETIC, compute_mean_kinetic_temperature(ordered), ordered[0].line),
    )
    return tuple(
        Printed(name=name, value=value, unit="degC", place=file.at(line), text=f"{value:.2f} degC")
        for name, value, line in told
    )


TEMPERATURE_LOGGER = AssayReader(
    name="temperature_logger",
    title="table of a temperature logger, CSV",
    kind=AssayKind.TEMPERATURE,
    suffixes=(".csv", ".txt"),
    recognises=_recognises,
    read=_read,
    citation="a column of times and one of temperatures with its unit; mean kinetic: Haynes, J Pharm Sci 1971;60:927",
)
