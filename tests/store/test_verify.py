"""The trail is checked: whatever is done to the database by hand is found, and named (requirements 4 and 5)."""

from __future__ import annotations

import pytest
from django.db import connection

from exotrial.store.models import Act, Change, Record, Site, StudyVersion
from exotrial.store.trail import value_digest
from exotrial.store.verify import verify_trail
from tests.store.conftest import by_hand, fill
from tests.store.findings import PULSE, act_of, found, pulse, sign_head, told
from tests.trial import IRCT, Trial


def test_what_nobody_touched_holds(trial: Trial) -> None:
    checked = verify_trail(trial.opened)
    assert checked.holds
    assert checked.problems == ()
    assert checked.acts == Act.objects.count()
    assert checked.changes == Change.objects.count()
    assert {chain.name for chain in checked.chains} == {"installation", IRCT}
    assert checked.rows > 25


@pytest.mark.requirement(5)
def test_an_edited_value_is_named_by_row_field_and_act(trial: Trial) -> None:
    record = Record.objects.order_by("pk")[0].pk
    by_hand(
        trial.opened.home,
        f'UPDATE store_record SET "values" = \'{{"IG.VS": {{"PULSE": 70, "SPO2": 95.5}}}}\' WHERE id = {record}',
    )
    (problem,) = found(trial)
    assert problem.kind == "data"
    assert problem.where == f"record {record} {PULSE}"
    assert f"{IRCT} act {act_of('fill_record', 2).seq} fill_record" in problem.says


def test_a_value_added_and_one_taken_away_by_hand_are_named(trial: Trial) -> None:
    record = Record.objects.order_by("pk")[0].pk
    by_hand(
        trial.opened.home,
        f'UPDATE store_record SET "values" = \'{{"IG.VS": {{"PULSE": 72, "NEW": 1}}}}\' WHERE id = {record}',
    )
    first, second = found(trial)
    assert (first.where, "no first entry" in first.says) == (f"record {record} values/IG.VS/NEW", True)
    assert (second.where, "emptied" in second.says) == (f"record {record} values/IG.VS/SPO2", True)


def test_an_edit_by_hand_is_still_found_after_exotrial_wrote_over_it(trial: Trial) -> None:
    record = Record.objects.order_by("pk")[0].pk
    by_hand(
        trial.opened.home,
        f'UPDATE store_record SET "values" = \'{{"IG.VS": {{"PULSE": 70, "SPO2": 95.5}}}}\' WHERE id = {record}',
    )
    fill(trial, "P-001", {"IG.VS": {"PULSE": 80, "SPO2": 95.5}}, reason="measured again")
    (problem,) = found(trial)
    assert problem.where == f"record {record} {PULSE}"
    assert "in between" in problem.says


@pytest.mark.requirement(5)
def test_a_deleted_row_and_an_inserted_row_are_named(trial: Trial) -> None:
    site = Site.objects.get(code="second")
    by_hand(
        trial.opened.home,
        f"DELETE FROM store_site WHERE id = {site.pk}",
        "INSERT INTO store_site (id, study_id, code, name, zone, status, version) "
        f"VALUES (900, {site.study_id}, 'ghost', 'Ghost', 'UTC', 'active', 1)",
    )
    deleted, inserted = found(trial)
    assert deleted.where == f"site {site.pk}"
    assert "was deleted" in deleted.says
    assert f"act {act_of('open_site', 1).seq} open_site" in deleted.says
    assert inserted.where == "site 900"
    assert "was inserted" in inserted.says


def test_an_unreadable_row_is_named_and_the_rest_is_checked(trial: Trial) -> None:
    if trial.opened.home.database_url:
        pytest.skip("PostgreSQL stores no JSON that is none")
    first, second = Record.objects.order_by("pk")
    by_hand(
        trial.opened.home,
        f"UPDATE store_record SET \"values\" = '7' WHERE id = {first.pk}",
        f"UPDATE store_record SET frozen = 1 WHERE id = {second.pk}",
    )
    assert [problem.where for problem in found(trial)] == [
        f"record {first.pk}",
        f"record {second.pk} frozen",
    ]


def test_the_text_of_a_study_version_cannot_be_exchanged(trial: Trial) -> None:
    version = StudyVersion.objects.get(number=1)
    by_hand(trial.opened.home, f"UPDATE store_studyversion SET source = 'id = 1' WHERE id = {version.pk}")
    (problem,) = found(trial)
    assert problem.where == f"studyversion {version.pk} source"


@pytest.mark.requirement(5)
@pytest.mark.parametrize(
    "edit",
    [
        "who = 'somebody'",
        "reason = 'another'",
        "role = 'monitor'",
        "site = 'elsewhere'",
        "study_version = 9",
        "clock_step = -1.5",
        "operation = 'look'",
        "source = 'web'",
    ],
)
def test_an_edited_act_is_named(trial: Trial, edit: str) -> None:
    act = act_of("fill_record", 2)
    by_hand(trial.opened.home, f"UPDATE store_act SET {edit} WHERE id = {act.pk}")
    (problem,) = found(trial)
    assert problem.where.startswith(f"{IRCT} act {act.seq} ")
    assert "does not hold" in problem.says


