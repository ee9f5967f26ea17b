"""ICTRP exports: every mark that spreadsheets leave is mended or told, on made-up rows and on real ones."""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.registries.record import Age, RegistryRecord
from exotrial.registries.registry import RecordFile, read_records, record_file
from tests.conftest import PROJECT, shared

DIRTY = PROJECT / "tests" / "files" / "registries" / "ictrp_dirty.csv"


def dirty() -> list[list[str]]:
    return list(csv.reader(io.StringIO(DIRTY.read_text(encoding="utf-8"), newline="")))


def as_file(rows: list[list[str]], name: str = "export_2021-07-05.csv") -> RecordFile:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return record_file(text.getvalue().encode(), name=name)


def changed(number: int, **cells: str) -> RecordFile:
    """The made-up export with cells of one row changed."""
    rows = dirty()
    for column, text in cells.items():
        rows[number][rows[0].index(column.replace("__", " "))] = text
    return as_file(rows)


def rules(record: RegistryRecord) -> Counter[str]:
    return Counter(finding.rule for finding in record.findings)


@pytest.fixture(scope="module")
def read() -> tuple[RegistryRecord, ...]:
    return read_records(as_file(dirty()))


def test_sizes_by_arm_are_added_up_and_joined_to_what_the_arm_receives(
    read: tuple[RegistryRecord, ...],
) -> None:
    record = read[0]
    assert record.target_size is not None
    assert (record.target_size.value, rules(record)["SIZ-008"]) == (25, 1)
    told = [
        (arm.name.value, arm.size and arm.size.value, arm.description and arm.description.value)
        for arm in record.arms
    ]
    assert told == [("Vesicle group", 13, "nebulised vesicles"), ("Control group", 12, "saline")]


def test_the_flag_says_the_reverse_of_its_name(read: tuple[RegistryRecord, ...]) -> None:
    labels = [record.timing_label.value if record.timing_label else None for record in read]
    assert labels == ["prospective", None, "retrospective"]
    assert all(rules(record)["REG-017"] == 1 for record in read)


def test_a_flag_that_does_not_follow_the_dates_is_told_and_not_read(
    read: tuple[RegistryRecord, ...],
) -> None:
    """Rows of ClinicalTrials.gov say Yes before and after the first enrolment (ICTRP's COVID-19 export of 2020)."""
    (told,) = [one for one in read[1].findings if one.rule == "REG-017"]
    assert told.says == (
        "the flag “Yes” is not read: in rows of ClinicalTrials.gov it is not known to follow the dates"
    )
    assert "Retrospective_flag" in {loss.item for loss in read[1].unheld}


def test_the_real_flags_that_are_read_follow_the_dates() -> None:
    """The flag of the one row of IRCT that does not was set by the date that its export had converted twice."""
    folder = shared("data/ictrp")
    apart = set()
    for path in sorted(folder.glob("*.json")):
        for record in read_records(record_file(path.read_bytes(), name=path.name)):
            if record.timing_label and record.registered and record.start:
                in_time = record.registered.value.last <= record.start.value.first
                if in_time != (record.timing_label.value == "prospective"):
                    apart.add(record.identifier.value)
    assert apart == {"IRCT20200310046736N1"}


def test_a_phase_that_a_spreadsheet_made_a_date_is_read_and_told(read: tuple[RegistryRecord, ...]) -> None:
    assert [record.phase.value if record.phase else None for record in read] == ["1-2", "1-2", "2-3"]
    assert [rules(record)["REG-018"] for record in read] == [1, 0, 0]


def test_the_eight_digits_decide_over_the_cell_beside_them(read: tuple[RegistryRecord, ...]) -> None:
    assert [str(record.registered.value) for record in read if record.registered] == [
        "2021-06-15",
        "2021-06-14",
        "2021-06-01",
    ]
    (told,) = [one for one in read[2].findings if one.subject.endswith("dateregistration")]
    assert "other order" in told.says


def test_a_date_converted_twice_is_converted_back(read: tuple[RegistryRecord, ...]) -> None:
    """2641-06-14 is 24 March 2020 taken for a day of the Jalali year 2020."""
    assert read[2].start is not None
    assert str(read[2].start.value) == "2020-03-24"
    assert any("2641-06-14" in one.says for one in read[2].findings)


