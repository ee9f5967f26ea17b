"""Process records and logger tables as evidence: what speaks against the batch is to be answered before release."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import pytest

from exotrial.core.errors import Refusal
from exotrial.core.verdict import Verdict
from exotrial.product.assay import AssayKind, Reading, assay_file, read_assay
from exotrial.product.evidence import Evidence, read_evidence
from exotrial.product.release import Specification, decide_release
from exotrial.product.release_reasons import WarningAnswer
from exotrial.study.definition.intervention import Product
from exotrial.study.definition.release import ReleaseTest
from exotrial.study.file import read_study
from tests.conftest import PROJECT

RECORD = (PROJECT / "tests/files/process/cord-7.toml").read_bytes()
LOG = (PROJECT / "tests/files/assays/temperature_logger/made_up_transport.csv").read_bytes()
BATCH = "CORD-7"

PROCESS_TEST: dict[str, Any] = {
    "id": "process",
    "name": "Made by its process",
    "assay": "process record",
    "measures": "process",
    "requires": "on record",
}
COLD_TEST: dict[str, Any] = {
    "id": "cold_chain",
    "name": "Kept cold",
    "assay": "temperature log",
    "measures": "mean kinetic temperature",
    "at_least": "2 degC",
    "at_most": "8 degC",
}
ANSWERABLE: dict[str, Any] = {"answerable": ("instrument warning",)}


@lru_cache(maxsize=1)
def _cord() -> Product:
    return read_study(PROJECT / "studies/chictr2000030261")[0].products[0]


def _product(*tests: dict[str, Any]) -> Product:
    return _cord().model_copy(
        update={"release_tests": tuple(ReleaseTest.model_validate(one) for one in tests)}
    )


def _evidence(data: bytes, product: Product | None, *, name: str) -> Evidence:
    return read_evidence(assay_file(data, name=name), product=product)


def _record(product: Product | None, *changes: tuple[str, str]) -> Evidence:
    text = RECORD.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return _evidence(text.encode(), product, name="cord-7.toml")


def _log(
    product: Product | None, *celsius: float, minutes: float = 10, last: float | None = None
) -> Evidence:
    """A log of readings at one interval, the last one `last` minutes after the one before it."""
    at = [datetime(2026, 1, 5, 9, tzinfo=UTC) + timedelta(minutes=minutes * n) for n in range(len(celsius))]
    if last is not None:
        at[-1] = at[-2] + timedelta(minutes=last)
    rows = [f"{when.isoformat()},{degrees}" for when, degrees in zip(at, celsius, strict=True)]
    text = "\n".join([f"sample,{BATCH}", "time,temperature (degC)", *rows]) + "\n"
    return _evidence(text.encode(), product, name="log.csv")


def _reading(evidence: Evidence) -> Reading:
    assert evidence.reading is not None, evidence.problem
    return evidence.reading


def _decide(product: Product, *evidence: Evidence, answered: bool = False) -> Verdict:
    held = Specification(product=product.id, name=product.name, tests=product.release_tests or ())
    answers = [
        WarningAnswer(
            file_sha256=one.file.sha256,
            line=warning.place.line,
            warning=warning.text,
            reason="weighed, without effect",
            signed_by="alice",
            signed_at="2026-02-20T09:00:00+00:00",
        )
        for one in evidence
        for warning in _reading(one).warnings
        if answered
    ]
    return decide_release(held, evidence, batch=BATCH, answers=answers)


def test_a_whole_record_and_a_cold_log_release_the_batch() -> None:
    product = _product(PROCESS_TEST, COLD_TEST)
    evidence = (_record(product), _log(product, 4, 5, 4, 6))
    assert [_reading(one).kind for one in evidence] == [AssayKind.PROCESS, AssayKind.TEMPERATURE]
    assert all(_reading(one).warnings == () and _reading(one).findings == () for one in evidence)
    assert _decide(product, *evidence)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('pore = "0.22 um"\n', "", "PRF-005"),
        ('name = "Spin the next day"', 'name = "Spin later"', "PRF-001"),
        ("ended = 2026-01-05T11:30:00+08:00", "ended = 2026-01-05T13:30:00+08:00", "PRF-006"),
        ("2026-02-13T13:50:00+08:00", "2026-02-13T13:21:00+08:00", "PRF-011"),
    ],
)
def test_what_speaks_against_a_record_refuses_the_batch_until_a_deviation_answers_it(
    old: str, new: str, rule: str
) -> None:
    product = _product(PROCESS_TEST | ANSWERABLE)
    record = _record(product, (old, new))
    assert rule in {warning.text.split(":")[0] for warning in _reading(record).warnings}
    assert not _decide(product, record)
    assert _decide(product, record, answered=True)
    silent = _product(PROCESS_TEST)
    assert not _decide(silent, _record(silent, (old, new)), answered=True)


def test_a_doubt_that_is_no_error_is_shown_and_refuses_nothing() -> None:
    product = _product(PROCESS_TEST)
    record = _record(product, ('pore = "0.22 um"', 'pore = "0.45 um"'))
    assert [one.rule for one in _reading(record).findings] == ["PRF-010"]
    assert _decide(product, record)


@pytest.mark.parametrize(
    ("product", "says"),
    [
        (None, "no study file was at hand"),
        (_cord().model_copy(update={"id": "other"}), "the batch is of 'other'"),
        (_cord().model_copy(update={"process": (), "hold_times": ()}), "tells no step of making"),
    ],
)
def test_a_record_that_was_held_to_nothing_is_an_error_and_never_passes(
    product: Product | None, says: str
) -> None:
    record = _record(product)
    (finding,) = _reading(record).findings
    assert finding.rule == "PRF-012"
    assert says in finding.says
    assert not _decide(_product(PROCESS_TEST | ANSWERABLE), record, answered=True)


def test_a_record_of_another_batch_refuses_this_one() -> None:
    product = _product(PROCESS_TEST)
    assert not _decide(product, _record(product, ('batch = "CORD-7"', 'batch = "CORD-8"')))


def test_a_limit_of_the_log_counts_as_within_and_beyond_it_is_to_be_answered() -> None:
    product = _product(COLD_TEST | ANSWERABLE)
    assert _decide(product, _log(product, 2, 8, 4, 4))
    for beyond in (1.9, 8.1):
        log = _log(product, 4, beyond, 4, 4)
        assert [warning.text[:7] for warning in _reading(log).warnings] == ["CUF-001"]
        assert not _decide(product, log)
        assert _decide(product, log, answered=True)


def test_a_mean_kinetic_temperature_beyond_its_limit_has_no_answer() -> None:
    product = _product(COLD_TEST | ANSWERABLE)
    assert not _decide(product, _log(product, 20, 20, 20, 20), answered=True)


def test_readings_one_and_a_half_intervals_apart_leave_no_gap_and_further_apart_they_do() -> None:
    product = _product(COLD_TEST)
    assert _decide(product, _log(product, 4, 4, 4, 4, last=15))
    late = _log(product, 4, 4, 4, 4, last=15.1)
    assert [warning.text[:7] for warning in _reading(late).warnings] == ["CUF-002"]
    assert not _decide(product, late)


def test_a_log_without_limits_in_the_specification_is_held_to_nothing() -> None:
    for product in (None, _product(PROCESS_TEST), _cord()):
        (finding,) = _reading(_log(product, 4, 4, 4)).findings
        assert finding.rule == "CUF-005"


def test_limits_that_exclude_each_other_hold_a_log_to_nothing() -> None:
    highest = COLD_TEST | {"id": "highest", "measures": "highest temperature", "at_most": "1 degC"}
    del highest["at_least"]
    (finding,) = _reading(_log(_product(COLD_TEST, highest), 4, 4, 4)).findings
    assert (finding.rule, "limits" in finding.says) == ("CUF-005", True)


def test_the_made_up_transport_names_its_batch_its_logger_and_its_excursion() -> None:
    product = _product(COLD_TEST | ANSWERABLE)
    log = _evidence(LOG, product, name="transport.csv")
    reading = _reading(log)
    assert (reading.sample, reading.instrument) == (BATCH, "made up")
    (warning,) = reading.warnings
    assert "above the limit for 45 min, at worst 9.8 degC" in warning.text
    assert [(one.name, one.text) for one in reading.printed[:2]] == [
        ("lowest temperature", "3.90 degC"),
        ("highest temperature", "9.80 degC"),
    ]
    assert _decide(product, log, answered=True)


def test_a_log_that_does_not_say_what_it_went_with_refuses_the_batch() -> None:
    product = _product(COLD_TEST)
    nameless = _evidence(LOG.replace(b"sample;CORD-7\n", b""), product, name="log.csv")
    assert "names no sample" in " ".join(one.why for one in _decide(product, nameless).reasons)


def test_lines_above_the_table_that_contradict_each_other_are_refused() -> None:
    told = _evidence(LOG.replace(b"logger;", b"batch: CORD-8\nlogger;"), None, name="log.csv")
    assert told.problem.startswith("CUS-006: log.csv line 2")


def test_times_without_an_offset_are_read_in_the_zone_that_the_file_names() -> None:
    naive = LOG.replace(b"+08:00", b"")
    assert _evidence(naive, None, name="log.csv").problem.startswith("CUS-002")
    zoned = _reading(_evidence(b"zone: Asia/Shanghai\n" + naive, None, name="log.csv"))
    assert zoned.measured_at == _reading(_evidence(LOG, None, name="log.csv")).measured_at


def test_a_file_that_is_no_record_is_refused_by_its_reader() -> None:
    file = assay_file(b"format = 'x'\n", name="x.toml")
    with pytest.raises(Refusal, match="PRC-001"):
        read_assay(file, reader="process_record")
