"""Files that a person sends: bounded before they are read, and held to what they say they are by their content.

A name proves nothing. What is taken here is text (a study file, CSV, JSON), or evidence that its reader then holds to
its format; anything else is refused, and nothing of it is kept.
"""

from __future__ import annotations

import json
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from exotrial.core.errors import ErrorCode, Place

NO_FILE = ErrorCode("UPL-001", "No file was chosen.", "choose a file, or paste its text.")
TOO_LARGE = ErrorCode(
    "UPL-002", "The file is too large.", "send the file that is asked for; study files and lists are small."
)
NOT_TEXT = ErrorCode(
    "UPL-003",
    "The file is no text in UTF-8.",
    "save it as plain text, CSV or JSON in UTF-8; a document or a spreadsheet renamed is still one.",
)
NOT_JSON = ErrorCode(
    "UPL-004", "The file is no JSON object.", "send the file as exotrial wrote it, with nothing changed."
)

LARGEST = 4_000_000
"""Bytes of a file; the whole request is held to 8 MiB before any of it is parsed (DATA_UPLOAD_MAX_MEMORY_SIZE)."""


def read_text_file(request: HttpRequest, name: str, *, largest: int = LARGEST) -> str:
    """The text of an uploaded file. Refuses with UPL-001, UPL-002 and UPL-003; the place is the field's name."""
    raw = _read(request, name, largest=largest)
    place = Place(path=name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NOT_TEXT.refuse(f"byte {error.start + 1} is no UTF-8", place=place) from None
    strange = next((at for at, sign in enumerate(text) if ord(sign) < 32 and sign not in "\t\n\r\f"), None)
    if strange is not None or text.startswith("%PDF-"):
        at = (strange or 0) + 1
        raise NOT_TEXT.refuse(f"character {at} is none that a text has", place=place)
    return text


def read_json_file(request: HttpRequest, name: str, *, largest: int = LARGEST) -> dict[str, Any]:
    """The object of an uploaded JSON file. Refuses like `read_text_file`, and with UPL-004."""
    text = read_text_file(request, name, largest=largest)
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise NOT_JSON.refuse("its text is not one JSON object", place=Place(path=name))
    return read


def read_file(request: HttpRequest, name: str, *, largest: int = LARGEST) -> tuple[str, bytes]:
    """The name, without folders, and the bytes of an uploaded file of any kind. Refuses with UPL-001 and UPL-002.

    For what is kept as it came; whoever takes it reads it and refuses what is none of its formats.
    """
    content = _read(request, name, largest=largest)
    file = request.FILES[name]
    assert isinstance(file, UploadedFile)  # else it was refused
    return str(file.name), content


def _read(request: HttpRequest, name: str, *, largest: int) -> bytes:
    file = request.FILES.get(name)
    place = Place(path=name)
    if not isinstance(file, UploadedFile) or not file.name:
        raise NO_FILE.refuse("the field holds no file", place=place)
    if file.size is None or file.size > largest:
        raise TOO_LARGE.refuse(f"it has {file.size} bytes, at most {largest} are taken", place=place)
    if file.size == 0:
        raise NO_FILE.refuse("the file is empty", place=place)
    return bytes(file.read())
