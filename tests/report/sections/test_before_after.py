"""Before and after in the pilot, to the digits of Table 2 (seed 002, lines 256 to 288) and of independent software."""

from __future__ import annotations

import polars as pl

from exotrial.datasets.before_after import derive_before_after
from exotrial.report.sections.before_after import SECTION
from tests.report.sections.given import body_of, build_section, column_of, given_of, tables_of

PILOT = "chictr2000030261"


def test_the_means_are_those_that_table_2_gives() -> None:
    section, _ = build_section(SECTION, given_of(PILOT))
    rows = {row[0]: row for row in body_of(tables_of(section)["before-after"])}
    crp = rows["C-reactive protein (mg/L)"]
    assert crp[1] == "7"
    # The paper prints 23.00 ± 31.87 and 3.17 ± 4.12; the first does not follow from its own table.
    assert crp[2:4] == ("23.04 ± 31.88", "3.17 ± 4.12")
    assert crp[4:6] == ("5.70", "0.50")


def test_three_methods_stand_side_by_side() -> None:
    section, _ = build_section(SECTION, given_of(PILOT))
    table = tables_of(section)["before-after"]
    names = [row[0] for row in body_of(table)]
    # R 4.3: t.test(paired = TRUE); coin::wilcoxsign_test(distribution = "exact"); all 128 sign changes.
    assert dict(zip(names, column_of(table, "p_paired_t"), strict=True)) == {
        "C-reactive protein (mg/L)": "0.153",
        "White cell count (10⁹/L)": "0.527",
        "Lymphocyte count (10⁹/L)": "0.460",
        "Respiratory rate (/min)": "0.330",
        "Body temperature (°C)": "0.422",
    }
    assert column_of(table, "p_signed_rank")[1] == "0.469"  # 15/32
    assert column_of(table, "p_sign_flip")[0] == "0.094"  # 12/128


def test_a_sign_is_counted_and_never_averaged() -> None:
    section, results = build_section(SECTION, given_of(PILOT))
    tables = tables_of(section)
    assert body_of(tables["before-after-yes-no"]) == [
        ("Shortness of breath", "7", "1 (14 %)", "0 (0 %)", "1.000")
    ]
    assert not any("breath" in (row[0] or "") for row in tables["before-after"].rows)
    assert any(result.method == "mcnemar_exact" and result.variable == "DYSPNOEA" for result in results)


def test_one_participant_is_no_sample() -> None:
    captured = given_of(PILOT).captured
    assert captured is not None
    pairs = derive_before_after(captured)
    # The immune panel was captured in participant 6 alone, at two dates after treatment.
    assert "IFNG" not in pairs["PARAMCD"].to_list()
    assert pairs.group_by("PARAMCD").len()["len"].min() == 7


def test_a_participant_with_two_values_after_treatment_has_no_pair() -> None:
    captured = given_of(PILOT).captured
    assert captured is not None
    twice = captured.measurements.filter(
        (pl.col("PARAMCD") == "CRP") & (pl.col("AVISIT") == "AFTER") & pl.col("USUBJID").str.ends_with("-1")
    )
    doubled = type(captured)(
        **{name: getattr(captured, name) for name in captured.__dataclass_fields__}
        | {"measurements": pl.concat([captured.measurements, twice])}
    )
    pairs = derive_before_after(doubled).filter(pl.col("PARAMCD") == "CRP")
    assert pairs.drop_nulls(["BEFORE", "AFTER"]).height == 6


def test_every_result_carries_method_population_and_source() -> None:
    _, results = build_section(SECTION, given_of(PILOT))
    assert len({result.id for result in results}) == len(results)
    for result in results:
        assert result.population
        assert result.method
        assert result.n
        assert all(len(source) == 64 for source in result.sources)
        assert result.sources


def test_a_study_without_participants_has_no_such_section() -> None:
    assert SECTION.build(given_of("irct20201202049568n3")) is None
