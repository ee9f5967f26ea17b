"""Each check can fail: an installation is broken in one way, and the check of that requirement says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import hashers
from django.db import connection

from exotrial.operations import _life, identity
from exotrial.operations._operation import ALWAYS
from exotrial.operations.access import Role
from exotrial.qualification import bench as benches
from exotrial.qualification.bench import Bench
from exotrial.qualification.check import Outcome, find_checks
from exotrial.qualification.run import _run
from exotrial.store.examine import drop_guard
from exotrial.store.models import Allocation, Record

Break = Callable[[Bench, pytest.MonkeyPatch], None]


def guard_gone(name: str) -> Break:
    return lambda bench, patch: drop_guard(name)


def set_to(target: str, value: Any) -> Break:
    return lambda bench, patch: patch.setattr(target, value)


def altered(name: str, **changes: Any) -> Break:
    """An operation of which something is other than it should be."""

    def apply(bench: Bench, patch: pytest.MonkeyPatch) -> None:
        operations = dict(benches.installed_operations())
        operations[name] = replace(operations[name], **changes)
        for module in ("bench", "checks.rights", "checks.allocation"):
            patch.setattr(f"exotrial.qualification.{module}.installed_operations", lambda: operations)

    return apply


def unsafe_saves(bench: Bench, patch: pytest.MonkeyPatch) -> None:
    with connection.cursor() as cursor:
        postgresql = connection.vendor == "postgresql"
        cursor.execute("SET synchronous_commit = off" if postgresql else "PRAGMA synchronous = OFF")


def weak_hasher(bench: Bench, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settings, "PASSWORD_HASHERS", ["django.contrib.auth.hashers.PBKDF2PasswordHasher"])
    forget_hashers()


def forget_hashers() -> None:
    """Django keeps the hashers that it read from its settings."""
    kept: tuple[Any, ...] = (hashers.get_hashers, hashers.get_hashers_by_algorithm)
    for one in kept:
        one.cache_clear()


def readable_key(bench: Bench, patch: pytest.MonkeyPatch) -> None:
    (bench.opened.home.keys_folder / "master.key").chmod(0o640)


def local_time(bench: Bench, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settings, "TIME_ZONE", "Asia/Tehran")


def leaking_view(bench: Bench, patch: pytest.MonkeyPatch) -> None:
    """The list of allocations tells everyone the arm that the envelope holds."""
    from exotrial.operations import arms

    real = benches.installed_operations()["list_allocations"]

    def leak(act: Any, ask: Any) -> Any:
        told = real.function(act, ask)
        row = Allocation.objects.select_related("envelope__list").order_by("pk")[0]
        arm = arms.open_leaf(act, row.envelope, purpose="an emergency").arm
        return told.model_copy(
            update={"allocations": tuple(a.model_copy(update={"arm": arm}) for a in told.allocations)}
        )

    altered("list_allocations", function=leak)(bench, patch)


BROKEN: list[tuple[str, str, Break]] = [
    ("trail_refuses_changes", "went through: UPDATE store_act", guard_gone("guard_act_update")),
    ("trail_refuses_changes", "went through: DELETE FROM store_change", guard_gone("guard_change_delete")),
    ("guards_stand", "guard_change_update", guard_gone("guard_change_update")),
    ("saves_durable", "synchronous", unsafe_saves),
    ("password_hasher", "pbkdf2", weak_hasher),
    ("key_guarded", "rights are 640", readable_key),
    ("clock_in_utc", "Asia/Tehran", local_time),
    (
        "reason_is_demanded",
        "without a reason it is refused (no)",
        lambda bench, patch: patch.setattr(Record, "reason_needed", False),
    ),
    ("matrix_is_kept", "as sponsor", set_to("exotrial.operations._rights.may", lambda role, asked: True)),
    (
        "sponsor_cannot_edit",
        "attempts are refused",
        set_to("exotrial.operations._rights.may", lambda role, asked: True),
    ),
    (
        "lock_out_after_failures",
        "then the right one is refused too",
        set_to("exotrial.operations.lockout.MOST_FAILURES", 100),
    ),
    (
        "tokens_are_scoped",
        "another operation is refused (no)",
        set_to("exotrial.operations._rights._token_allows", lambda *given: True),
    ),
    (
        "signature_is_bound",
        "the copy is whole",
        set_to("exotrial.operations.signatures.find_faults", lambda *given: {}),
    ),
    (
        "steps_keep_their_order",
        "could not be carried out. LIF-001",
        lambda bench, patch: patch.setattr(_life, "check_consent", lambda participant: None),
    ),
    ("lock_withdraws_rights", "no change while locked", altered("save_form", when=ALWAYS)),
    ("unblinded_looks_are_kept", "could not be carried out", altered("show_arms", access_logged=False)),
    (
        "wrong_stratum_is_corrected",
        "could not be carried out",
        altered("correct_stratum", needs_reason=False),
    ),
    ("blind_roles_learn_no_arm", "list_allocations as", leaking_view),
    (
        "identifiers_are_apart",
        "could not be carried out. KEY-002",
        lambda bench, patch: patch.setattr(identity, "_seal", lambda act, participant, person: person.name),
    ),
]


@pytest.mark.parametrize(("name", "seen", "damage"), BROKEN, ids=[f"{n}-{s[:20]}" for n, s, _ in BROKEN])
def test_a_broken_installation_fails_the_check(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str, seen: str, damage: Break
) -> None:
    outcome = run_broken(bench, monkeypatch, name, damage)
    assert not outcome.passed
    assert seen in outcome.seen


def run_broken(bench: Bench, patch: pytest.MonkeyPatch, name: str, damage: Break) -> Outcome:
    try:
        damage(bench, patch)
        return _run(find_checks()[name], lambda: bench)
    finally:
        patch.undo()
        forget_hashers()


def test_an_untrained_person_is_kept_out_by_nothing_else(bench: Bench) -> None:
    # The check of training would pass on any refusal but for its code: the same person, trained, is let in.
    outcome = find_checks()["training_opens_the_role"].run(bench)
    assert outcome.passed
    assert "OPR-008" in outcome.seen
    assert bench.people[Role.COORDINATOR] == "coordinator"
