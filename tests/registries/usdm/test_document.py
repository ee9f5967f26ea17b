"""What is no USDM v4.0 document is refused with its line and path; nothing is read from a part of one."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.registries.json_lines import compute_lines
from exotrial.registries.registry import choose_reader, record_file
from exotrial.registries.usdm.document import read_document, recognises_usdm
from exotrial.registries.usdm.reader import read_usdm
from tests.conftest import shared
from tests.registries.usdm.examples import as_file, clean_bytes, edited_documents


def _refused(data: Any) -> list[Refusal]:
    try:
        read_document(as_file(data))
    except Refusal as refusal:
        return [refusal]
    except Refusals as refusals:
        return list(refusals.refusals)
    raise AssertionError("the document was not refused")


def _codes(data: Any) -> set[str]:
    return {refusal.code.code for refusal in _refused(data)}


def test_the_official_pilot_is_whole() -> None:
    pilot = shared("data", "usdm", "CDISC_Pilot_Study.json").read_bytes()
    assert len(read_document(record_file(pilot, name="pilot.json")).elements) == 1952  # counted with jq


def test_the_reader_is_found_by_the_file() -> None:
    assert choose_reader(as_file(clean_bytes())).name == "usdm"


def test_a_file_cut_short_is_still_known_for_what_it_is() -> None:
    assert choose_reader(as_file(clean_bytes()[:40_000])).name == "usdm"


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe", b"trial,phase\n1,2\n", b'{"protocolSection": {}}'])
def test_other_files_are_not_taken_for_usdm(data: bytes) -> None:
    assert not recognises_usdm(record_file(data, name="x"))


def test_a_file_cut_short_is_refused_with_the_line_where_it_ends() -> None:
    (refusal,) = _refused(clean_bytes()[:40_000])
    assert refusal.code.code == "USD-001"
    assert refusal.place.line == clean_bytes()[:40_000].count(b"\n") + 1
    assert "ends in the middle" in refusal.problem


@given(st.floats(0, 1))
@settings(max_examples=30)
def test_no_part_of_a_file_is_read(share: float) -> None:
    data = clean_bytes().rstrip()
    assert _codes(data[: int(share * (len(data) - 1))]) == {"USD-001"}


@pytest.mark.parametrize(
    "data",
    [
        b'{"usdmVersion": NaN}',
        b'{"a": 1, "a": 2}',
        b"\xff{}",
        b'{"a":' + b"[" * 100_000,
        b'{"a": 1' + b"0" * 5000 + b"}",
    ],
)
def test_what_is_no_json_is_refused(data: bytes) -> None:
    assert _codes(data) in ({"USD-001"}, {"USD-002"})


def test_json_that_is_too_deep_is_refused() -> None:
    assert _codes(b'{"usdmVersion": "4.0.0", "study": ' + b"[" * 300 + b"]" * 300 + b"}") == {"USD-001"}


@pytest.mark.parametrize(
    ("version", "refused"), [("3.13.0", True), ("4.0.0", False), ("4.0", False), ("4.1.0", True), ("5", True)]
)
def test_only_version_4_0_is_read(version: str, refused: bool) -> None:
    data = clean_bytes().replace(b'"usdmVersion": "4.0.0"', f'"usdmVersion": "{version}"'.encode())
    if refused:
        (refusal,) = _refused(data)
        assert (refusal.code.code, refusal.value, refusal.place.path) == ("USD-003", version, "$.usdmVersion")
    else:
        assert read_document(as_file(data)).elements


def test_a_reference_that_leads_nowhere_is_refused_with_its_path() -> None:
    document = json.loads(clean_bytes())
    document["study"]["versions"][0]["studyDesigns"][0]["studyCells"][1]["armId"] = "StudyArm_gone"
    (refusal,) = _refused(document)
    assert refusal.code.code == "USD-006"
    assert refusal.place.path == "$.study.versions[0].studyDesigns[0].studyCells[1].armId"
    assert refusal.value == "StudyArm_gone"


def test_a_reference_to_a_part_of_another_class_is_refused() -> None:
    document = json.loads(clean_bytes())
    design = document["study"]["versions"][0]["studyDesigns"][0]
    design["studyCells"][0]["armId"] = design["epochs"][0]["id"]
    (refusal,) = _refused(document)
    assert refusal.code.code == "USD-006"
    assert "StudyEpoch" in refusal.problem


def test_an_id_given_twice_is_refused_with_both_lines() -> None:
    document = json.loads(clean_bytes())
    titles = document["study"]["versions"][0]["titles"]
    titles[1]["id"] = titles[0]["id"]
    (refusal,) = _refused(json.dumps(document, indent=1).encode())
    assert refusal.code.code == "USD-005"
    assert "on line" in refusal.problem
    assert refusal.place.line is not None


def test_every_wrong_value_is_told_at_once() -> None:
    document = json.loads(clean_bytes())
    version = document["study"]["versions"][0]
    version["versionIdentifier"] = 1
    version["studyDesigns"][0]["arms"][0]["colour"] = "blue"
    del version["studyDesigns"][0]["model"]
    paths = {refusal.place.path for refusal in _refused(document)}
    assert paths == {
        "$.study.versions[0].versionIdentifier",
        "$.study.versions[0].studyDesigns[0].arms[0].colour",
        "$.study.versions[0].studyDesigns[0].model",
    }


@given(edited_documents())
@settings(max_examples=60)
def test_a_document_edited_by_hand_is_read_or_refused(document: Any) -> None:
    with contextlib.suppress(Refusal, Refusals):
        assert read_usdm(as_file(document)) is not None


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(_JSON, st.sampled_from([None, 1]))
@settings(max_examples=50)
def test_every_value_has_the_line_on_which_it_begins(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    lines = compute_lines(text)
    shown = text.split("\n")
    for path, line in lines.items():
        here = value
        for step in path:
            here = here[step]
        start = json.dumps(here, indent=indent).split("\n")[0]
        assert start in shown[line - 1]