@pytest.mark.requirement(5)
def test_a_back_dated_act_is_named(trial: Trial) -> None:
    act = act_of("fill_record", 1)
    by_hand(trial.opened.home, f"UPDATE store_act SET at = '2021-03-01 08:00:00.5' WHERE id = {act.pk}")
    (problem,) = found(trial)
    assert problem.where == f"{IRCT} act {act.seq} fill_record"


@pytest.mark.requirement(5)
@pytest.mark.parametrize(("edit", "number"), [("new = '70'", 0), ("old = '70'", 1), ("new = '70'", 1)])
def test_an_edited_change_is_named_by_act_row_and_field(trial: Trial, edit: str, number: int) -> None:
    change = pulse(number)
    by_hand(trial.opened.home, f"UPDATE store_change SET {edit} WHERE id = {change.pk}")
    said = told(trial)
    assert f"trail: {IRCT} act {change.act.seq} fill_record: its digest does not hold" in said
    assert f"data: record {change.row} {PULSE}: " in said


def test_edited_data_with_its_trail_edited_to_match_is_found_by_the_digest(trial: Trial) -> None:
    change = pulse(1)
    by_hand(
        trial.opened.home,
        f"UPDATE store_change SET new = '70' WHERE id = {change.pk}",
        f'UPDATE store_record SET "values" = \'{{"IG.VS": {{"PULSE": 70, "SPO2": 95.5}}}}\' '
        f"WHERE id = {change.row}",
    )
    (problem,) = found(trial)
    assert problem.where == f"{IRCT} act {change.act.seq} fill_record"
    assert f"record {change.row}" in problem.says


@pytest.mark.requirement(5)
def test_a_deleted_change_is_named(trial: Trial) -> None:
    change = pulse(1)
    by_hand(trial.opened.home, f"DELETE FROM store_change WHERE id = {change.pk}")
    said = told(trial)
    assert (
        f"{IRCT} act {change.act.seq} fill_record, change {change.position}: the change was deleted" in said
    )
    assert f"data: record {change.row} {PULSE}" in said


def test_an_inserted_change_is_named(trial: Trial) -> None:
    change = pulse(1)
    by_hand(
        trial.opened.home,
        'INSERT INTO store_change (act_id, position, "table", "row", field, old, new, salt, old_digest, '
        f"new_digest, redacted) VALUES ({change.act_id}, 90, 'record', {change.row}, '{PULSE}', '72', '70', "
        "'', '', '', false)",
    )
    said = told(trial)
    assert (
        f"{IRCT} act {change.act.seq} fill_record, change 90 (record {change.row} {PULSE}): "
        "the change was inserted" in said
    )


def test_two_changes_that_change_places_are_found(trial: Trial) -> None:
    act = act_of("fill_record", 0)
    by_hand(
        trial.opened.home,
        f"UPDATE store_change SET position = 99 WHERE act_id = {act.pk} AND position = 1",
        f"UPDATE store_change SET position = 1 WHERE act_id = {act.pk} AND position = 2",
        f"UPDATE store_change SET position = 2 WHERE act_id = {act.pk} AND position = 99",
    )
    (problem,) = found(trial)
    assert problem.where == f"{IRCT} act {act.seq} fill_record"


def test_a_change_moved_to_another_act_is_named_in_both(trial: Trial) -> None:
    change = pulse(1)
    other = act_of("fill_record", 1)
    by_hand(
        trial.opened.home,
        f"UPDATE store_change SET act_id = {other.pk}, position = 90 WHERE id = {change.pk}",
    )
    said = told(trial)
    assert f"act {change.act.seq} fill_record, change {change.position}: the change was deleted" in said
    assert f"act {other.seq} fill_record, change 90" in said


def test_two_acts_that_change_places_are_named(trial: Trial) -> None:
    one, two = act_of("fill_record", 0), act_of("fill_record", 1)
    by_hand(
        trial.opened.home,
        f"UPDATE store_act SET seq = 9000 WHERE id = {one.pk}",
        f"UPDATE store_act SET seq = {one.seq} WHERE id = {two.pk}",
        f"UPDATE store_act SET seq = {two.seq} WHERE id = {one.pk}",
    )
    said = told(trial)
    assert (
        f"trail: {IRCT} act {one.seq}: not there: deleted or moved; act {two.seq} fill_record follows" in said
    )
    assert f"{IRCT} act {one.seq} fill_record: stands after act {two.seq}" in said


