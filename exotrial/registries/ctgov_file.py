"""A file of ClinicalTrials.gov's API v2: the studies in it, each value with its JSON path and line.

One study, a page of several (`{"studies": [...]}`), a list, one version of a study's history, or a study a line.
"""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.errors import ErrorCode
from exotrial.registries.json_lines import JsonPath
from exotrial.registries.json_tree import JsonCodes, JsonText, JsonTree, read_pieces
from exotrial.registries.registry import RecordFile

NOT_JSON = ErrorCode(
    "CTG-001",
    "The file is not JSON, or ends before its JSON does.",
    "download it again and compare its size: nothing is read from a part of a record.",
)
REPEATED_KEY = ErrorCode(
    "CTG-002",
    "An object of the file has one key twice, so that it is open which of the two is meant.",
    "keep the one that is right and remove the other, or download the record again.",
)
WRONG_SHAPE = ErrorCode(
    "CTG-003",
    "A value of the file is not what ClinicalTrials.gov's API v2 has at this place.",
    "download the record again from https://clinicaltrials.gov/api/v2/studies; other APIs have other fields.",
)
NO_NUMBER = ErrorCode(
    "CTG-004",
    "A study of the file has no number of ClinicalTrials.gov, nor one of its organisation.",
    "download it with its identification module: without a number nobody knows whose record it is.",
)

_CODES = JsonCodes(not_json=NOT_JSON, repeated_key=REPEATED_KEY, wrong_shape=WRONG_SHAPE)


def recognises_ctgov(file: RecordFile) -> bool:
    """Whether the bytes look like studies of the API v2, whole or cut short; never raises."""
    return b'"protocolSection"' in file.data and file.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")


def read_studies(file: RecordFile) -> list[JsonTree]:
    """Every study of a file, in file order (CTG-001 to CTG-003)."""
    pieces = read_pieces(file, _CODES)
    return [JsonTree(piece=piece, root=root, codes=_CODES) for piece in pieces for root in _roots(piece)]


def _roots(piece: JsonText) -> Iterator[JsonPath]:
    """Where the studies of a piece are."""
    value = piece.value
    if isinstance(value, list):
        yield from ((position,) for position in range(len(value)))
    elif isinstance(value, dict) and "studies" in value:
        if not isinstance(value["studies"], list):
            raise WRONG_SHAPE.refuse("`studies` is no list", place=piece.at(("studies",)))
        yield from (("studies", position) for position in range(len(value["studies"])))
    elif isinstance(value, dict) and "study" in value:
        yield ("study",)
    else:
        yield ()
