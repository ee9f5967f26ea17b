"""Files that are sent: what they are by content, how large they may be, and what happens to a very large one."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.web.pages._uploads import LARGEST, read_json_file, read_text_file
from tests.trial import Trial
from tests.web.live import serving
from tests.web.pages.visitor import Visitor, words_of


def sent(content: bytes, name: str = "list.csv") -> HttpRequest:
    return RequestFactory().post("/", {"file": SimpleUploadedFile(name, content)})


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1))
def test_text_comes_as_it_was_written(text: str) -> None:
    expected = text.removeprefix("\ufeff")
    if not text.startswith("%PDF-"):
        assert read_text_file(sent(text.encode()), "file") == expected


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "UPL-001"),
        (b"%PDF-1.7\nbinary", "UPL-003"),
        (b"PK\x03\x04spreadsheet", "UPL-003"),
        (b"stratum,slot\xff", "UPL-003"),
        ("stratum,slot".encode("utf-16"), "UPL-003"),
        (b"a" * (LARGEST + 1), "UPL-002"),
    ],
)
def test_what_is_no_text_is_refused_whatever_its_name(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        read_text_file(sent(content), "file")
    assert refused.value.code.code == code


def test_the_largest_file_is_taken_and_no_file_is_refused() -> None:
    assert len(read_text_file(sent(b"a" * LARGEST), "file")) == LARGEST
    with pytest.raises(Refusal, match="UPL-001"):
        read_text_file(RequestFactory().post("/", {"file": "text"}), "file")


@pytest.mark.parametrize("content", [b"[1]", b"{", b"{" * 100_000, b'"text"'])
def test_what_is_no_object_is_refused_as_json(content: bytes) -> None:
    with pytest.raises(Refusal, match="UPL-004"):
        read_json_file(sent(content, "export.json"), "file")
    assert read_json_file(sent(json.dumps({"a": 1}).encode()), "file") == {"a": 1}


def test_a_request_of_200_mb_is_refused_before_any_of_it_is_sent(trial: Trial, tmp_path: Path) -> None:
    size = 200 * 1024 * 1024
    head = (
        f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n"
        "Connection: close\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    with serving(trial.opened.home, tmp_path / "log") as live:
        address = urlsplit(live.url)
        with socket.create_connection((address.hostname, address.port), timeout=10) as line:
            line.sendall(head.encode() + b"--x\r\n")
            told = b"".join(iter(lambda: line.recv(65536), b""))
    assert told.startswith(b"HTTP/1.1 413"), told
    assert b"API-003" in told


def test_a_page_says_that_what_was_sent_is_too_large(trial: Trial) -> None:
    visitor = Visitor(trial)
    answer = visitor.client.post("/sign-in", content=b"x" * (8 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "too large" in words_of(answer)
