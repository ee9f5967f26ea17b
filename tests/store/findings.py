"""What a check found, and the forging that needs no key: for the tests of the checks."""

from __future__ import annotations

from exotrial.store.models import Act, Chain, Change, Record
from exotrial.store.trail import act_digest, act_header, change_digest, value_digest
from exotrial.store.verification import Problem
from exotrial.store.verify import verify_trail
from tests.store.conftest import by_hand
from tests.trial import Trial

PULSE = "values/IG.VS/PULSE"


def found(trial: Trial) -> list[Problem]:
    return list(verify_trail(trial.opened).problems)


def told(trial: Trial) -> str:
    return "\n".join(str(problem) for problem in found(trial))


def act_of(operation: str, number: int = 0) -> Act:
    return Act.objects.filter(operation=operation).order_by("pk")[number]


def pulse(number: int = 0) -> Change:
    """The trail's entries of P-001's pulse: 71, then 72."""
    return Change.objects.filter(field=PULSE, row=Record.objects.order_by("pk")[0].pk).order_by("pk")[number]


def sign_head(trial: Trial, name: str) -> None:
    """Forge digests and head from the first act on, without the key: what an intruder can do who read our code."""
    chain = Chain.objects.get(name=name)
    before = "0" * 64
    statements = []
    for act in Act.objects.filter(chain=chain).order_by("seq"):
        changes = [
            change_digest(c.table, c.row, c.field, value_digest(c.salt, c.old), value_digest(c.salt, c.new))
            for c in act.changes.order_by("position")
        ]
        before = act_digest(before, act_header(act, name), changes)
        statements.append(f"UPDATE store_act SET digest = '{before}' WHERE id = {act.pk}")
    last = Act.objects.filter(chain=chain).order_by("-seq")[0]
    statements.append(
        f"UPDATE store_chain SET head = '{before}', acts = {last.seq}, "
        f"last_at = (SELECT at FROM store_act WHERE id = {last.pk}) WHERE id = {chain.pk}"
    )
    by_hand(trial.opened.home, *statements)
