"""The protocol text of IRCT: a synthetic one with its dirt, damaged ones, and the seed where it is at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Refusal
from exotrial.registries import irct_form as form
from exotrial.registries.irct import IRCT
from exotrial.registries.record import Age, RecordedContact, RegistryRecord
from exotrial.registries.registry import read_records, record_file
from tests.conftest import PROJECT, shared

FILE = PROJECT / "tests" / "files" / "registries" / "irct_synthetic.txt"
TEXT = FILE.read_text(encoding="utf-8")


def read(text: str) -> RegistryRecord:
    (record,) = read_records(record_file(text.encode(), name="irct.txt"), reader="irct")
    return record


def refuse(text: str, code: str) -> Refusal:
    with pytest.raises(Refusal, match=code) as refusal:
        read(text)
    return refusal.value


RECORD = read(TEXT)


def test_the_record_says_what_the_protocol_prints() -> None:
    assert RECORD.identifier.value == "IRCT20240101012345N2"
    assert RECORD.as_of == date(2024, 6, 14)
    assert RECORD.registered is not None
    assert RECORD.registered.value == PartialDate(year=2024, month=3, day=10)
    assert RECORD.start is not None
    assert (RECORD.start.value, RECORD.start_actual) == (PartialDate(year=2024, month=4, day=9), True)
    assert RECORD.recruitment_end is not None
    assert RECORD.recruitment_end.value == PartialDate(year=2024, month=10, day=1)
    assert RECORD.completion is None
    plain = {
        "update_count": 1,
        "timing_label": "prospective",
        "acronym": "MADEUP",
        "phase": "2",
        "model": "parallel",
        "allocation": "randomised",
        "purpose": "supportive care",
        "masking": "single blind",
        "masked_roles": ("participant",),
        "placebo": True,
        "block_sizes": (4, 6),
        "age_min": Age(value=20, unit="a"),
        "age_max": Age(value=70, unit="a"),
        "sex": "all",
        "target_size": 48,
    }
    assert {name: getattr(RECORD, name).value for name in plain} == plain
    assert [words.value for words in RECORD.strata] == ["ward", "sex"]
    assert [words.value for words in RECORD.secondary_ids] == ["NCT00000000"]


def test_outcomes_arms_and_sponsors_are_read() -> None:
    assert [(o.level, o.name.value, o.days, o.horizon_days) for o in RECORD.outcomes] == [
        ("primary", "Oxygen need", (0, 3, 7, 14), None),
        ("secondary", "Death", (), 28),
        ("secondary", "Walking distance", (), 91),
    ]
    assert [arm.name.value for arm in RECORD.arms] == ["Intervention group", "Control group"]
    assert [given.kind and given.kind.value for given in RECORD.interventions] == [
        "Treatment - Other",
        "Placebo",
    ]
    assert [(one.role, one.share and one.share.value) for one in RECORD.sponsors] == [
        ("sponsor", None),
        ("funder", 100.0),
    ]
    assert RECORD.sharing is not None
    assert RECORD.sharing.participant_data is not None
    assert RECORD.sharing.participant_data.value is None
    assert [words.value for words in RECORD.sharing.documents] == ["Study Protocol"]


def test_summary_and_full_record_are_both_kept() -> None:
    assert [criterion.text.value for criterion in RECORD.criteria] == [
        "Age from 20 to 70 years",
        "Fever or cough for a week",
        "Oxygen saturation less than 93%",
        "Written informed consent",
        "Pregnancy",
        "Participation in another clinical trial within the last 3 months",
    ]
    summary = {item.heading: item.text.value for item in RECORD.protocol_summary}
    assert summary["Main outcome variables"] == "Oxygen need"
    assert "2- SpO2 less than 93%" in summary["Participants/Inclusion and exclusion criteria"]


def test_what_was_mended_or_doubtful_is_reported() -> None:
    assert [finding.id for finding in RECORD.findings] == [
        "TXT-004:emphasis",
        "REG-007:General information / Actual recruitment start date",
        "RGG-005:inclusion",
        "RGG-004:inclusion",
    ]
    calendars = RECORD.findings[1]
    assert "1403/01/20 is 2024-04-08" in calendars.says
    assert calendars.quotes[0].prints == "2024-04-09, 1403/01/20"


def stated_in(value: object) -> Iterator[object]:
    """Every Stated in a record, at any depth."""
    if is_dataclass(value):
        if type(value).__name__ == "Stated":
            yield value
            return
        for field in fields(value):
            yield from stated_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for entry in value:
            yield from stated_in(entry)


def test_every_value_stands_on_the_line_that_it_names() -> None:
    lines = TEXT.splitlines()
    found = list(stated_in(RECORD))
    assert len(found) > 60
    for stated in found:
        first = stated.prints.splitlines()[0]  # type: ignore[attr-defined]
        line = lines[stated.place.line - 1]  # type: ignore[attr-defined]
        assert line.strip() in first or first in line


def test_every_printed_line_is_held_or_named_as_lost() -> None:
    def words_of(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple):
            for entry in value:
                yield from words_of(entry)
        elif is_dataclass(value):
            for field in fields(value):
                yield from words_of(getattr(value, field.name))

    held = " ".join(" ".join(words_of(RECORD)).replace("**", "").split())
    withheld = {loss.place.line for loss in RECORD.unheld if not loss.prints}
    headings = {section.heading for section in form.SECTIONS} | {
        name for section in form.SECTIONS for name in section.fields
    }
    for number, line in enumerate(TEXT.splitlines(), start=1):
        words = line.replace("**", "").strip().strip(":")
        if number < 10 or not words or words in headings or words.replace("’", "'") in headings:
            continue
        if (
            words in {"empty", "1", "2"}
            or number in withheld
            or words.startswith(("Inclusion crit", "Exclusion crit"))
        ):
            continue
        if number == 123 or words == "Lecturer":
            continue  # four criteria without a sign between them; a person's position goes with the person
        if words.startswith("No - "):
            continue  # a document that is not shared is not among the documents
        assert words in held, (number, words)


PEOPLE = ("Alice", "Bob", "Carol", "example.org", "+98")


def test_people_stand_in_contacts_and_nowhere_else() -> None:
    assert {contact.role for contact in RECORD.contacts} == {
        *("registrant", "site", "sponsor", "public inquiries", "scientific inquiries", "data updates")
    }
    assert RECORD.contacts[0].email == "alice@example.org"
    without = [getattr(RECORD, field.name) for field in fields(RECORD) if field.name != "contacts"]
    assert not [name for name in PEOPLE if name in repr(without)]
    assert not [name for name in PEOPLE if name in repr(RecordedContact.__repr__(RECORD.contacts[0]))]
    assert [loss.place.line for loss in RECORD.unheld if not loss.prints] == [165, 453]
    assert RECORD.masking_description is not None
    assert RECORD.masking_description.value.startswith("The patients are blinded.")


def test_an_organisation_in_place_of_a_person_withholds_nothing_else() -> None:
    record = read(TEXT.replace("Carol Invented", "University of Nowhere"))
    assert [one.name.value for one in record.sponsors] == ["University of Nowhere"] * 2


def test_a_protocol_without_a_number_is_refused() -> None:
    gone = TEXT.replace("IRCT registration number: **IRCT20240101012345N2**\n", "")
    assert refuse(gone, "RGR-003").place.line is not None
    assert refuse(TEXT.replace("IRCT20240101012345N2", "NCT00000000"), "RGR-003").value == "NCT00000000"


def test_a_heading_printed_twice_is_refused_with_its_line() -> None:
    twice = TEXT.replace("Public title\n\n", "Scientific title\n\n")
    assert refuse(twice, "RGR-004").value == "Scientific title"
    assert refuse(TEXT.replace("\n2\n\nDescription\n\nWalking", "\nDescription\n\nWalking"), "RGR-004")
    assert refuse(TEXT.replace("Ethics committees\n", "Sharing plan\n"), "RGR-004").value == "Sharing plan"


def test_counts_ages_and_days_that_are_none_are_refused() -> None:
    assert refuse(TEXT.replace("size: **48**", "size: **about 48**"), "RGR-005").value == "about 48"
    assert (
        refuse(TEXT.replace("provided by this source\n100", "provided by this source\n130"), "RGR-005").value
        == "130"
    )
    assert refuse(TEXT.replace("From **20 years** old to", "From **twenty** old to"), "RGR-001")
    assert refuse(TEXT.replace("2024-01-20, 1402/10/30", "20/01/2024"), "DAY-00")
    assert refuse(TEXT.replace("1402/10/30", "1402/13/30"), "DAY-003")


def test_two_protocols_in_a_file_are_two_records_unless_they_claim_one_number() -> None:
    other = TEXT.replace("IRCT20240101012345N2", "IRCT20240101012345N3")
    records = read_records(record_file((TEXT + other).encode(), name="two.txt"))
    assert [record.identifier.value[-2:] for record in records] == ["N2", "N3"]
    assert refuse(TEXT + TEXT, "RGR-006").value == "IRCT20240101012345N2"


def test_another_encoding_is_refused_with_the_line() -> None:
    with pytest.raises(Refusal, match="RGR-002") as refusal:
        IRCT.read(record_file(TEXT.encode("cp1252"), name="a.txt"))
    assert refusal.value.place.line == TEXT[: TEXT.index("’")].count("\n") + 1


def test_a_cut_protocol_is_refused_or_says_that_it_may_be_cut() -> None:
    lines = TEXT.splitlines(keepends=True)
    for end in range(6, len(lines), 7):
        try:
            record = read("".join(lines[:end]))
        except Refusal as refusal:
            assert refusal.code.code in {"RGR-003", "RGR-005", "RGR-007", "RGY-005"}  # noqa: PT017
        else:
            assert "RGG-001" in {finding.rule for finding in record.findings}


def test_sections_in_another_order_give_the_same_values() -> None:
    head, *parts = re.split(r"(?m)^(?=Ethics committees$|Sharing plan$|Primary outcomes$)", TEXT)
    shuffled = read(head + "\n".join(reversed(parts)))
    for name in ("ethics", "sharing", "outcomes", "arms", "criteria"):
        assert len(stated := list(stated_in(getattr(shuffled, name)))) == len(
            list(stated_in(getattr(RECORD, name)))
        )
        assert [s.value for s in stated] == [s.value for s in stated_in(getattr(RECORD, name))]  # type: ignore[attr-defined]


def test_carriage_returns_and_a_byte_order_mark_change_nothing() -> None:
    windows = read_records(
        record_file(b"\xef\xbb\xbf" + TEXT.replace("\n", "\r\n").encode(), name="irct.txt")
    )
    assert [s.value for s in stated_in(windows)] == [s.value for s in stated_in((RECORD,))]  # type: ignore[attr-defined]


LINES = TEXT.splitlines()


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, len(LINES)), st.sampled_from(LINES) | st.text(max_size=20)), max_size=4)
)
def test_a_hand_edited_protocol_is_read_or_refused(edits: list[tuple[int, str]]) -> None:
    lines = list(LINES)
    for where, line in edits:
        lines.insert(where, line)
    try:
        record = read("\n".join(lines))
    except Refusal as refusal:
        assert refusal.code.code.startswith(("RGR-", "DAY-", "RGY-"))  # noqa: PT017
    else:
        assert record.identifier.value.startswith("IRCT")


def test_the_reader_recognises_its_own_files_only(tmp_path: Path) -> None:
    assert IRCT.recognises(record_file(TEXT.encode(), name="x"))
    assert not IRCT.recognises(record_file(b"Iranian Registry of Clinical Trials", name="x"))
    assert not IRCT.recognises(record_file(b"\xff\xfe\x00", name="x"))


@pytest.mark.shared
def test_the_protocol_of_the_exosome_trial_in_ards() -> None:
    text = shared("seeds", "003_f574a93727bdcf72.txt").read_text(encoding="utf-8")
    record = read(text)
    assert (record.identifier.value, record.identifier.place.line) == ("IRCT20201202049568N3", 48)
    assert record.target_size is not None
    assert (record.target_size.value, record.target_size.place.line) == (72, 149)
    assert record.timing_label is not None
    assert (record.timing_label.value, record.timing_label.place.line) == ("registered while recruiting", 50)
    assert record.block_sizes is not None
    assert record.block_sizes.value == (2, 4, 8)
    assert [outcome.days for outcome in record.outcomes] == [
        (0, 2, 3, 4, 7, 14),
        (0, 1, 2, 3, 7, 14, 28, 60),
        (0, 3, 7, 14, 28, 60),
        (),
        (0, 5, 10, 20),
    ]
    assert record.outcomes[3].horizon_days == 60
    assert [sum(c.category == which for c in record.criteria) for which in ("inclusion", "exclusion")] == [
        7,
        14,
    ]
    assert sum(criterion.proposed is not None for criterion in record.criteria) == 7
    assert [finding.rule for finding in record.findings].count("REG-007") == 0
    assert record.completion is None
    names = [contact.name for contact in record.contacts]
    without = repr([getattr(record, field.name) for field in fields(record) if field.name != "contacts"])
    assert all(names)
    assert not [name for name in names if name in without]
    assert not re.search(r"[\w.]+@[\w.]+|\+98", without)


@pytest.mark.parametrize("damaged", ["\tFull name of responsible person\n", "\nFull name of resp person\n"])
def test_a_name_below_a_damaged_heading_is_left_out_and_told(damaged: str) -> None:
    office = "University of Nowhere"
    record = read(TEXT.replace(f"{office}\nFull name of responsible person\n", f"{office}{damaged}"))
    (contact,) = (one for one in record.contacts if one.role == "public inquiries")
    assert contact.affiliation == office
    told = [loss for loss in record.unheld if "“Full name of responsible person” is missing" in loss.why]
    assert told
    assert {(loss.item.endswith("Name of organization / entity"), loss.prints) for loss in told} == {
        (True, "")
    }
    assert not [loss for loss in RECORD.unheld if "is missing" in loss.why]