def test_the_day_on_which_ictrp_took_a_record_over_is_no_update_of_it(
    read: tuple[RegistryRecord, ...],
) -> None:
    """Sixty rows of IRCT share two such days: those of ICTRP's rounds."""
    assert [record.updated for record in read] == [None] * 3
    assert next(str(record.refreshed.value) for record in read if record.refreshed) == "2021-06-20"
    path = shared("data", "ictrp", "ictrp_irct_60_2020-07-07.json")
    told = read_records(record_file(path.read_bytes(), name=path.name))
    assert {str(one.refreshed.value) for one in told if one.refreshed} == {"2020-04-21", "2020-05-18"}


def test_a_turned_export_date_is_decided_by_the_name_of_the_file(read: tuple[RegistryRecord, ...]) -> None:
    """The cell prints 7 May, before a record in it was refreshed: it means 5 July."""
    assert {record.as_of for record in read} == {date(2021, 7, 5)}


@pytest.mark.parametrize(
    ("told", "says"),
    [("2021-05-07 11:05:20", "2021-05-07 or 2021-07-05"), ("yesterday", "no date known here")],
)
def test_an_export_of_no_known_day_is_told_with_the_way_out(told: str, says: str) -> None:
    rows = dirty()
    for row in rows[1:]:
        row[rows[0].index("Export date")], row[rows[0].index("Last_Refreshed_on")] = told, ""
    record = read_records(as_file(rows, name="export.csv"))[0]
    (found,) = [one for one in record.findings if one.subject.endswith("exportdate")]
    assert record.as_of is None
    assert says in found.says
    assert "the file's name" in found.settle
    named = read_records(as_file(rows, name="export_5Jul2021.csv"))[0]
    assert named.as_of == (date(2021, 7, 5) if told != "yesterday" else None)


def test_a_date_that_nothing_decides_stays_empty_and_is_told() -> None:
    rows = dirty()
    enrolled = rows[0].index("Date_enrollement")
    rows[1][enrolled], rows[1][rows[0].index("Date_registration")] = "03/04/2021", "15/06/2021"
    rows[1][rows[0].index("Last_Refreshed_on")] = ""
    record = read_records(as_file(rows))[0]
    assert record.start is None
    (told,) = [one for one in record.findings if one.subject.endswith("dateenrollement")]
    assert "2021-03-04 or 2021-04-03" in told.says
    assert [loss.item for loss in record.unheld] == ["Inclusion_agemin", "Date_enrollement"]


def test_cells_turned_round_in_a_column_misread_are_not_taken_as_printed() -> None:
    """A slashed date whose day is above 12 shows that the column was read month first."""
    rows = dirty()
    rows[1][rows[0].index("Date_enrollement")] = "2021-07-01 00:00:00"
    rows[1][rows[0].index("Last_Refreshed_on")] = rows[1][rows[0].index("Date_registration")] = "15/06/2021"
    assert read_records(as_file(rows))[0].start is None
    trusted = read_records(as_file(dirty()))[0].start
    assert trusted is not None
    assert str(trusted.value) == "2021-07-01"


def test_a_lost_sign_is_told_and_never_made_a_rule(read: tuple[RegistryRecord, ...]) -> None:
    record = read[0]
    (told,) = [one for one in record.findings if one.rule == "TXT-010"]
    assert "SpO2 = 93" in told.says
    proposed = {one.text.value: one.proposed for one in record.criteria}
    assert proposed["SpO2 = 93 %"] is None
    assert proposed["Aged 18 years or above"] is not None


def test_letters_of_the_wrong_encoding_are_mended_once(read: tuple[RegistryRecord, ...]) -> None:
    assert "temperature above 37.3 °C" in [one.text.value for one in read[0].criteria]
    assert [rules(record)["TXT-011"] for record in read] == [1, 0, 0]


def test_an_age_without_a_unit_stays_empty_and_is_told(read: tuple[RegistryRecord, ...]) -> None:
    assert read[0].age_min is None
    assert rules(read[0])["IMP-003"] == 1
    assert read[0].age_max is not None
    assert read[0].age_max.value == Age(value=80, unit="a")


def test_the_design_column_of_each_register_is_understood(read: tuple[RegistryRecord, ...]) -> None:
    told = [
        tuple(
            getattr(record, name) and getattr(record, name).value
            for name in ("model", "allocation", "masking")
        )
        for record in read
    ]
    assert told == [
        ("parallel", None, None),
        ("parallel", "randomised", "double blind"),
        ("parallel", "randomised", "double blind"),
    ]
    assert read[1].masked_roles is not None
    assert read[1].masked_roles.value == ("participant", "outcome assessor")
    assert read[2].block_sizes is not None
    assert read[2].block_sizes.value == (4, 6)
    assert read[2].placebo is not None
    assert read[2].placebo.value is True


