"""Whether an FCS file's keywords and its data agree (FCS 3.1: Spidlen et al., Cytometry A 2010;77:97-100).

flowio trusts each keyword alone. A wrong $TOT, $PAR, $DATATYPE, $PnB or $BYTEORD then gives other numbers and no word
of it, so that all are held against each other and against the length of the data before any event is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exotrial.core.errors import ErrorCode, Refusal
from exotrial.core.findings import Finding, Severity
from exotrial.product.assay import AssayFile

CONTRADICTS = ErrorCode(
    "FCS-005",
    "A keyword of an FCS file contradicts its data or another keyword.",
    "export the file again from the cytometer; one that was cut, edited or sent as text is not mended here.",
)

_BITS = {"F": 32, "D": 64}
_CHECKSUM = 8
"""A checksum of the whole file may follow its last part in eight characters (FCS 3.1, 3.6)."""


def check_structure(file: AssayFile, flow: Any, text: Mapping[str, str]) -> list[Finding]:
    """Refuse keywords that contradict the data (FCS-005), doubt bytes that nothing accounts for (FLF-004).

    `flow` is flowio's reading of the file, `text` its keywords in small letters without the dollar sign.
    """
    channels = _whole(file, text, "par")
    named = [name for name in (text.get(f"p{k}n", "") for k in range(1, channels + 1)) if name]
    more = text.get(f"p{channels + 1}b") or text.get(f"p{channels + 1}n")
    if len(named) != channels or len(flow.channels) != channels or more:
        held = max(len(named), len(flow.channels)) + bool(more)
        raise _refuse(file, "par", text, f"$PAR is {channels}, and {held} channels are described")
    bits = [_whole(file, text, f"p{k}b") for k in range(1, channels + 1)]
    kind = text.get("datatype", "").upper()
    if kind not in ("I", *_BITS):
        raise _refuse(file, "datatype", text, f"$DATATYPE is {kind!r}, and only I, F and D are read")
    if kind in _BITS and set(bits) != {_BITS[kind]}:
        raise _refuse(
            file,
            "datatype",
            text,
            f"$DATATYPE {kind} has {_BITS[kind]} bits, and $PnB are {sorted(set(bits))}",
        )
    _check_order(file, text)
    for number in range(1, channels + 1):
        if not _above_0(text.get(f"p{number}r", "")):
            raise _refuse(file, f"p{number}r", text, f"$P{number}R is no range above 0")
    return _check_length(file, flow, text, sum(bits))


def _check_order(file: AssayFile, text: Mapping[str, str]) -> None:
    order = text.get("byteord", "").replace(" ", "")
    rising = [",".join(str(k) for k in range(1, n + 1)) for n in (1, 2, 4, 8)]
    if order not in (*rising, *(",".join(reversed(each.split(","))) for each in rising)):
        raise _refuse(file, "byteord", text, f"$BYTEORD is {order!r}, which is neither 1,2,3,4 nor 4,3,2,1")


def _check_length(file: AssayFile, flow: Any, text: Mapping[str, str], bits: int) -> list[Finding]:
    start, stop = (
        int(flow.header[f"data_{end}"]) or _whole(file, text, f"{word}data")
        for end, word in (("start", "begin"), ("stop", "end"))
    )
    held = stop - start + 1
    if stop >= len(file.data):
        raise _refuse(
            file, "enddata", text, f"the data end at byte {stop}, and the file has {len(file.data)} bytes"
        )
    # FCS 2.0 does without $TOT: then the data hold a whole number of events.
    told = _whole(file, text, "tot") if "tot" in text else held * 8 // bits
    if told * bits != held * 8:
        raise _refuse(
            file,
            "tot",
            text,
            f"{told} events of {bits} bits are {told * bits / 8:g} bytes, and the data have {held}",
        )
    ends = [stop, *(_offset(flow.header.get(f"{part}_stop")) for part in ("text", "analysis"))]
    ends += [_offset(text.get(word)) for word in ("endanalysis", "endstext")]
    rest = file.data[max(ends) + 1 :]
    if len(rest) <= _CHECKSUM or not rest.strip(b"\0 \r\n"):
        return []
    return [
        Finding(
            rule="FLF-004",
            subject=file.name,
            severity=Severity.ERROR,
            kind="format",
            says=f"{len(rest)} bytes follow the last part that header and text tell of",
            why="A file that was sent as text or saved in another encoding grows so, and its numbers are others.",
            settle="the file as the cytometer wrote it, compared by its SHA-256.",
        )
    ]


def _offset(value: object) -> int:
    written = str(value or "0").strip()
    return int(written) if written.isdecimal() else 0


def _whole(file: AssayFile, text: Mapping[str, str], keyword: str) -> int:
    written = text.get(keyword, "")
    if not (written.isascii() and written.isdecimal() and int(written) > 0 and len(written) < 16):
        raise _refuse(file, keyword, text, f"${keyword.upper()} is {written!r} and no count from 1 up")
    return int(written)


def _above_0(written: str) -> bool:
    try:
        return 0 < float(written) < float("inf")
    except ValueError:
        return False


def _refuse(file: AssayFile, keyword: str, text: Mapping[str, str], problem: str) -> Refusal:
    return CONTRADICTS.refuse(problem, place=file.at(path=f"${keyword.upper()}"), value=text.get(keyword, ""))
