"""The verdict on a batch: every fault refuses it with file, digest and line; the same files give the same verdict."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.core.findings import Severity
from exotrial.core.quantities import read_quantity
from exotrial.core.verdict import Reason
from exotrial.product.assay import AssayKind, assay_file
from exotrial.product.endotoxin import compute_endotoxin_limit
from exotrial.product.evidence import Evidence, read_evidence, vial_of
from exotrial.product.release import (
    check_evidence,
    decide_release,
    derive_results,
    digest_decision,
    find_specification,
    has_specification,
)
from exotrial.product.release_reasons import WarningAnswer
from exotrial.study.definition.release import ReleaseTest
from exotrial.study.file import parse_study, read_study
from tests.product.batch_files import (
    BATCH,
    calibration,
    nta,
    read,
    results,
    specification,
    study_source,
    whole_evidence,
)
from tests.trial import STUDIES

CASES = Path(__file__).parents[3] / "shared/reference/ev_cases.json"


def against(evidence: list[Evidence], **more: object) -> list[Reason]:
    """What speaks against release."""
    verdict = decide_release(specification(), evidence, batch=BATCH, **more)  # type: ignore[arg-type]
    assert verdict.holds == all(reason.holds is True for reason in verdict.reasons)
    return [reason for reason in verdict.reasons if reason.holds is not True]


def test_a_batch_with_whole_evidence_is_released_with_every_reason_told() -> None:
    evidence = whole_evidence()
    verdict = decide_release(specification(), evidence, batch=BATCH)
    assert verdict.holds
    told = " ".join(reason.criterion for reason in verdict.reasons)
    assert all(test.id and test.id in told for test in specification().tests)
    assert not check_evidence(specification(), evidence, batch=BATCH)


@pytest.mark.parametrize(
    ("given", "criterion", "says"),
    [
        ({"nta": nta(warned=True)}, "the instrument warned of nothing", "Moderate vibration"),
        ({"nta": nta(dilution="Not recorded")}, "the dilution is recorded", "not recorded"),
        ({"calibration": b""}, "calibration", "no file shows a calibration of NanoSight"),
        ({"calibration": calibration(outcome="failed")}, "calibration", "'failed'"),
        ({"calibration": calibration(on="2020-06-17")}, "calibration", "on or before 2020-06-16"),
        ({"calibration": calibration(instrument="another")}, "calibration", "no file shows"),
        ({"nta": b""}, "[identity_size]", "no file shows D50"),
        ({"results": results(endotoxin="176 IU/mL")}, "[endotoxin]", "176 IU/mL; the limit is at most 175"),
        ({"results": results(endotoxin="< 176 IU/mL")}, "[endotoxin]", "lies below"),
        ({"results": results(sterility="growth")}, "[sterility]", "growth; the limit is no growth"),
        ({"results": results(sample="CORD-8")}, "every file is of this batch", "'CORD-8'"),
        ({"nta": nta(sample="CORD-77")}, "every file is of this batch", "'CORD-77'"),
        ({"nta": nta(sample="")}, "every file is of this batch", "names no sample"),
        ({"nta": nta(captured="06/07/2020")}, "calibration", "is not known"),
        ({"nta": b"\x00no export"}, "every file can be read", "ASY-001"),
    ],
)
def test_each_fault_of_the_evidence_refuses_the_batch(
    given: dict[str, bytes], criterion: str, says: str
) -> None:
    evidence = whole_evidence(**given)
    found = [reason for reason in against(evidence) if criterion in reason.criterion and says in reason.why]
    assert found, against(evidence)
    assert "no file shows" in says + found[0].why or "SHA-256" in found[0].why


def test_a_reason_names_the_digest_and_line_of_its_file() -> None:
    evidence = whole_evidence(results=results(endotoxin="176 IU/mL"))
    (reason,) = against(evidence)
    file = next(one.file for one in evidence if one.file.name == "results.toml")
    line = file_line(results(endotoxin="176 IU/mL"), 'value = "176')
    assert f"results.toml (SHA-256 {file.sha256[:12]}) line {line}" in reason.why


def file_line(data: bytes, text: str) -> int:
    return next(n for n, line in enumerate(data.decode().splitlines(), 1) if line.startswith(text))


def test_a_calibration_is_good_up_to_its_last_day() -> None:
    # 2020-06-16 is 365 days after 2019-06-17 (a leap day lies between).
    assert not against(whole_evidence(calibration=calibration(on="2019-06-17")))
    late = against(whole_evidence(calibration=calibration(on="2019-06-16")))
    assert {"366 d" in reason.why for reason in late} == {True}


def test_the_last_calibration_counts_even_where_an_older_one_passed() -> None:
    failed = read(calibration(on="2020-06-01", outcome="failed"), "later.toml")
    assert against([*whole_evidence(), failed])


def test_two_results_for_one_test_are_not_chosen_from() -> None:
    again = read(results(sterility="no growth").replace(b"alice", b"bob"), "again.toml")
    found = against([*whole_evidence(), again])
    assert {"one result for one vial" in reason.criterion for reason in found} == {True}
    assert "results.toml" in found[0].why
    assert "again.toml" in found[0].why


def test_results_of_several_vials_stand_side_by_side_and_all_must_hold() -> None:
    first, second = results(sample="CORD-7 vial 1"), results(sample="CORD-7 vial 2", endotoxin="9 IU/mL")
    evidence = [*whole_evidence(results=first), read(second, "second.toml")]
    assert not against(evidence)
    bad = read(results(sample="CORD-7 vial 2", endotoxin="176 IU/mL"), "second.toml")
    assert len(against([*whole_evidence(results=first), bad])) == 1


def test_too_few_vials_or_videos_are_refused() -> None:
    source = (Path(__file__).parent / "specification.toml").read_text()
    for asked, says in (
        ("vials = 2, videos = 5", "1 of 2 vials"),
        ("vials = 1, videos = 6", "5 of 6 videos"),
    ):
        held = specification(source.replace("vials = 1, videos = 5", asked))
        verdict = decide_release(held, whole_evidence(), batch=BATCH)
        assert [reason.why for reason in verdict.reasons if reason.holds is False and says in reason.why]


def test_the_same_file_twice_is_refused() -> None:
    with pytest.raises(Refusal, match="REL-004"):
        decide_release(specification(), [*whole_evidence(), read(results(), "copy.toml")], batch=BATCH)


def answers_to(
    evidence: Evidence, reason: str = "the pump was off; drift is below 4 pixels"
) -> list[WarningAnswer]:
    assert evidence.reading is not None
    return [
        WarningAnswer(
            file_sha256=evidence.file.sha256,
            line=warning.place.line,
            warning=warning.text,
            reason=reason,
            signed_by="Paula Pharmacist",
            signed_at="2020-06-22T08:00:00+00:00",
        )
        for warning in evidence.reading.warnings
    ]


def test_a_signed_deviation_answers_a_warning_only_where_the_specification_allows_it() -> None:
    evidence = whole_evidence(nta=nta(warned=True))
    answers = answers_to(evidence[0])
    assert len(answers) == 5
    assert not against(evidence, answers=answers)
    assert len(against(evidence, answers=answers[:4])) == 1
    assert against(evidence, answers=answers_to(evidence[0], reason="  "))
    source = (Path(__file__).parent / "specification.toml").read_text()
    strict = specification(source.replace('answerable = ["instrument warning"]\n', "", 1))
    verdict = decide_release(strict, evidence, batch=BATCH, answers=answers)
    assert not verdict.holds
    assert "lets no deviation" in " ".join(reason.why for reason in verdict.reasons)


def test_an_answer_to_another_files_warning_answers_nothing() -> None:
    evidence = whole_evidence(nta=nta(warned=True))
    other = read(nta(warned=True, sample="CORD-8"), "nta.csv")
    assert len(against(evidence, answers=answers_to(other))) == 5


@given(st.permutations(range(3)))
def test_the_order_of_files_changes_neither_verdict_nor_digest(order: list[int]) -> None:
    evidence = whole_evidence(results=results(endotoxin="176 IU/mL"))
    mixed = [evidence[place] for place in order]
    first, second = (decide_release(specification(), one, batch=BATCH) for one in (evidence, mixed))
    assert first == second
    digests = {digest_decision(specification(), one, first, batch=BATCH) for one in (evidence, mixed)}
    assert len(digests) == 1


def test_a_byte_of_a_file_or_a_word_of_a_deviation_changes_the_digest() -> None:
    evidence = whole_evidence(nta=nta(warned=True))
    told = set()
    for files, answers in (
        (evidence, []),
        (evidence, answers_to(evidence[0])),
        (evidence, answers_to(evidence[0], reason="another")),
        (whole_evidence(nta=nta(warned=True), results=results() + b"\n"), []),
    ):
        verdict = decide_release(specification(), files, batch=BATCH, answers=answers)
        told.add(digest_decision(specification(), files, verdict, batch=BATCH, answers=answers))
    assert len(told) == 4


def test_the_day_is_stated_only_where_the_file_tells_none() -> None:
    ambiguous = read_evidence(
        assay_file(nta(captured="06/07/2020"), name="nta.csv"), stated_on=date(2020, 7, 6)
    )
    rest = whole_evidence()[1:]
    assert ambiguous.measured_on == date(2020, 7, 6)
    assert not against([ambiguous, *rest])
    clear = read_evidence(assay_file(nta(), name="nta.csv"), stated_on=date(2031, 1, 1))
    assert clear.measured_on == date(2020, 6, 16)


def test_a_file_that_no_test_asks_for_is_a_finding() -> None:
    extra = read(
        results().replace(b"sterility", b"appearance").replace(b"no growth", b"conforms"), "extra.toml"
    )
    lone = [one for one in whole_evidence() if one.file.name != "results.toml"]
    found = check_evidence(specification(), [*lone, read(b"\x00", "bad"), extra], batch="OTHER")
    assert ("RLF-001", Severity.WARNING) in {(one.rule, one.severity) for one in found}


def test_results_stand_beside_their_limits() -> None:
    shown = derive_results(specification(), whole_evidence(), batch=BATCH)
    assert [(one.test, one.holds) for one in shown] == [
        ("identity_size", True),
        ("quantity", True),
        ("sterility", True),
        ("endotoxin", True),
    ]
    assert (shown[3].result, shown[3].limit) == ("< 0.05 IU/mL", "at most 175 IU/mL")
    # The vendor prints 6.09e12 as the average of its five videos (the file, line "Concentration (Particles / ml)").
    assert shown[1].result.startswith("6.09")


@pytest.mark.parametrize(
    ("sample", "vial"),
    [
        ("CORD-7", ""),
        (" CORD-7 ", ""),
        ("CORD-7 vial 3", "3"),
        ("CORD-7/Vial A2", "A2"),
        ("CORD-7, VIAL-12", "12"),
        ("CORD-77", None),
        ("CORD-7 3", None),
        ("CORD-7vial 3", None),
        ("cord-7", None),
        ("", None),
        ("CORD-7 vial", None),
    ],
)
def test_a_sample_is_the_batch_or_a_vial_of_it_and_nothing_near(sample: str, vial: str | None) -> None:
    assert vial_of(sample, batch=BATCH) == vial


@given(st.text(max_size=20), st.text(min_size=1, max_size=20))
def test_no_sample_or_batch_breaks_the_comparison(sample: str, batch: str) -> None:
    vial_of(sample, batch=batch)
    assert vial_of(f"{batch} vial 1", batch=batch) in ("1", None)


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_evidence_of_nothing_and_never_a_crash(data: bytes) -> None:
    evidence = read(data, "any.bin")
    verdict = decide_release(specification(), [evidence], batch=BATCH)
    assert not verdict.holds


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 15000))
def test_a_truncated_summary_releases_nothing(length: int) -> None:
    whole = nta()
    cut = whole[: length % len(whole)]
    assert not decide_release(specification(), [read(cut, "nta.csv")], batch=BATCH).holds


def test_the_endotoxin_limit_is_k_over_m() -> None:
    # ENDO-01: USP <85>, 5 EU/kg per hour, 70 kg, 2 mL in an hour.
    if CASES.is_file():
        case = next(one for one in json.loads(CASES.read_text())["cases"] if one["id"] == "ENDO-01")
        given, expected = case["inputs"], case["expected"]["limit_EU_per_ml"]
    else:
        given, expected = {"K_EU_per_kg_h": 5, "weight_kg": 70, "volume_ml": 2}, 175.0
    limit = compute_endotoxin_limit(
        given["K_EU_per_kg_h"],
        body_weight=read_quantity(f"{given['weight_kg']} kg", dimension="mass"),
        volume_per_hour=read_quantity(f"{given['volume_ml']} mL", dimension="volume"),
    )
    assert (float(limit.value), limit.unit) == (expected, "IU/mL")


@pytest.mark.parametrize(
    ("threshold", "weight"), [(0.0, "70 kg"), (-1.0, "70 kg"), (5.0, "0 kg"), (float("nan"), "70 kg")]
)
def test_an_endotoxin_limit_of_nothing_is_refused(threshold: float, weight: str) -> None:
    with pytest.raises(Refusal, match="REL-001"):
        compute_endotoxin_limit(
            threshold,
            body_weight=read_quantity(weight, dimension="mass"),
            volume_per_hour=read_quantity("2 mL", dimension="volume"),
        )


@pytest.mark.parametrize("study", sorted(path.name for path in STUDIES.iterdir() if path.is_dir()))
def test_the_three_studies_name_no_limit_and_none_is_made_up(study: str) -> None:
    definition, _ = read_study(STUDIES / study)
    assert not has_specification(definition)
    for product in definition.products:
        with pytest.raises(Refusal, match="REL-003"):
            find_specification(definition, product.id)
    with pytest.raises(Refusal, match="REL-002"):
        find_specification(definition, "nothing")


def test_a_test_without_a_limit_leaves_the_verdict_open() -> None:
    open_ended = '\n[[products.release_tests]]\nname = "Potency"\nlimit = "as usual"\n'
    held = specification((Path(__file__).parent / "specification.toml").read_text() + open_ended)
    verdict = decide_release(held, whole_evidence(), batch=BATCH)
    assert [reason.criterion for reason in verdict.unknown] == ["Potency"]
    assert not verdict.holds


def test_the_kinds_of_assay_in_a_study_file_are_those_of_the_readers() -> None:
    kinds = ReleaseTest.model_fields["assay"].annotation
    (words, _) = get_args(kinds)
    assert set(get_args(words)) == {kind.value for kind in AssayKind}


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('name = "Size"\nat_most = "200 nm"', "has no id"),
        ('name = "Size"\nid = "size"\nat_most = "200 nm"', "has no assay and no measures"),
        ('name = "Size"\nid = "size"\nassay = "size distribution"\nmeasures = "D50"', "needs one limit"),
        (
            'name = "Size"\nid = "size"\nassay = "size distribution"\nmeasures = "D50"\n'
            'at_most = "200 nm"\nrequires = "small"',
            "needs one limit",
        ),
        (
            'name = "Size"\nid = "size"\nassay = "size distribution"\nmeasures = "D50"\nat_most = "7.66e + 0.8 nm"',
            "7.66e8",
        ),
    ],
)
def test_a_specification_that_cannot_be_held_to_is_refused_with_its_line(written: str, says: str) -> None:
    source = study_source(f"\n[[products.release_tests]]\n{written}\n")
    with pytest.raises((Refusal, Refusals)) as refused:
        parse_study(source.encode(), name="study.toml")
    assert says in str(refused.value)
    assert "line" in str(refused.value)