def test_types_of_intervention_are_no_arms(read: tuple[RegistryRecord, ...]) -> None:
    assert [(one.kind and one.kind.value, one.name.value) for one in read[1].interventions] == [
        ("biological", "vesicles"),
        ("other", "saline"),
    ]
    assert read[1].arms == ()
    assert [arm.name.value for arm in read[2].arms] == ["Intervention group", "Control group"]


def test_a_condition_keeps_its_code(read: tuple[RegistryRecord, ...]) -> None:
    (condition,) = read[2].conditions
    assert condition.name.value == "Made-up lung injury"
    assert condition.code is not None
    assert condition.code.value == "J80"


def test_people_are_read_and_shown_nowhere(read: tuple[RegistryRecord, ...]) -> None:
    (contact,) = read[0].contacts
    assert contact.email == "nobody@example.org"
    assert "nobody" not in repr(read[0]).lower()


def test_two_rows_that_claim_one_number_are_told_with_what_differs() -> None:
    rows = dirty()
    rows.append([*rows[1]])
    assert all(rules(one)["IMP-002"] == 0 for one in read_records(as_file(rows)))
    rows[4][rows[0].index("Phase")] = "4"
    told = read_records(as_file(rows))
    assert [rules(one)["IMP-002"] for one in told] == [0, 0, 0, 1]
    assert "rows 1 and 4 both claim ChiCTR2099000001 and differ in Phase" in told[3].findings[-1].says


def test_a_cell_as_long_as_a_spreadsheet_allows_was_cut() -> None:
    for length, cut in ((32_766, 0), (32_767, 1)):
        assert rules(read_records(changed(1, Exclusion_Criteria="x" * length))[0])["IMP-001"] == cut


def test_what_a_spreadsheet_made_of_an_equals_sign_is_told() -> None:
    record = read_records(
        changed(1, Public_title='="Vesicles"', Scientific_title="#NAME?", Condition="=injury")
    )[0]
    assert (record.public_title and record.public_title.value, record.scientific_title) == ("Vesicles", None)
    assert [one.name.value for one in record.conditions] == ["=injury"]
    assert rules(record)["IMP-004"] == 3
    assert rules(read_records(as_file(dirty()))[0])["IMP-004"] == 0


@pytest.mark.parametrize("sign", ["<", " ", "1", "- "])
@pytest.mark.parametrize("column", ["Target_size", "Primary_outcome", "Condition", "Phase"])
def test_a_cell_full_of_one_sign_costs_no_minutes(column: str, sign: str) -> None:
    text = f"<{' ' * 32_000}x" if sign == "<" else f"{sign * 16_000}{sign}x"
    began = time.process_time()
    assert read_records(changed(1, **{column: text}))[0].identifier.value == "ChiCTR2099000001"
    assert time.process_time() - began < 2  # seconds; it took 5 to 18 once, where a pattern looked back


def test_torn_rows_are_refused_together_with_their_lines() -> None:
    rows = dirty()
    with pytest.raises(Refusal, match=r"ICT-002: export_2021-07-05.csv line 2: row 1 has 36 cells"):
        read_records(as_file([rows[0], rows[1][:-1], *rows[2:]]))
    with pytest.raises(Refusals) as caught:
        read_records(as_file([rows[0], rows[1][:-1], rows[2], [*rows[3], "more"]]))
    assert [one.code.code for one in caught.value.refusals] == ["ICT-002", "ICT-002"]
    with pytest.raises(Refusal, match="ICT-004"):
        read_records(changed(2, TrialID=" "))


