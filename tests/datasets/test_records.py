"""Form records as captured tables: every value has its row, its reason, its Finding or its refusal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from exotrial.core.errors import Refusals
from exotrial.datasets.captured import COLUMNS, read_captured
from exotrial.datasets.captured_write import write_captured
from exotrial.datasets.records import CapturedTables, DatedEvent, ParticipantRow, derive_captured_tables
from exotrial.datasets.serial import derive_serial
from tests.datasets.records_given import (
    CHICTR,
    IRCT,
    MEXCOVID,
    a_record,
    derived,
    forms_of,
    on,
    study_of,
    visit,
)

# Murray 1988 by hand: 4 quadrants -> 4, P/F 60 / 0.8 = 75 -> 4, PEEP 12 -> 3, compliance 25 -> 3; the sum is 14.
GRAVE: dict[str, object] = {"cxr_quadrants": 4, "pao2": 60, "fio2": 0.8, "peep": 12, "compliance": 25}


def rows(made: CapturedTables, table: str, **where: str) -> list[dict[str, Any]]:
    return [
        row
        for row in made.tables[table].to_dicts()
        if all(row[column] == value for column, value in where.items())
    ]


def rules(made: CapturedTables) -> set[str]:
    return {finding.rule for finding in made.findings}


def refused(*records: Any, **more: Any) -> list[str]:
    with pytest.raises(Refusals) as caught:
        derived(*records, **more)
    return [refusal.code.code for refusal in caught.value.refusals]


def test_the_tables_have_the_columns_of_captured_data() -> None:
    made = derived(a_record("F.VISIT.DAY_1", visit(MURRAYS=GRAVE), encounter="day_1"))
    assert {name: tuple(table.columns) for name, table in made.tables.items()} == {
        name: COLUMNS[name] for name in made.tables
    }
    assert list(made.tables) == [
        "participants",
        "characteristics",
        "measurements",
        "events",
        "adverse_events",
    ]


def test_a_murray_score_is_computed_from_its_components() -> None:
    made = derived(a_record("F.VISIT.DAY_1", visit(MURRAYS=GRAVE), encounter="day_1"))
    assert rows(made, "measurements") == [
        {
            "USUBJID": "IRCT-1",
            "PARAMCD": "MURRAYS",
            "ADT": on("2021-03-05"),
            "AVISIT": "day_1",
            "AVAL": "14",
            "AVALU": "",
            "REASND": "",
            "SRC": "record F.VISIT.DAY_1 day_1",
        }
    ]


def test_a_ratio_is_computed_from_items_that_another_measure_asks() -> None:
    # PaO2 and FiO2 stand in the group of the Murray score: 60 mmHg / 0.8 is 75 mmHg.
    made = derived(a_record("F.VISIT.DAY_3", visit(MURRAYS=GRAVE), encounter="day_3"))
    assert [(row["PARAMCD"], row["AVAL"], row["AVALU"]) for row in rows(made, "measurements")] == [
        ("MURRAYS", "14", ""),
        ("PFRATIO", "75", "mmHg"),
    ]


def test_a_measure_that_is_not_due_at_the_encounter_has_no_row() -> None:
    made = derived(a_record("F.VISIT.DAY_1", visit(MURRAYS=GRAVE), encounter="day_2"))
    assert {row["PARAMCD"] for row in rows(made, "measurements")} == {"MURRAYS"}


def test_the_baseline_visit_has_the_word_by_which_reports_compare() -> None:
    made = derived(a_record("F.VISIT.BASELINE", visit(MURRAYS=GRAVE, CRP={"crp": 80}), encounter="baseline"))
    assert {row["AVISIT"] for row in rows(made, "measurements")} == {"BASELINE"}


@pytest.mark.parametrize(("written", "kept"), [("88.40", "88.40"), (88.4, "88.4"), (80, "80"), (0, "0")])
def test_a_number_stays_as_it_was_captured(written: object, kept: str) -> None:
    made = derived(a_record("F.VISIT.DAY_5", visit(CRP={"crp": written}), encounter="day_5"))
    assert rows(made, "measurements")[0]["AVAL"] == kept


def test_a_number_in_another_unit_is_converted() -> None:
    # 1 mg/dL is 10 mg/L
    made = derived(a_record("F.VISIT.DAY_5", visit(CRP={"crp": "1.2 mg/dL"}), encounter="day_5"))
    assert (rows(made, "measurements")[0]["AVAL"], rows(made, "measurements")[0]["AVALU"]) == ("12", "mg/L")


def test_a_value_below_a_limit_is_a_reason_and_no_number() -> None:
    made = derived(a_record("F.VISIT.DAY_5", visit(CRP={"crp": "<0.5"}), encounter="day_5"))
    row = rows(made, "measurements")[0]
    assert (row["AVAL"], row["REASND"]) == ("", "known only as <0.5 mg/L")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"crp": {"missing": "tube broken"}}, "tube broken"),
        ({"crp": {"missing": "not done"}}, "not done"),
        ({}, "not recorded"),
    ],
)
def test_a_missing_value_has_a_row_with_its_reason(values: dict[str, object], reason: str) -> None:
    made = derived(a_record("F.VISIT.DAY_5", visit(CRP=values), encounter="day_5"))
    row = rows(made, "measurements")[0]
    assert (row["AVAL"], row["REASND"]) == ("", reason)


def test_a_score_without_a_component_says_which_and_why() -> None:
    values = GRAVE | {"compliance": {"missing": "not ventilated"}}
    made = derived(a_record("F.VISIT.DAY_1", visit(MURRAYS=values), encounter="day_1"))
    row = rows(made, "measurements")[0]
    assert row["AVAL"] == ""
    assert "compliance: not ventilated" in row["REASND"]


def test_answers_that_contradict_each_other_are_a_finding_and_a_reason() -> None:
    values = visit(
        "2021-03-05",
        ICUFD60={"index_date": "2021-03-05", "death_date": "2021-03-01"},
        **{"ICUFD60.ROWS": [{"row": 1, "icu_in": "2021-03-05"}]},
    )
    made = derived(a_record("F.UNPLANNED", values))
    assert rows(made, "measurements")[0]["REASND"].startswith("not computable: ")
    assert "RCF-002" in rules(made)


def test_rows_of_intensive_care_count_in_icu_free_days() -> None:
    # 60 days less ten nights, 5 to 15 March (Schoenfeld & Bernard 2002)
    values = visit(
        "2021-03-05",
        ICUFD60={"index_date": "2021-03-05", "last_known_date": "2021-06-01"},
        **{"ICUFD60.ROWS": [{"row": 1, "icu_in": "2021-03-05", "icu_out": "2021-03-15"}]},
    )
    assert rows(derived(a_record("F.UNPLANNED", values)), "measurements")[0]["AVAL"] == "50"


def test_an_interval_is_told_and_dates_the_absorption() -> None:
    values = visit(
        "2020-03-20",
        CTABSORB={"index_date": "2020-03-01"},
        LOSNIGHT={"admission_date": "2020-02-15", "discharge_date": "2020-03-01"},
        **{
            "CTABSORB.ROWS": [
                {"row": 1, "scanned_on": "2020-03-01", "lesions": "present"},
                {"row": 2, "scanned_on": "2020-03-19", "lesions": "absorbed"},
            ]
        },
    )
    made = derived(a_record("F.UNPLANNED", values), study=CHICTR)
    absorbed, stay = rows(made, "measurements")
    assert absorbed["REASND"] == "known only as more than 0 and at most 18 d"
    assert stay["AVAL"] == "15"  # calendar: 15 February to 1 March of a leap year
    assert [(row["EVENT"], row["ADT"]) for row in rows(made, "events")] == [
        ("admission", on("2020-02-15")),
        ("ct", on("2020-03-01")),
        ("discharge", on("2020-03-01")),
        ("ct", on("2020-03-19")),
        ("lesion absorbed", on("2020-03-19")),
    ]


def test_an_adverse_event_has_the_words_of_captured_data() -> None:
    event: dict[str, object] = {
        "row": 1,
        "AE.TERM": "rash",
        "AE.START": "2021-03-06",
        "AE.END": "",
        "AE.TOXGR": 2,
        "AE.SER": "N",
        "AE.REL": "POSSIBLE",
    }
    made = derived(a_record("F.AE", {"IG.AE": [event]}))
    assert rows(made, "adverse_events") == [
        {
            "USUBJID": "IRCT-1",
            "AETERM": "rash",
            "AESEV": "2",
            "AESER": "N",
            "AEREL": "POSSIBLE",
            "ASTDT": on("2021-03-06"),
            "AENDT": None,
            "SRC": "record F.AE row 1",
        }
    ]


def test_a_row_that_was_struck_out_is_of_no_table() -> None:
    kept = {"row": "1", "AE.TERM": "rash", "AE.START": "2021-03-06"}
    struck = {"row": "2", "AE.TERM": "fever", "STRUCK": "entered for another participant"}
    made = derived(a_record("F.AE", {"IG.AE": [kept, struck]}))
    assert [row["AETERM"] for row in rows(made, "adverse_events")] == ["rash"]


def test_an_adverse_event_without_its_term_is_counted_and_told() -> None:
    made = derived(a_record("F.AE", {"IG.AE": [{"row": 1, "AE.TERM": {"missing": "illegible"}}]}))
    assert rows(made, "adverse_events")[0]["AETERM"] == "term not recorded (illegible)"
    assert "RCF-003" in rules(made)


def test_a_prespecified_event_without_an_adverse_event_is_told() -> None:
    record = a_record("F.AE", {"IG.AEPRE": [{"row": 1, "AEPRE.1": "Y"}]})
    assert "RCF-003" in rules(derived(record, study=MEXCOVID))
    record = a_record("F.AE", {"IG.AEPRE": [{"row": 1, "AEPRE.1": "N"}]})
    assert "RCF-003" not in rules(derived(record, study=MEXCOVID))


def test_the_first_consent_and_the_first_and_last_dose_are_events() -> None:
    consents = [{"row": n, "IC.SIGNED": f"2021-03-0{n}T09:00"} for n in (3, 1, 2)]
    doses = [{"row": n, "EX.START": f"2021-03-1{n}T09:00"} for n in (2, 4, 3)]
    made = derived(a_record("F.CONSENT", {"IG.CONSENT": consents}), a_record("F.EXPOSURE", {"IG.EX": doses}))
    assert [(row["EVENT"], row["ADT"]) for row in rows(made, "events")] == [
        ("consent", on("2021-03-01")),
        ("first dose", on("2021-03-12")),
        ("last dose", on("2021-03-14")),
    ]


def test_a_withdrawal_has_its_date_and_its_reason() -> None:
    ended: dict[str, object] = {"DS.DATE": "2021-03-20", "DS.DECOD": "WITHDRAWN", "DS.WHY": "moved away"}
    made = derived(a_record("F.DISPOSITION", {"IG.DS": ended}))
    assert [(row["EVENT"], row["ADT"]) for row in rows(made, "events")] == [("withdrawal", on("2021-03-20"))]
    assert [(row["CHAR"], row["VALUE"]) for row in rows(made, "characteristics")] == [
        ("end of participation", "Withdrew consent"),
        ("withdrawal reason", "moved away"),
    ]


def test_a_loss_to_follow_up_has_its_date() -> None:
    ended: dict[str, object] = {"DS.DATE": "2021-03-20", "DS.DECOD": "LOST", "DS.WHY": "moved away"}
    made = derived(a_record("F.DISPOSITION", {"IG.DS": ended}))
    assert [(row["EVENT"], row["ADT"]) for row in rows(made, "events")] == [
        ("lost to follow-up", on("2021-03-20"))
    ]


def test_the_stratum_is_a_characteristic_under_the_name_of_its_factor() -> None:
    made = derived(a_record("F.STRATIFICATION", {"IG.STRATUM": {"DS.STRATUM": "nasal cannula"}}))
    assert [(row["CHAR"], row["VALUE"]) for row in rows(made, "characteristics")] == [
        ("respiratory support", "nasal cannula")
    ]


def test_drafts_are_left_out_and_counted() -> None:
    draft = a_record("F.VISIT.DAY_5", visit(CRP={"crp": 5}), encounter="day_5", status="draft")
    made = derived(draft)
    assert (made.drafts, made.tables["measurements"].height) == (1, 0)


def test_values_without_a_place_in_the_tables_are_told() -> None:
    made = derived(a_record("F.CM", {"IG.CM": [{"row": 1, "CM.TRT": "heparin", "CM.START": "2021-03-05"}]}))
    (finding,) = made.findings
    assert (finding.rule, finding.subject) == ("RCF-007", "F.CM")
    assert finding.says == "2 values of F.CM have no place in the captured tables"


def test_two_values_that_differ_at_one_visit_leave_none_and_are_told() -> None:
    values = [5, 7]
    made = derived(
        *(
            a_record("F.VISIT.DAY_5", visit(CRP={"crp": value}), encounter="day_5", repeat=repeat)
            for repeat, value in enumerate(values, 1)
        )
    )
    (row,) = rows(made, "measurements")
    assert (row["AVAL"], row["REASND"]) == ("", "several values at one visit")
    assert row["SRC"] == "record F.VISIT.DAY_5 day_5; record F.VISIT.DAY_5 day_5 repeat 2"
    assert "RCF-005" in rules(made)


def test_the_same_value_told_twice_stands_once() -> None:
    made = derived(
        *(
            a_record("F.VISIT.DAY_5", visit(CRP={"crp": 5}), encounter="day_5", repeat=repeat)
            for repeat in (1, 2)
        )
    )
    assert [row["AVAL"] for row in rows(made, "measurements")] == ["5"]
    assert made.findings == ()


def test_a_death_with_two_dates_is_told() -> None:
    ended: dict[str, object] = {"DS.DATE": "2021-03-20", "DS.DECOD": "DEATH"}
    other = DatedEvent(participant="IRCT-1", event="death", on=on("2021-03-21"))
    made = derived(a_record("F.DISPOSITION", {"IG.DS": ended}), events=(other,))
    assert "RCF-006" in rules(made)
    assert len(rows(made, "events", EVENT="death")) == 2


def test_another_age_on_the_form_is_told_and_the_known_one_stands() -> None:
    made = derived(a_record("F.DEMOGRAPHICS", {"IG.DM": {"DM.SEX": "F", "DM.AGE": 41}}))
    assert "RCF-004" in rules(made)
    assert rows(made, "participants")[0]["AGE"] == 40


def test_sex_and_age_come_from_the_form_where_they_are_not_known() -> None:
    people = (ParticipantRow(code="IRCT-1", site="imam_khomeini"),)
    made = derived(a_record("F.DEMOGRAPHICS", {"IG.DM": {"DM.SEX": "M", "DM.AGE": 41}}), people=people)
    assert (rows(made, "participants")[0]["SEX"], rows(made, "participants")[0]["AGE"]) == ("M", 41)


def test_dates_of_a_participant_are_events() -> None:
    person = ParticipantRow(code="IRCT-1", site="a", dates={"screened": on("2021-03-04")}, status="screened")
    made = derived(people=(person,))
    assert rows(made, "events")[0]["EVENT"] == "screened"
    assert rows(made, "participants")[0]["STATUS"] == "screened"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"IG.NONE": {}}, "REC-007"),
        ({"IG.CRP": {"none": 1}}, "REC-007"),
        ({"IG.CRP": [{"crp": 1}]}, "REC-008"),
        ({"IG.CRP": {"crp": [1]}}, "REC-008"),
        ({"IG.CRP": {"crp": float("nan")}}, "REC-008"),
        ({"IG.CRP": {"crp": {"missing": 3}}}, "REC-008"),
        ({"IG.CRP": {"crp": "\ud800"}}, "REC-008"),
    ],
)
def test_what_the_form_does_not_have_is_refused(values: Mapping[str, object], code: str) -> None:
    assert refused(a_record("F.VISIT.DAY_5", dict(values), encounter="day_5")) == [code]


def test_records_that_cannot_belong_to_the_study_are_refused_together() -> None:
    good = a_record("F.CM", {})
    assert refused(
        good,
        good,
        a_record("F.NONE", {}),
        a_record("F.CM", {}, version="9", repeat=2),
        a_record("F.CM", {}, participant="somebody else"),
        a_record("F.CM", {}, encounter="day_1"),
        a_record("F.VISIT.DAY_5", {}),
        events=(DatedEvent(participant="IRCT-1", event="birthday", on=on("2021-03-04")),),
    ) == ["REC-005", "REC-001", "REC-002", "REC-003", "REC-004", "REC-004", "REC-006"]


def test_a_code_that_is_not_in_its_list_is_refused() -> None:
    assert refused(a_record("F.AE", {"IG.AE": [{"row": 1, "AE.REL": "PERHAPS"}]})) == ["REC-008"]


@pytest.mark.parametrize("person", [{"sex": "X"}, {"age": 131}, {"age": -1}])
def test_an_impossible_participant_is_refused(person: dict[str, Any]) -> None:
    assert refused(people=(ParticipantRow(code="IRCT-1", site="a", **person),)) == ["REC-006"]


def test_a_record_of_an_earlier_version_is_read_by_its_own_forms() -> None:
    later = study_of(IRCT).model_copy(update={"version": "2"})
    made = derive_captured_tables(
        later,
        tuple(form for form in forms_of(IRCT) if form.oid != "F.CM"),
        [
            a_record("F.CM", {}),
            a_record("F.VISIT.DAY_5", visit(CRP={"crp": 5}), encounter="day_5", version="2"),
        ],
        (ParticipantRow(code="IRCT-1", site="a"),),
        earlier=((study_of(IRCT), forms_of(IRCT)),),
    )
    assert made.tables["measurements"]["AVAL"].to_list() == ["5"]


def test_a_computed_ratio_is_kept_whole_and_shown_with_four_digits(tmp_path: Path) -> None:
    # 60 / 0.53 is 113.2075..., 53 / 0.64 comes out even at 82.8125
    made = derived(
        *(
            a_record("F.VISIT.DAY_3", visit(day, MURRAYS=GRAVE | values), encounter=encounter)
            for encounter, day, values in (
                ("day_3", "2021-03-08", {"pao2": 60, "fio2": 0.53}),
                ("day_7", "2021-03-12", {"pao2": 53, "fio2": 0.64}),
            )
        )
    )
    assert [row["AVAL"] for row in rows(made, "measurements", PARAMCD="PFRATIO")] == [
        "113.20754716981132",
        "82.8125",
    ]
    write_captured(tmp_path, made.tables)
    series = {one.code: one for one in derive_serial(read_captured(tmp_path))}
    assert [shown for _, shown, _ in series["PFRATIO"].values] == ["113.2", "82.81"]
