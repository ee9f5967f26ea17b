"""A file of CTIS, the EU's Clinical Trials Information System: the trials in it.

One answer of the portal's `retrieve`, a list of them, or one a line. What its search gives is no record.
"""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.errors import ErrorCode
from exotrial.registries.json_lines import JsonPath
from exotrial.registries.json_tree import JsonCodes, JsonText, JsonTree, read_pieces
from exotrial.registries.registry import RecordFile

NOT_JSON = ErrorCode(
    "EUC-001",
    "The file is not JSON, or ends before its JSON does.",
    "download it again and compare its size: nothing is read from a part of a record.",
)
REPEATED_KEY = ErrorCode(
    "EUC-002",
    "An object of the file has one key twice, so that it is open which of the two is meant.",
    "keep the one that is right and remove the other, or download the record again.",
)
WRONG_SHAPE = ErrorCode(
    "EUC-003",
    "A value of the file is not what the JSON of CTIS has at this place.",
    "download the record again from https://euclinicaltrials.eu/ctis-public-api/retrieve/ and its EU CT number.",
)
NO_NUMBER = ErrorCode(
    "EUC-004",
    "A trial of the file has no EU CT number.",
    "look for the number, such as 2023-505613-24-00: CTIS answers {} where it does not know the one asked for.",
)
NO_APPLICATION = ErrorCode(
    "EUC-005",
    "A trial of the file has no application: it is an overview of a search, or of the form before 17 June 2024.",
    "download the record from https://euclinicaltrials.eu/ctis-public-api/retrieve/ and its EU CT number.",
)
_CODES = JsonCodes(not_json=NOT_JSON, repeated_key=REPEATED_KEY, wrong_shape=WRONG_SHAPE)
APPLICATION = "authorizedApplication"
_SIGNS = (b'"authorizedApplication"', b'"authorizedPartI"', b'"ctTitle"')


def recognises_ctis(file: RecordFile) -> bool:
    """Whether the bytes look like trials of CTIS, whole, cut short or of a search; never raises."""
    begins = file.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
    return begins and b'"ctNumber"' in file.data and any(sign in file.data for sign in _SIGNS)


def read_trials(file: RecordFile) -> list[JsonTree]:
    """Every trial of a file, in file order (EUC-001 to EUC-003, EUC-005)."""
    pieces = read_pieces(file, _CODES)
    trees = [JsonTree(piece=piece, root=root, codes=_CODES) for piece in pieces for root in _roots(piece)]
    for tree in trees:
        if tree.find("ctNumber") is not None and tree.find(APPLICATION) is None:
            raise NO_APPLICATION.refuse(
                f"{str(tree.find('ctNumber'))[:40]} has no {APPLICATION!r}", place=tree.at("ctNumber")
            )
    return trees


def _roots(piece: JsonText) -> Iterator[JsonPath]:
    """Where the trials of a piece are: those of a search stand below `data`."""
    value = piece.value
    if isinstance(value, dict) and isinstance(value.get("data"), list):
        yield from (("data", position) for position in range(len(value["data"])))
    elif isinstance(value, list):
        yield from ((position,) for position in range(len(value)))
    else:
        yield ()
