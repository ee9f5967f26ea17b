"""FCS 2.0, 3.0 and 3.1, by flowio: events on a linear scale, with the spillover matrix that the file carries.

ISAC standards: Seamer et al., Cytometry 1997;28:118-22 (FCS 3.0); Spidlen et al., Cytometry A 2010;77:97-100 (FCS 3.1).
Gain ($PnG) and logarithmic amplification ($PnE) are undone as FCS 3.1 says. A file whose header and text put the data
at different places is refused: one of the two is wrong, and the events would be other numbers.
"""

from __future__ import annotations

import io
import math
import re
import struct
import warnings
from datetime import datetime
from typing import Any

import numpy as np

from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.product.assay import AssayFile, AssayKind, AssayReader, Reading, Setting
from exotrial.product.cytometry.events import Channel, Events, Floats, Spill
from exotrial.product.cytometry.fcs_structure import check_structure

NOT_FCS = ErrorCode(
    "FCS-001", "The file cannot be read as FCS.", "export it again from the cytometer as FCS 3.0 or 3.1."
)
OFFSETS = ErrorCode(
    "FCS-002",
    "Header and text of an FCS file put the data at different places.",
    "export the file again; which of the two is right cannot be told from the file.",
)
NO_EVENTS = ErrorCode(
    "FCS-003", "An FCS file holds no events.", "look whether the acquisition was stopped at once."
)
NOT_LIST = ErrorCode(
    "FCS-004", "An FCS file holds histograms and no list of events.", "export events (list mode, $MODE L)."
)

_SPILLS = ("spillover", "spill", "comp", "$spillover")
_UNREADABLE = (
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    NotImplementedError,
    EOFError,
    struct.error,
    TypeError,
)
"""What flowio lets through of a file that is cut or edited; each says in its words what it met."""
_DATES = ("%d-%b-%Y", "%d-%b-%y", "%Y-%m-%d", "%Y-%b-%d")
_SHOWN = {
    "cyt": "cytometer",
    "cytsn": "serial number",
    "src": "source",
    "smno": "specimen",
    "tot": "events",
    "vol": "volume (nL)",
    "creator": "software",
}


def _recognises(file: AssayFile) -> bool:
    return re.match(rb"FCS(2\.0|3\.[01])", file.data[:6]) is not None


def read_fcs(file: AssayFile) -> Reading:
    """The events and settings of one data set (FCS-001 to FCS-005)."""
    from flowio import FlowData
    from flowio.exceptions import DataOffsetDiscrepancyError, FCSParsingError, MultipleDataSetsError

    if not _recognises(file):
        raise NOT_FCS.refuse("it does not begin with FCS2.0, FCS3.0 or FCS3.1", place=file.at())
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what flowio warns of is decoded or refused here
            flow = FlowData(io.BytesIO(file.data))
    except DataOffsetDiscrepancyError as wrong:
        raise OFFSETS.refuse(str(wrong).rstrip("."), place=file.at()) from None
    except (*_UNREADABLE, FCSParsingError, MultipleDataSetsError) as wrong:
        raise NOT_FCS.refuse(f"{type(wrong).__name__}: {wrong}", place=file.at()) from None
    text = {name.lower().removeprefix("$"): str(value).strip() for name, value in flow.text.items()}
    if text.get("mode", "L").upper() != "L":
        raise NOT_LIST.refuse(f"$MODE is {text['mode']}", place=file.at(path="$MODE"), value=text["mode"])
    if not flow.event_count:
        raise NO_EVENTS.refuse("it has 0 events", place=file.at(path="$TOT"))
    findings = check_structure(file, flow, text)
    values = _on_a_linear_scale(file, flow, _raw(file, flow, text), text, findings)
    channels = tuple(
        Channel(name=one["pnn"], stain=one["pns"], largest=float(one["pnr"]))
        for _, one in sorted(flow.channels.items())
    )
    names = [channel.name for channel in channels]
    if len(set(names)) < len(names):
        raise NOT_FCS.refuse("two channels have one name", place=file.at(path="$PnN"), value=", ".join(names))
    spill, problem = _spill(text, names)
    if problem:
        findings.append(_no_spill(file, problem))
    events = Events(channels=channels, values=values, spill=spill, place=file.at(), spill_problem=problem)
    if not np.all(np.isfinite(values)):
        findings.append(_not_finite(file, int(np.sum(~np.isfinite(values)))))
    return Reading(
        reader=FCS.name,
        kind=AssayKind.FLOW,
        file=file.source,
        instrument=text.get("cyt", ""),
        version=f"FCS {flow.version}",
        measured_at=_when(text),
        serial=text.get("cytsn", ""),
        operator=text.get("op", ""),
        sample=text.get("fil", "") or text.get("smno", ""),
        settings=tuple(
            Setting(name=word, text=text[key], place=file.at(path=f"${key.upper()}"))
            for key, word in _SHOWN.items()
            if text.get(key)
        )
        + tuple(
            Setting(name=f"channel {channel.name}", text=channel.stain or "no stain named", place=file.at())
            for channel in channels
        ),
        findings=tuple(findings),
        content=events,
    )


