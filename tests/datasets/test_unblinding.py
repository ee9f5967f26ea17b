"""The register of unblindings and the statement of the lock: read whole, or refused with their lines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal, Refusals
from exotrial.datasets.captured import Captured, read_captured
from exotrial.datasets.doubts import check_captured
from exotrial.datasets.unblinding import Lock, parse_lock, write_lock
from tests.datasets.records_given import IRCT, study_of

LOCK = 'locked_at = 2021-08-01T10:00:00+00:00\nstudy_version = "1"\naudit_head = "abc"\n'
UNBLINDED = "unblinded_at = 2021-08-02T10:00:00+00:00\n"
HEAD = "USUBJID,AT,KIND,WHO,REASON\n"


def read(folder: Path, *, register: str | None = None, lock: str | None = None) -> Captured:
    (folder / "participants.csv").write_text(
        "USUBJID,SITEID,ARMCD,SEX,AGE\nS1,A,,F,40\nS2,A,,M,50\n", encoding="utf-8"
    )
    if register is not None:
        (folder / "unblinding.csv").write_text(HEAD + register, encoding="utf-8")
    if lock is not None:
        (folder / "lock.toml").write_text(lock, encoding="utf-8")
    return read_captured(folder)


def refused(folder: Path, **files: str) -> list[str]:
    with pytest.raises((Refusal, Refusals)) as caught:
        read(folder, **files)
    error = caught.value
    if isinstance(error, Refusals):
        return [one.code.code for one in error.refusals]
    assert isinstance(error, Refusal)
    return [error.code.code]


def test_a_folder_without_a_lock_is_blinded(tmp_path: Path) -> None:
    captured = read(tmp_path)
    assert captured.lock is None
    assert captured.unblinded_at is None
    assert captured.unblinding.is_empty()
    assert "UNBLFL" not in captured.participants.columns


def test_a_lock_alone_unblinds_nothing(tmp_path: Path) -> None:
    captured = read(tmp_path, lock=LOCK)
    assert captured.lock is not None
    assert captured.unblinded_at is None


def test_the_planned_unblinding_is_read_with_its_zone(tmp_path: Path) -> None:
    captured = read(tmp_path, lock=LOCK + UNBLINDED)
    assert captured.unblinded_at == datetime(2021, 8, 2, 10, tzinfo=UTC)
    assert [file.name for file in captured.files] == ["participants.csv", "lock.toml"]


@pytest.mark.requirement(40)
@pytest.mark.parametrize(
    ("at", "flag"),
    [("2021-08-02T09:59:59+00:00", "Y"), ("2021-08-02T10:00:00+00:00", "N"), ("2021-08-02T13:29+03:30", "Y")],
)
def test_who_was_unblinded_before_the_study_was_is_flagged(tmp_path: Path, at: str, flag: str) -> None:
    captured = read(tmp_path, register=f"S2,{at},emergency,physician,bleeding\n", lock=LOCK + UNBLINDED)
    assert captured.participants["UNBLFL"].to_list() == ["N", flag]


def test_a_register_of_nobody_flags_nobody(tmp_path: Path) -> None:
    assert read(tmp_path, register="").participants["UNBLFL"].to_list() == ["N", "N"]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("S9,2021-05-05T10:00+00:00,emergency,physician,\n", "CAP-004"),
        ("S1,2021-05-05T10:00+00:00,curiosity,physician,\n", "CAP-005"),
        ("S1,2021-05-05T10:00+00:00,,physician,\n", "CAP-008"),
        ("S1,2021-05-05T10:00+00:00,emergency,,\n", "CAP-008"),
        ("S1,,emergency,physician,\n", "CAP-008"),
        ("S1,2021-05-05T10:00,emergency,physician,\n", "REC-011"),
        ("S1,5 May,emergency,physician,\n", "REC-011"),
    ],
)
def test_a_bad_row_of_the_register_is_refused(tmp_path: Path, row: str, code: str) -> None:
    assert refused(tmp_path, register=row) == [code]


@pytest.mark.parametrize(
    ("lock", "code"),
    [
        ("locked_at =", "REC-012"),
        (LOCK + "unlocked = 1\n", "REC-012"),
        (LOCK.replace('"1"', "1"), "REC-012"),
        (LOCK.replace("audit_head", "head"), "REC-012"),
        (LOCK.replace("+00:00", ""), "REC-011"),
        (LOCK.replace("2021-08-01T10:00:00+00:00", "2021-08-01"), "REC-011"),
        (LOCK + 'unblinded_at = "tomorrow"\n', "REC-011"),
        (LOCK.replace("2021-08-01", "2021-08-03") + UNBLINDED, "REC-013"),
        (LOCK.replace("locked_at = 2021-08-01T10:00:00+00:00\n", "") + UNBLINDED, "REC-013"),
    ],
)
def test_a_bad_lock_is_refused(tmp_path: Path, lock: str, code: str) -> None:
    assert set(refused(tmp_path, lock=lock)) == {code}


def test_a_lock_under_another_version_and_an_unblinding_without_arms_are_told(tmp_path: Path) -> None:
    captured = read(tmp_path, lock=LOCK.replace('"1"', '"0.9"') + UNBLINDED)
    rules = [finding.rule for finding in check_captured(study_of(IRCT), captured)]
    assert rules == ["CPD-008", "CPD-007"]


MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - the zone is drawn
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=3, minutes=30))]),
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=20)


@given(MOMENTS, st.none() | st.timedeltas(timedelta(0), timedelta(days=99)), WORDS, WORDS)
def test_a_lock_is_read_back_as_it_was_written(
    locked: datetime, after: timedelta | None, version: str, head: str
) -> None:
    lock = Lock(
        locked_at=locked,
        unblinded_at=None if after is None else locked + after,
        study_version=version,
        audit_head=head,
    )
    assert parse_lock(write_lock(lock).encode(), name="lock.toml") == lock