def test_an_act_deleted_in_the_middle_is_named(trial: Trial) -> None:
    act = act_of("fill_record", 1)
    by_hand(
        trial.opened.home,
        f"DELETE FROM store_change WHERE act_id = {act.pk}",
        f"DELETE FROM store_act WHERE id = {act.pk}",
    )
    said = told(trial)
    assert f"{IRCT} act {act.seq}: not there: deleted or moved" in said
    assert "was inserted past exotrial" in said  # its rows have no first entry any more


def test_an_act_deleted_without_its_changes_leaves_them_named(trial: Trial) -> None:
    act = act_of("fill_record", 1)
    by_hand(trial.opened.home, f"DELETE FROM store_act WHERE id = {act.pk}")
    said = told(trial)
    assert f"act id {act.pk}, change 0 (" in said
    assert "the act of the change is not there" in said


def test_the_last_acts_deleted_and_the_head_mended_without_the_key_are_found(trial: Trial) -> None:
    last = Act.objects.filter(chain__name=IRCT).order_by("-seq")[0]
    by_hand(
        trial.opened.home,
        f"DELETE FROM store_change WHERE act_id = {last.pk}",
        f"DELETE FROM store_act WHERE id = {last.pk}",
        "DELETE FROM store_site WHERE code = 'second'",
    )
    assert f"{IRCT} head: says {last.seq} acts and the last one is act {last.seq - 1}" in told(trial)
    sign_head(trial, IRCT)
    (problem,) = found(trial)
    assert (problem.kind, problem.where) == ("chain", f"{IRCT} head")
    assert "not of this installation's key" in problem.says


def test_an_act_inserted_at_the_end_with_right_digests_is_found(trial: Trial) -> None:
    last = Act.objects.filter(chain__name=IRCT).order_by("-seq")[0]
    columns = "operation, outcome, code, told, who, role, site, participant, source, at, clock_step, reason, "
    columns += 'study_version, "count", digest, chain_id'
    by_hand(
        trial.opened.home,
        f"INSERT INTO store_act (seq, {columns}) SELECT {last.seq + 1}, {columns} FROM store_act "
        f"WHERE id = {last.pk}",
        f'UPDATE store_act SET "count" = 0 WHERE seq = {last.seq + 1} AND chain_id = {last.chain_id}',
    )
    said = told(trial)
    assert f"{IRCT} act {last.seq + 1} open_site: its digest does not hold" in said
    assert f"{IRCT} head: says {last.seq} acts and the last one is act {last.seq + 1}" in said
    sign_head(trial, IRCT)
    assert "not of this installation's key" in told(trial)


@pytest.mark.requirement(5)
def test_a_whole_trail_forged_without_the_key_is_found_by_its_head(trial: Trial) -> None:
    change = pulse(1)
    by_hand(
        trial.opened.home,
        f"UPDATE store_change SET new = '70' WHERE id = {change.pk}",
        f'UPDATE store_record SET "values" = \'{{"IG.VS": {{"PULSE": 70, "SPO2": 95.5}}}}\' '
        f"WHERE id = {change.row}",
    )
    sign_head(trial, IRCT)
    (problem,) = found(trial)
    assert (problem.kind, problem.where) == ("chain", f"{IRCT} head")


@pytest.mark.requirement(5)
def test_an_emptied_trail_is_found(trial: Trial) -> None:
    by_hand(trial.opened.home, "DELETE FROM store_change", "DELETE FROM store_act")
    said = told(trial)
    assert f"chain: {IRCT} head: says" in said
    assert "chain: installation head: says" in said
    assert "studyversion 1: the row was inserted past exotrial" in said


def test_a_deleted_chain_is_found(trial: Trial) -> None:
    by_hand(trial.opened.home, f"DELETE FROM store_chain WHERE name = '{IRCT}'")
    assert "belongs to a chain that is not there" in told(trial)


def test_a_value_redacted_by_hand_has_no_act_that_names_it(trial: Trial) -> None:
    change = pulse(0)
    digest = value_digest(change.salt, change.new)
    with connection.cursor() as cursor:  # the one update that the triggers let pass
        cursor.execute(
            "UPDATE store_change SET old = NULL, new = NULL, salt = '', redacted = %s, new_digest = %s WHERE id = %s",
            [True, digest, change.pk],
        )
    (problem,) = found(trial)
    assert problem.where == f"{IRCT} act {change.act.seq} (record {change.row} {PULSE})"
    assert "no redact_value act names it" in problem.says


@pytest.mark.requirement(7)
def test_a_value_hidden_behind_a_tombstone_is_found(trial: Trial) -> None:
    change = pulse(0)
    by_hand(
        trial.opened.home,
        f"UPDATE store_change SET new = '60', redacted = true, salt = '', new_digest = "
        f"'{value_digest(change.salt, change.new)}' WHERE id = {change.pk}",
    )
    assert "is marked as redacted and holds a value" in told(trial)
