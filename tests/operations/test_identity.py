"""Who a participant is: sealed, apart, and never twice in a study."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from exotrial.core.errors import Refusal
from exotrial.operations.access import MATRIX, Permission, Role
from exotrial.store.home import disconnect
from exotrial.store.models import Identity, Participant
from exotrial.store.models.audit import Act, Change
from exotrial.store.verify import verify_trail
from tests.operations.life_steps import screen
from tests.trial import SITE, Trial

PERSON = {"name": "Zarathustra Madeup", "contact": "+98 21 5550199", "hospital_number": "HN-884213"}
SECRETS = ("Zarathustra", "ZARATHUSTRA", "zarathustra", "5550199", "884213")


@pytest.mark.requirement(60)
def test_only_who_treats_sees_who_it_is_and_each_look_is_kept(trial: Trial) -> None:
    code = screen(trial, identity=PERSON).participant
    shown = trial.do("show_identity", Role.INVESTIGATOR, participant=code)
    assert (shown.name, shown.contact, shown.hospital_number) == tuple(PERSON.values())
    act = Act.objects.order_by("-pk")[0]
    assert (act.operation, act.who, act.participant) == ("show_identity", "investigator", code)
    for role in Role:
        if Permission.READ_IDENTITY not in MATRIX[role].may:
            with pytest.raises(Refusal, match=r"OPR-00[34]"):
                trial.do("show_identity", role, participant=code)


@pytest.mark.requirement(60)
def test_no_name_is_in_the_trail_or_in_any_byte_of_the_database(trial: Trial) -> None:
    code = screen(trial, identity=PERSON).participant
    trial.do("show_identity", participant=code)
    other = PERSON | {"contact": "moved away 5550199"}
    trial.do("correct_identity", participant=code, identity=other, reason="moved")
    for change in Change.objects.all():
        told = f"{change.old} {change.new}"
        assert not any(secret in told for secret in SECRETS)
    everything = _bytes_of(trial)
    assert code.encode() in everything
    assert not any(secret.encode() in everything for secret in SECRETS)


def _bytes_of(trial: Trial) -> bytes:
    """Every byte that the database keeps: the files of SQLite, every row of every table of PostgreSQL."""
    home = trial.opened.home
    if not home.database_url:
        disconnect()
        with sqlite3.connect(home.sqlite_file) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
        return b"".join(path.read_bytes() for path in Path(home.folder).glob("exotrial.sqlite3*"))
    with psycopg.connect(home.database_url) as server:
        tables = connection.introspection.table_names()
        return b"".join(
            str(row).encode()
            for table in tables
            for row in server.execute(f'SELECT * FROM "{table}"').fetchall()
        )


@pytest.mark.parametrize(
    "same",
    [
        {"name": "ZARATHUSTRA  madeup", "contact": "+98-21-555 0199"},
        {"name": "Somebody Else", "hospital_number": "hn 884213"},
        # Full-width letters, as some keyboards write them.
        {"name": "Ｚarathustra Madeup", "contact": "+98 21 5550199"},
    ],
)
def test_the_same_person_written_another_way_is_refused_with_the_code(
    trial: Trial, same: dict[str, str]
) -> None:
    code = screen(trial, identity=PERSON).participant
    with pytest.raises(Refusal, match=f"IDN-002: .*{code}") as caught:
        screen(trial, identity=same)
    assert "arathustra" not in str(caught.value)
    assert Participant.objects.count() == 1


def test_two_people_of_one_name_are_two_people(trial: Trial) -> None:
    screen(trial, born="1976", identity={"name": "Ali Madeup"})
    screen(trial, born="1977", answers={"age": 44}, identity={"name": "Ali Madeup"})
    assert Participant.objects.count() == 2
    with pytest.raises(Refusal, match="IDN-002"):
        screen(trial, born="1976", identity={"name": "Ali Madeup"})


def test_at_another_site_not_even_the_code_is_told(trial: Trial) -> None:
    code = screen(trial, identity=PERSON).participant
    trial.do("open_site", Role.SPONSOR, code="other", name="Another hospital")
    trial.add_person("olga", Role.COORDINATOR, "other")
    trial.add_person("ivan", Role.INVESTIGATOR, "other")
    trial.do(
        "activate_site",
        Role.INVESTIGATOR,
        by="ivan",
        site="other",
        version=1,
        approved_on="2021-03-09",
        reference="made up",
    )
    with pytest.raises(Refusal, match="IDN-002") as caught:
        trial.do("screen", Role.COORDINATOR, by="olga", site="other", identity=PERSON)
    assert code not in str(caught.value)
    assert SITE not in str(caught.value)
    # A hospital number is of one hospital: the same number elsewhere is somebody else.
    trial.do(
        "screen",
        Role.COORDINATOR,
        by="olga",
        site="other",
        identity={"name": "Somebody Else", "hospital_number": PERSON["hospital_number"]},
    )


def test_an_identity_is_corrected_with_a_reason_and_to_nobody_elses(trial: Trial) -> None:
    screen(trial, identity=PERSON)
    other = screen(trial, identity={"name": "Else Madeup"}).participant
    told: dict[str, Any] = {"participant": other}
    with pytest.raises(Refusal, match="OPR-007"):
        trial.do("correct_identity", identity={"name": "Elsa Madeup"}, **told)
    with pytest.raises(Refusal, match="IDN-002"):
        trial.do("correct_identity", identity=PERSON, reason="wrong", **told)
    with pytest.raises(Refusal, match="IDN-003"):
        trial.do("correct_identity", identity={"name": "Else Madeup"}, reason="same", **told)
    trial.do("correct_identity", identity={"name": "Elsa Madeup"}, reason="spelt wrong", **told)
    assert trial.do("show_identity", participant=other).name == "Elsa Madeup"
    assert not verify_trail(trial.opened).problems


def test_who_was_entered_without_identity_gets_one_later(trial: Trial) -> None:
    code = screen(trial).participant
    with pytest.raises(Refusal, match="IDN-001"):
        trial.do("show_identity", participant=code)
    trial.do("correct_identity", participant=code, identity=PERSON, reason="known now")
    assert trial.do("show_identity", participant=code).name == PERSON["name"]


@pytest.mark.requirement(60)
def test_a_sealed_identity_moved_to_another_participant_does_not_open(trial: Trial) -> None:
    one = screen(trial, identity=PERSON).participant
    two = screen(trial, identity={"name": "Else Madeup"}).participant
    sealed = Identity.objects.get(participant__code=one).sealed
    Identity.objects.filter(participant__code=two).update(sealed=sealed)
    with pytest.raises(Refusal, match="KEY-002"):
        trial.do("show_identity", participant=two)


def test_a_name_without_a_letter_is_refused(trial: Trial) -> None:
    with pytest.raises(Refusal, match="IDN-004"):
        screen(trial, identity={"name": "--"})