def test_a_file_that_is_no_utf_8_or_no_whole_json_is_refused_at_its_line() -> None:
    data = DIRTY.read_bytes()
    with pytest.raises(Refusal, match=r"ICT-001: x.csv line 2"):
        read_records(record_file(data.replace("¬∞".encode(), b"\xb0"), name="x.csv"))
    rows = [dict(zip(dirty()[0], row, strict=True)) for row in dirty()[1:]]
    whole = json.dumps(rows, indent=1)
    assert len(read_records(record_file(whole.encode(), name="x.json"))) == 3
    with pytest.raises(Refusal, match=r"ICT-003: x.json line \d+"):
        read_records(record_file(whole[: len(whole) // 2].encode(), name="x.json"))


def test_csv_and_json_say_the_same(read: tuple[RegistryRecord, ...]) -> None:
    rows = [dict(zip(dirty()[0], row, strict=True)) for row in dirty()[1:]]
    same = read_records(record_file(json.dumps(rows).encode(), name="export_2021-07-05.json"))
    assert [rules(one) for one in same] == [rules(one) for one in read]
    assert [one.target_size and one.target_size.value for one in same] == [25, 30, 72]


@given(st.data())
def test_any_cell_may_hold_anything(data: st.DataObject) -> None:
    """No words of a cell make a defect: what cannot be read is a finding, and the number stays what it is."""
    rows = dirty()
    row = data.draw(st.integers(1, 3))
    column = data.draw(st.sampled_from([name for name in rows[0] if name != "TrialID"]))
    rows[row][rows[0].index(column)] = data.draw(st.text(max_size=60))
    told = read_records(as_file(rows))
    assert [one.identifier.value for one in told] == [
        "ChiCTR2099000001",
        "NCT99999991",
        "IRCT20990101000001N1",
    ]


@given(st.integers(0, len(DIRTY.read_bytes())))
def test_a_file_cut_anywhere_is_refused_or_read_short(at: int) -> None:
    try:
        told = read_records(record_file(DIRTY.read_bytes()[:at], name="x.csv"))
    except (Refusal, Refusals):
        return
    assert len(told) <= 3


def test_the_sixteen_real_snapshots_have_the_days_in_their_names() -> None:
    path = shared("data", "ictrp", "seed_trials_ictrp_snapshots_2020.json")
    told = read_records(record_file(path.read_bytes(), name=path.name))
    for number in ("NCT04276987", "ChiCTR2000030261"):
        days = sorted(one.as_of for one in told if one.identifier.value == number and one.as_of)
        printed = (
            "03-25 04-01 04-07 04-15 04-22 04-29 05-05 05-12 05-19 05-26 06-04 06-12 06-19 06-26 06-29 07-06"
        )
        assert [day.isoformat() for day in days] == [f"2020-{day}" for day in printed.split()]
    chictr = next(one for one in told if one.registry == "chictr")
    assert chictr.target_size is not None
    assert (chictr.target_size.value, chictr.model and chictr.model.value) == (26, "parallel")
    assert [one.name.value for one in chictr.outcomes_of("primary")] == ["Lung CT"]


def test_sixty_real_rows_are_read_without_a_refusal_or_an_undecided_date() -> None:
    path = shared("data", "ictrp", "ictrp_irct_60_2020-07-07.json")
    told = read_records(record_file(path.read_bytes(), name=path.name))
    assert len(told) == 60
    assert {one.as_of for one in told} == {date(2020, 7, 6)}
    assert all(one.start and one.registered and one.target_size for one in told)
    found = Counter(finding.rule for one in told for finding in one.findings)
    assert (found["REG-018"], found["TXT-011"]) == (17, 16)
    assert not [
        one for record in told for one in record.findings if one.rule == "REG-019" and one.severity == "error"
    ]


def test_a_long_cell_is_read_and_changes_nothing_for_other_readers() -> None:
    usual = csv.field_size_limit()
    text = f"TrialID,Public title,Primary outcome\nNCT09900001,A title,{'x' * 140_000}\n"
    (record,) = read_records(record_file(text.encode(), name="long.csv"))
    assert len(record.outcomes[0].name.value) == 140_000
    assert csv.field_size_limit() == usual


@pytest.mark.parametrize(
    ("number", "register", "told"),
    [
        ("XYZ-1", "Mars Register", ["IMP-005"]),
        ("JPRN-UMIN000001", "JPRN", []),
        ("DRKS00000001", "German Clinical Trials Register", []),
        ("NCT09900001", "Mars Register", []),
        ("XYZ-1", "", []),
    ],
)
def test_a_register_that_is_none_of_ictrps_is_told(number: str, register: str, told: list[str]) -> None:
    text = f"TrialID,Source Register,Public title\n{number},{register},A title\n"
    (record,) = read_records(record_file(text.encode(), name="x.csv"))
    assert [finding.rule for finding in record.findings if finding.rule == "IMP-005"] == told
