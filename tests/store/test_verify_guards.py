"""Triggers and anchors are checked, and the application itself cannot get past the triggers (requirements 4, 5)."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from exotrial.core.errors import Refusal
from exotrial.operations.access import Role
from exotrial.store.anchors import make_anchors, parse_anchors
from exotrial.store.guards import FIXED, NO_DELETE
from exotrial.store.home import disconnect, open_home
from exotrial.store.models import Act, Chain, Change, Record, StudyVersion
from exotrial.store.verify import verify_trail
from exotrial.store.verify_data import audited_models
from tests.conftest import PROJECT
from tests.store.conftest import fill
from tests.store.findings import found, pulse
from tests.trial import IRCT, Trial


def test_a_dropped_and_an_exchanged_trigger_are_named(trial: Trial) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP TRIGGER guard_act_delete ON store_act")
            cursor.execute("ALTER TABLE store_act DISABLE TRIGGER guard_act_update")
            cursor.execute(
                "CREATE OR REPLACE TRIGGER guard_change_delete BEFORE DELETE ON store_change "
                "FOR EACH ROW WHEN (false) EXECUTE FUNCTION exotrial_refuse('rows of change are never deleted')"
            )
            wanted = {"guard_act_delete", "guard_act_update", "guard_change_delete"}
        else:
            cursor.execute("DROP TRIGGER guard_act_delete")
            cursor.execute("DROP TRIGGER guard_change_delete")
            cursor.execute(
                "CREATE TRIGGER guard_change_delete BEFORE DELETE ON store_change WHEN 0 "
                "BEGIN SELECT RAISE(ABORT, 'exotrial: rows of change are never deleted'); END"
            )
            cursor.execute(
                "CREATE TRIGGER helper AFTER INSERT ON store_act BEGIN DELETE FROM store_session; END"
            )
            wanted = {"guard_act_delete", "guard_change_delete", "helper"}
    problems = found(trial)
    assert {problem.where for problem in problems} == wanted
    assert {problem.kind for problem in problems} == {"guard"}


def test_the_function_behind_the_triggers_is_checked_too(trial: Trial) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's triggers call no function")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION exotrial_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RETURN NEW; END $$"
        )
    (problem,) = found(trial)
    assert (problem.kind, problem.where) == ("guard", "exotrial_refuse")


def test_a_return_to_an_older_state_is_shown_by_an_anchor(trial: Trial, tmp_path: Path) -> None:
    home = trial.opened.home
    kept = tmp_path / "older"
    disconnect()
    address = ""
    if home.database_url:
        from tests.trial import _database, new_database

        address = new_database(like=_database(home))
    else:
        shutil.copy(home.sqlite_file, kept)
    fill(trial, "P-003", {"IG.VS": {"PULSE": 66}})
    anchors = parse_anchors("\n".join(str(anchor) for anchor in make_anchors()), name="letter.txt")
    assert verify_trail(trial.opened, anchors=anchors).holds
    disconnect()
    if home.database_url:
        from dataclasses import replace

        older = open_home(replace(home, database_url=address))
    else:
        for end in ("-wal", "-shm"):
            home.sqlite_file.with_name(home.sqlite_file.name + end).unlink(missing_ok=True)
        shutil.copy(kept, home.sqlite_file)
        older = open_home(home)
    assert verify_trail(older).holds  # by itself an older state is a whole one
    (problem,) = verify_trail(older, anchors=anchors).problems
    assert problem.kind == "anchor"
    assert "1 acts are lost" in problem.says


def test_an_anchor_shows_a_trail_that_grew_again_after_it_was_cut(trial: Trial) -> None:
    anchors = make_anchors()
    assert verify_trail(trial.opened, anchors=anchors).holds
    other = [type(a)(chain=a.chain, acts=a.acts, head="1" * 64, mark=a.mark) for a in anchors]
    assert {p.says for p in verify_trail(trial.opened, anchors=other).problems} == {
        "the anchor was not made by this installation, or was altered"
    }


@pytest.mark.parametrize("text", ["", "# nothing", "exotrial-anchor a 1 2 3", "hello"])
def test_a_file_without_anchors_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="AUD-001"):
        parse_anchors(text, name="anchors.txt")


def test_one_study_is_checked_by_itself(trial: Trial) -> None:
    assert verify_trail(trial.opened, study=IRCT).holds
    with pytest.raises(Refusal, match="AUD-002"):
        verify_trail(trial.opened, study="no_such_study")


def test_the_application_itself_can_neither_change_nor_delete_the_trail(trial: Trial) -> None:
    change = pulse(0)
    change.new = "70"
    tries: list[Callable[[], object]] = [
        lambda: Act.objects.update(who="x"),
        lambda: Act.objects.all().delete(),
        lambda: Change.objects.filter(pk=change.pk).delete(),
        lambda: Change.objects.update(new="1"),
        lambda: Change.objects.bulk_update([change], ["new"]),
        lambda: change.save(),
        lambda: change.delete(),
        lambda: QuerySet(Change)._raw_delete("default"),
        lambda: QuerySet(Record)._raw_delete("default"),
        lambda: QuerySet(Chain)._raw_delete("default"),
    ]
    for attempt in tries:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    statements = [f"DELETE FROM store_{table}" for table in NO_DELETE if _filled(table)]
    statements += [f"UPDATE store_{table} SET id = id" for table in FIXED if _filled(table)]
    if connection.vendor == "postgresql":
        statements += [f"TRUNCATE store_{table} CASCADE" for table in NO_DELETE]
    else:
        statements += [
            f"REPLACE INTO store_{table} SELECT * FROM store_{table}" for table in ("act", "change")
        ]
    for statement in statements:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert found(trial) == []


def _filled(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM store_{table}")
        row = cursor.fetchone()
    return bool(row and row[0])


def test_the_digest_of_a_study_version_is_that_of_its_text(trial: Trial) -> None:
    version = StudyVersion.objects.get(number=1)
    assert version.digest == hashlib.sha256(version.source.encode()).hexdigest()


def test_a_check_writes_nothing_and_stops_nobody(trial: Trial) -> None:
    before = Act.objects.count()
    verify_trail(trial.opened)
    trial.do("show_study", Role.SPONSOR)
    fill(trial, "P-009", {"IG.VS": {"PULSE": 1}})
    assert Act.objects.count() == before + 1


def test_the_page_names_every_field_that_the_trail_leaves_out() -> None:
    page = (PROJECT / "docs" / "how-to" / "keep-the-records-safe.md").read_text(encoding="utf-8")
    left_out = {name for model in audited_models() for name in model.unaudited}
    assert left_out
    assert {name for name in left_out if f"`{name}`" not in page} == set()