def _raw(file: AssayFile, flow: Any, text: dict[str, str]) -> Floats:
    """Events (events, channels) as they are stored; integers of 24 bits and the like are decoded here (FCS 3.1)."""
    if flow.events is not None:
        stored: Floats = np.array(flow.events, dtype=np.float64).reshape(-1, flow.channel_count)
        return stored
    widths = [int(text[f"p{number}b"]) for number in sorted(flow.channels)]
    if any(width % 8 or not 8 <= width <= 48 for width in widths):
        raise NOT_FCS.refuse(f"integers of {sorted(set(widths))} bits", place=file.at(path="$PnB"))
    bytes_each = [width // 8 for width in widths]
    start, stop = int(flow.header["data_start"]), int(flow.header["data_stop"]) + 1
    held = np.frombuffer(file.data[start:stop], dtype=np.uint8)
    if held.size != sum(bytes_each) * flow.event_count:
        raise NOT_FCS.refuse(
            f"{held.size} bytes of data for {flow.event_count} events of {sum(bytes_each)}", place=file.at()
        )
    rows = held.reshape(flow.event_count, -1)
    columns, at = [], 0
    for (_, channel), n in zip(sorted(flow.channels.items()), bytes_each, strict=True):
        part = rows[:, at : at + n].astype(np.int64)
        order = range(n) if text["byteord"].startswith("1") else range(n - 1, -1, -1)
        number = np.zeros(flow.event_count, dtype=np.int64)
        for place, byte in enumerate(order):
            number |= part[:, byte] << (8 * place)
        mask = (1 << max(1, math.ceil(math.log2(float(channel["pnr"]))))) - 1
        columns.append((number & mask).astype(np.float64))
        at += n
    return np.column_stack(columns)


def _on_a_linear_scale(
    file: AssayFile, flow: Any, stored: Floats, text: dict[str, str], findings: list[Finding]
) -> Floats:
    """Gain, logarithmic amplification and the time step undone (FCS 3.1, 3.2.20)."""
    values = stored.copy()
    for number, channel in flow.channels.items():
        column, (decades, lowest) = number - 1, channel["pne"]
        if decades > 0:
            values[:, column] = lowest * 10 ** (decades * stored[:, column] / channel["pnr"])
        elif channel["png"] not in (0, 1):
            values[:, column] = stored[:, column] / channel["png"]
        if channel["pnn"].lower() == "time" and text.get("timestep"):
            step = _number(text["timestep"])
            if step is None:
                findings.append(_no_time_step(file, text["timestep"]))
            else:
                values[:, column] *= step
    return values


def _number(text: str) -> float | None:
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _no_time_step(file: AssayFile, prints: str) -> Finding:
    return Finding(
        rule="FLF-002",
        subject=file.name,
        severity=Severity.WARNING,
        kind="format",
        says=f"the time step is {prints!r}, which is no number: times are left in steps",
        why="A gate on time, and the rate of events, would be in another unit.",
        settle="the file as the cytometer wrote it.",
        quotes=(Quote(source=file.name, prints=prints, place="$TIMESTEP"),),
    )


def _spill(text: dict[str, str], names: list[str]) -> tuple[Spill | None, str]:
    """The file's matrix, or why it cannot be used; neither where there is none."""
    key = next((key for key in _SPILLS if text.get(key)), None)
    if key is None:
        return None, ""
    cells = [cell.strip() for cell in text[key].split(",")]
    if not cells[0].isdigit() or int(cells[0]) < 1:
        return None, f"it begins with {cells[0]!r} and not with a count"
    n = int(cells[0])
    if len(cells) != 1 + n + n * n:
        return None, f"it has {n} channels and {len(cells) - 1 - n} coefficients"
    detectors = tuple(cells[1 : n + 1])
    # Some software writes channels by number, others by name.
    numbered = all(cell.isdigit() and 0 < int(cell) <= len(names) for cell in detectors)
    if numbered and not set(detectors) <= set(names):
        detectors = tuple(names[int(cell) - 1] for cell in detectors)
    unknown = [name for name in detectors if name not in names]
    if unknown:
        return None, f"there is no channel {unknown[0]!r}"
    coefficients = [_number(cell) for cell in cells[n + 1 :]]
    if None in coefficients:
        return None, "a coefficient is no number"
    matrix = np.array(coefficients, dtype=np.float64).reshape(n, n)
    return (None, "") if np.allclose(matrix, np.eye(n)) else (Spill(detectors=detectors, matrix=matrix), "")


def _no_spill(file: AssayFile, problem: str) -> Finding:
    return Finding(
        rule="FLF-003",
        subject=file.name,
        severity=Severity.WARNING,
        kind="format",
        says=f"the spillover matrix of the file cannot be used: {problem}",
        why="Gates that ask for the file's own compensation are refused rather than left uncompensated.",
        settle="the file as the cytometer wrote it, or a matrix in the Gating-ML file.",
    )


def _when(text: dict[str, str]) -> datetime | None:
    day, time = text.get("date", ""), text.get("btim", "")
    for form in _DATES:
        try:
            found = datetime.strptime(day.title() if "%b" in form else day, form)  # noqa: DTZ007 - the file has no zone
        except ValueError:
            continue
        hour = re.match(r"(\d\d):(\d\d):(\d\d)", time)
        if hour is None or int(hour[1]) > 23 or int(hour[2]) > 59 or int(hour[3]) > 59:
            return found
        return found.replace(hour=int(hour[1]), minute=int(hour[2]), second=int(hour[3]))
    return None


def _not_finite(file: AssayFile, count: int) -> Finding:
    return Finding(
        rule="FLF-001",
        subject=file.name,
        severity=Severity.WARNING,
        kind="plausibility",
        says=f"{count} values of events are not numbers",
        why="They are in no gate, and every share is of all events.",
        settle="the acquisition, or the file as the cytometer wrote it.",
    )


FCS = AssayReader(
    name="fcs",
    title="Flow cytometry standard 2.0, 3.0, 3.1",
    kind=AssayKind.FLOW,
    suffixes=(".fcs", ".lmd"),
    recognises=_recognises,
    read=read_fcs,
    citation="ISAC FCS 3.1: Spidlen et al., Cytometry A 2010;77:97-100; read by flowio (BSD-3-Clause)",
)
