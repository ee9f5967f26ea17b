"""ICTRP's XML: the portal's export says what its CSV says; the form of the DTD is read element by element."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Refusal
from exotrial.registries.draft import draft_study
from exotrial.registries.ictrp_upload import read_day
from exotrial.registries.record import RegistryRecord
from exotrial.registries.registry import choose_reader, read_records, record_file
from tests.conftest import PROJECT

FILES = PROJECT / "tests" / "files" / "registries"
EXPORT = (FILES / "ictrp_export.xml").read_bytes()
UPLOAD = (FILES / "ictrp_upload.xml").read_bytes()


def read(data: bytes) -> tuple[RegistryRecord, ...]:
    return read_records(record_file(data, name="x.xml"))


def rules(record: RegistryRecord) -> Counter[str]:
    return Counter(finding.rule for finding in record.findings)


def test_the_portals_export_is_mended_as_its_rows_are() -> None:
    (record,) = read(EXPORT)
    assert (record.registry, record.reader, record.as_of) == ("chictr", "ictrp-xml", date(2021, 7, 5))
    assert record.registered is not None
    assert (
        str(record.registered.value) == "2021-06-12"
    )  # Date_registration3; the cell beside it is turned round
    assert record.target_size is not None
    assert record.target_size.value == 13 + 12
    assert record.phase is not None
    assert record.phase.value == "1-2"
    assert dict(rules(record)) == {"REG-017": 1, "REG-018": 1, "REG-019": 1, "SIZ-008": 1, "TXT-010": 1}


def test_each_value_stands_at_the_line_of_its_element() -> None:
    (record,) = read(EXPORT)
    lines = EXPORT.decode().splitlines()
    assert record.target_size is not None
    assert record.target_size.place.line is not None
    assert "<Target_size>" in lines[record.target_size.place.line - 1]
    (told,) = [one for one in record.findings if one.rule == "REG-018"]
    assert told.quotes[0].line is not None
    assert "<Phase>" in lines[told.quotes[0].line - 1]


def test_the_form_of_the_dtd_is_read_element_by_element() -> None:
    (record,) = read(UPLOAD)
    told = {
        "registered": PartialDate(year=2021, month=3, day=4),  # day first, as the DTD says
        "acronym": "MADEUP",
        "scientific_title": "Made-up vesicles in a made-up disease at 37 °C",
        "phase": "1-2",
        "masking": "double blind",
        "target_size": 72,
        "actual_size": 70,
        "status": "Complete",
    }
    assert {name: getattr(record, name).value for name in told} == told
    assert record.start_actual is True
    assert [(one.role, one.name.value) for one in record.sponsors] == [
        ("sponsor", "Made-up University; of Medical Sciences"),
        ("funder", "Made-up Foundation"),
    ]
    assert [one.value for one in record.secondary_ids] == ["U1111-1250-1234", "MADE-UP-1"]
    assert [(one.name.value, one.code and one.code.value) for one in record.conditions] == [
        ("Made-up lung injury", "J80"),
        ("Made-up fever", None),
    ]
    assert [(one.level, one.name.value, one.days) for one in record.outcomes] == [
        ("primary", "Score", (0, 7, 14)),
        ("secondary", "Fever", (7,)),
        ("secondary", "C-reactive protein", ()),
    ]
    (ethics,) = record.ethics
    assert ethics.approved is not None
    assert str(ethics.approved.value) == "2020-11-21"
    assert {"main/results_summary", "main/results_date_posted"} <= {loss.item for loss in record.unheld}


def test_dates_that_are_not_as_the_dtd_says_are_told() -> None:
    (record,) = read(UPLOAD)
    assert record.start is not None
    assert record.completion is not None
    told = [one.says for one in record.findings if one.rule == "REG-019"]
    assert (str(record.start.value), "day and month in the other order" in told[0]) == ("2021-03-25", True)
    assert (str(record.completion.value), "Jalali" in told[1]) == ("2019-03-24", True)
    assert (record.results_posted, "is no day" in told[2]) == (None, True)


@pytest.mark.parametrize(
    ("text", "day", "unusual"),
    [
        ("04/03/2021", "2021-03-04", False),
        ("12/12/2021", "2021-12-12", False),
        ("12/13/2021", "2021-12-13", True),
        ("13/12/2021", "2021-12-13", False),
        ("2021-03-04", "2021-03-04", False),
        ("4 March 2021", "2021-03-04", False),
        ("2641-06-14", "2020-03-24", True),
    ],
)
def test_a_day_is_day_first_unless_it_cannot_be(text: str, day: str, unusual: bool) -> None:
    found = read_day(text)
    assert found is not None
    assert (str(found[0]), bool(found[1])) == (day, unusual)


def test_people_are_read_and_shown_nowhere() -> None:
    for data in (EXPORT, UPLOAD):
        (record,) = read(data)
        assert record.contacts[0].email == "nobody@example.org"
        shown = repr(record).lower()
        assert not [one for one in ("nobody", "nemo", "nowhere street", "+00", "committee@") if one in shown]


def test_a_draft_is_made_of_both_and_says_that_sharing_is_undecided() -> None:
    for data in (EXPORT, UPLOAD):
        draft = draft_study(read(data)[0])
        assert not [one for one in ("nobody", "nemo", "nowhere street", "+00") if one in draft.text.lower()]
    assert [loss.prints for loss in draft.losses if loss.item == "sharing of participant data"] == [
        "Undecided"
    ]


def test_two_trials_that_claim_one_number_are_told() -> None:
    start, end = UPLOAD.index(b"  <trial>\n"), UPLOAD.index(b"</trials>")
    again = UPLOAD[start:end].replace(b"04/03/2021", b"05/03/2021")
    first, second = read(UPLOAD[:end] + again + UPLOAD[end:])
    assert (rules(first)["IMP-002"], rules(second)["IMP-002"]) == (0, 1)


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE trials [
<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
]>
<trials><trial><main><trial_id>&b;</trial_id></main></trial></trials>
"""


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (BOMB, r"ICT-006: x.xml line 3: the document type declares an entity"),
        (BOMB.replace(b'a "ha"', b'a SYSTEM "file:///etc/hostname"'), r"ICT-006: x.xml line 3"),
        (
            b"<!DOCTYPE trials SYSTEM 'x.dtd'>\n<trials><trial><main><trial_id>&a;</trial_id></main></trial></trials>",
            r"ICT-006: x.xml line 2: the entity &a; is declared elsewhere",
        ),
        (EXPORT[:1000], r"ICT-005: x.xml line 2\d"),
        (UPLOAD.replace(b"</main>", b""), r"ICT-005: x.xml line \d+"),
        (b"<studies><TrialID>1</TrialID></studies>", r"ICT-007: x.xml line 1: the root element is 'studies'"),
        (UPLOAD.replace(b"IRCT20990101000001N1", b" "), r"ICT-004: x.xml line 6 "),
        (EXPORT.replace(b"ChiCTR2099000001", b""), r"ICT-004: x.xml line 4 "),
    ],
)
def test_what_cannot_be_trusted_is_refused_at_its_line(data: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        read(data)


def test_entities_declared_in_another_encoding_are_refused_too() -> None:
    words = BOMB.decode().replace('version="1.0"', 'version="1.0" encoding="UTF-16"').encode("utf-16")
    with pytest.raises(Refusal, match="ICT-006"):
        read_records(record_file(words, name="x.xml"), reader="ictrp-xml")


def test_both_forms_are_known_by_their_content() -> None:
    for data in (EXPORT, UPLOAD, BOMB):
        assert choose_reader(record_file(data, name="anything")).name == "ictrp-xml"


@given(st.data())
def test_any_element_may_hold_anything(data: st.DataObject) -> None:
    """No words of an element make a defect, and none changes the trial's number."""
    whole = data.draw(st.sampled_from([EXPORT, UPLOAD])).decode()
    lines = whole.splitlines()
    line = data.draw(
        st.sampled_from([n for n, text in enumerate(lines) if text.strip().endswith("</" + _tag(text))])
    )
    tag = _tag(lines[line])
    if tag in ("TrialID>", "trial_id>"):
        return
    words = data.draw(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="<&"))
    )
    lines[line] = f"<{tag}{words}</{tag}"
    (record,) = read("\n".join(lines).encode())
    assert record.identifier.value in ("ChiCTR2099000001", "IRCT20990101000001N1")


def _tag(line: str) -> str:
    return line.strip().partition("<")[2].partition(">")[0] + ">"


@given(st.integers(0, len(UPLOAD)), st.sampled_from([EXPORT, UPLOAD]))
def test_a_file_cut_anywhere_is_refused_or_whole(at: int, data: bytes) -> None:
    file = record_file(data[:at], name="x.xml")
    if data[at:].strip():
        with pytest.raises(Refusal, match="ICT-005"):
            read_records(file, reader="ictrp-xml")
    else:
        assert len(read_records(file, reader="ictrp-xml")) == 1
