"""Which HTTP status a refusal has, and the one form of every answer that is not what was asked for.

    {"errors": [{"code": "OPR-003", "place": "", "value": "monitor", "problem": "...", "remedy": "..."}]}

The status is for programs that read nothing else; the code says what it is, the same on the command line.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from pydantic_core import to_json

from exotrial.core.errors import ErrorCode, Refusal

NO_CREDENTIALS = ErrorCode(
    "API-001",
    "The request does not say who asks.",
    "send `Authorization: Bearer KEY` with the key of a session (POST /api/sign-in) or of a token.",
)
BAD_JSON = ErrorCode(
    "API-002",
    "The body of the request is not a JSON object.",
    "send one JSON object in UTF-8 with `Content-Type: application/json`.",
)
TOO_LARGE = ErrorCode("API-003", "The body of the request is too large.", "send 8 MiB at most.")
NO_PATH = ErrorCode(
    "API-004", "There is nothing at this path.", "see /api/openapi.json for the paths that there are."
)
NO_METHOD = ErrorCode(
    "API-005", "The path does not take this method.", "operations and views are all asked by POST."
)
BAD_REQUEST = ErrorCode(
    "API-006",
    "The request cannot be understood.",
    "look at its host name, headers and length; the server's names are set by EXOTRIAL_HOSTS.",
)
DEFECT = ErrorCode(
    "API-007",
    "exotrial met a defect of its own, and nothing of the request was saved.",
    "tell the administrator the time: the server's log holds the rest.",
)
NO_DATABASE = ErrorCode(
    "API-008", "The database does not answer.", "send it again later; nothing of it was saved."
)

DEFAULT_STATUS = 422

STATUS: dict[str, int] = {
    "AUT-001": 403,
    "AUT-002": 401,
    "AUT-003": 401,
    "AUT-004": 401,
    "TOK-001": 401,
    "OPR-001": 404,
    "OPR-002": 400,
    "OPR-003": 403,
    "OPR-004": 403,
    "OPR-005": 409,
    "OPR-006": 404,
    "OPR-007": 400,
    "OPR-008": 403,
    "OPR-009": 503,
    "OPR-010": 404,
    "OPR-011": 404,
    "OPR-012": 400,
    "OPR-013": 404,
    "OPR-014": 409,
    "ACC-001": 409,
    "ACC-003": 404,
    "ACC-005": 404,
    "ACC-006": 409,
    "ACC-007": 409,
    "SEL-001": 403,
    "INS-001": 409,
    "SIT-002": 409,
    "SIT-003": 409,
    "SIT-006": 404,
    "SIT-007": 409,
    "TOK-003": 403,
    "TOK-005": 404,
    "TOK-006": 409,
    "IDN-002": 409,
    "LIF-001": 409,
    "LIF-004": 409,
    "LIF-005": 409,
    "LIF-006": 409,
    "LIF-007": 409,
    "LIF-010": 409,
    "LIF-015": 409,
    "LIF-017": 409,
    "LST-001": 409,
    "LST-002": 404,
    "LST-003": 409,
    "LST-005": 409,
    "QRY-001": 404,
    "QRY-003": 409,
    "QRY-004": 409,
    "RCD-007": 409,
    "RCD-008": 409,
    "RED-001": 404,
    "RED-002": 409,
    "SDV-001": 409,
    "SDV-002": 409,
    "STU-001": 409,
    "STU-002": 409,
    "UNB-001": 409,
    "UNB-002": 409,
    "PAG-001": 404,
    "PAG-002": 403,
    "JOB-001": 404,
    "JOB-002": 409,
    "XPO-001": 404,
    "RTE-001": 429,
    "UPL-002": 413,
    "API-001": 401,
    "API-002": 400,
    "API-003": 413,
    "API-004": 404,
    "API-005": 405,
    "API-006": 400,
    "API-007": 500,
    "API-008": 503,
}
"""The status of a code; every other refusal is 422: understood, and not done."""


def status_of(code: ErrorCode) -> int:
    """The HTTP status of a code."""
    return STATUS.get(code.code, DEFAULT_STATUS)


def answer_refused(refusals: Sequence[Refusal], *, status: int | None = None) -> HttpResponse:
    """The answer to a request that was refused; the status is that of the first refusal unless one is given."""
    told = [
        {
            "code": refusal.code.code,
            "place": str(refusal.place),
            "value": refusal.value,
            "problem": refusal.problem,
            "remedy": refusal.remedy,
        }
        for refusal in refusals
    ]
    response = HttpResponse(
        to_json({"errors": told}),
        content_type="application/json",
        status=status or status_of(refusals[0].code),
    )
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="exotrial"'
    return response
