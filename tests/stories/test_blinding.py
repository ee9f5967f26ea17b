"""Blinding is structural: two installations that differ only in the arms look the same to all who must not know.

Every blinded role, and a program with a token, asks everything of the catalogue and every path of the server in
both; answers, headers, lengths, SQL statements and log lines are the same, byte for byte (ICH E6(R3) 4.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from exotrial.core.errors import ErrorCode
from exotrial.operations import arms
from exotrial.operations._operation import Operation, find_operations
from exotrial.operations.access import Role, is_blind, may
from exotrial.store.home import disconnect
from exotrial.store.models import Allocation, Kit
from tests.stories.twin_asks import ME, Ask, examples
from tests.stories.twins import OTHER, TOKEN, Twins, act_in, key_of, make_twins
from tests.stories.watch import Seen, World, undone, world
from tests.trial import PASSWORD, kept_together

BLIND = [role for role in Role if is_blind(role)]
PROGRAM = "a program with a coordinator's token"

ARM_TOLD = {"arm", "arm_name", "proof"}
"""What `unblind_emergency` tells of the arm; nothing else of its answer may differ."""

LOOKS = ("list_participants", "list_allocations", "list_kits", "list_doses", "list_lists", "list_unblindings")
LOOKS_AT_ONE = (*LOOKS[1:4], "list_dose_plans", "show_participant", "show_casebook", "show_history")
SEEN_BY_ALL = {"randomise", "assign_kit", "record_dose", "unblind_emergency", "report_deviation"}
"""After these, all blinded roles look around, and not only who did it."""

OPERATIONS = find_operations()

Asked = tuple[str, str, str]


@dataclass
class Pair:
    """The twins, and what was seen in each of them."""

    twins: Twins
    asks: dict[str, list[Ask]]
    seen: dict[bool, dict[Asked, Seen]] = field(default_factory=dict)

    def differences(self, who: str) -> list[str]:
        """What differs for a caller, as far as it may not."""
        here, there = (
            {ask: seen for ask, seen in self.seen[twin].items() if ask[0] == who} for twin in (False, True)
        )
        assert here.keys() == there.keys()
        return [
            f"{ask[1]} {ask[2]}: {difference}"
            for ask, seen in here.items()
            for difference in compare(seen, there[ask], told=told_of(ask[1]))
        ]


def told_of(name: str) -> set[str]:
    return ARM_TOLD if name == "unblind_emergency" else set()


def compare(here: Seen, there: Seen, *, told: set[str]) -> Iterator[str]:
    """How two sights of one request differ, the fields of `told` left out where both were answered."""
    if told and here.status == there.status == 200:
        one, other = here.told, there.told
        if {name for name in one if one[name] != other.get(name)} - told or one.keys() != other.keys():
            yield f"{one} and {other}"
    elif (here.status, here.body) != (there.status, there.body):
        yield f"{here.body.decode()[:400]} and {there.body.decode()[:400]}"
    if not told and here.headers != there.headers:
        yield f"headers {here.headers} and {there.headers}"
    if here.statements != there.statements:
        yield f"{len(here.statements)} statements and {len(there.statements)}, or others"
    if here.log != there.log:
        yield f"log {here.log} and {there.log}"


@pytest.fixture(scope="module", params=kept_together("blinding"))
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """The twins on an engine, all asked of both."""
    twins = make_twins(tmp_path_factory.mktemp(request.param), request.param)
    found = Pair(twins, examples(twins))
    for twin in (False, True):
        with world_of(twins, twin=twin) as open_world:
            # What the matrix refuses is refused before a table is read: one engine shows that for both.
            refused = 2 if request.param == "sqlite" else 0
            found.seen[twin] = dict(ask_everything(open_world, found.asks, refused=refused))
    yield found
    disconnect()


def world_of(twins: Twins, *, twin: bool) -> Any:
    return world(twins.twin if twin else twins.trial, twin=twin, at=twins.facts["now"])


def callers() -> Iterator[tuple[str, str, str]]:
    """Each blinded caller: what it is called, its key and its role."""
    for role in BLIND:
        yield role.value, key_of(role), role.value
    yield PROGRAM, TOKEN, Role.COORDINATOR.value


def ask_everything(
    open_world: World, asks: dict[str, list[Ask]], *, refused: int
) -> Iterator[tuple[Asked, Seen]]:
    """Every example by every caller; of what a role may not ask, so many as `refused` says."""
    for who, key, role in callers():
        for name, examples_of in asks.items():
            allowed = may(Role(role), OPERATIONS[name].permission)
            tried = examples_of if allowed else examples_of[-refused:] if refused else []
            looks = 1
            for number, ask in enumerate(tried):
                with undone():
                    mine = {name: own(value, role) for name, value in ask.items()}
                    seen = open_world.ask(OPERATIONS[name], mine, key=key, role=role)
                    yield (who, name, str(number)), seen
                    if looks and seen.status == 200 and not OPERATIONS[name].reads:
                        looks -= 1
                        yield from look_around(open_world, who, name, number, ask)


def own(value: Any, role: str) -> Any:
    """The caller's username in place of `ME`."""
    return ("admin" if role == "administrator" else role.replace(" ", "_")) if value == ME else value


def look_around(
    open_world: World, who: str, name: str, number: int, ask: Ask
) -> Iterator[tuple[Asked, Seen]]:
    """What is seen after something was written, by who wrote it, or by everybody who is blind."""
    for other, key, role in callers():
        if other == who or (name in SEEN_BY_ALL and other != PROGRAM):
            for view in LOOKS_AT_ONE if "participant" in ask else LOOKS:
                one = {} if view in LOOKS else {"participant": ask["participant"]}
                if may(Role(role), OPERATIONS[view].permission):
                    seen = open_world.ask(OPERATIONS[view], one, key=key, role=role)
                    yield (who, view, f"as {other} after {name} {number}"), seen


def test_every_operation_and_view_has_examples(pair: Pair) -> None:
    assert set(pair.asks) == {name for name, asked in OPERATIONS.items() if _is_ours(asked)}


def _is_ours(asked: Operation[Any, Any]) -> bool:
    return asked.function.__module__.startswith("exotrial.")


def test_the_twins_differ_in_every_arm_and_in_nothing_that_is_public(pair: Pair) -> None:
    given: dict[bool, dict[str, str]] = {}
    packed: dict[bool, dict[str, str]] = {}
    for twin in (False, True):
        with world_of(pair.twins, twin=twin) as open_world:
            pharmacist, physician = act_in(open_world.trial), act_in(open_world.trial, Role.INVESTIGATOR)
            given[twin] = {
                row.link: arms.arm_of(physician, row, purpose="an emergency")
                for row in Allocation.objects.all()
            }
            packed[twin] = {kit.number: arms.open_kit(pharmacist, kit)["batch"] for kit in Kit.objects.all()}
    assert given[True] == {receipt: OTHER[arm] for receipt, arm in given[False].items()}
    assert packed[True] == {kit: OTHER[batch] for kit, batch in packed[False].items()}
    assert len(given[True]) == 11
    assert len(packed[True]) == 12


@pytest.mark.parametrize("who", [who for who, _, _ in callers()])
def test_who_must_not_know_sees_the_same_in_both(pair: Pair, who: str) -> None:
    assert not pair.differences(who)


NEVER_DONE = {
    *("activate_site", "load_study_version", "export_allocation", "unblind_study", "lock_study"),
    *("resume_study", "unlock_study", "save_second_entry", "settle_difference", "show_differences"),
    *("archive_study", "reopen_archive"),
    *("confirm_second_factor", "remove_second_factor", "unfreeze_records"),
}
"""Not possible in the state that the twins are in: both are refused, alike."""


def test_the_examples_reach_what_the_blinded_may_do(pair: Pair) -> None:
    done = {name for (_, name, _), seen in pair.seen[False].items() if seen.status == 200}
    may_do = {name for name in pair.asks for role in BLIND if may(role, OPERATIONS[name].permission)}
    assert may_do - done <= NEVER_DONE
    assert not [ask for ask, seen in pair.seen[False].items() if seen.status >= 500]


def test_a_locked_study_looks_the_same_until_it_is_unblinded(pair: Pair) -> None:
    seen: dict[bool, list[Seen]] = {False: [], True: []}
    for twin in (False, True):
        with world_of(pair.twins, twin=twin) as open_world, undone():
            for query in pair.twins.facts["queries"]:
                say = {"query": query, "text": "It is."}
                open_world.ask(OPERATIONS["close_query"], say, key=key_of(Role.MONITOR), role="monitor")
            for name in ("lock_study", "show_lock_readiness"):
                ask = {"reason": "done"}
                key = key_of(Role.SPONSOR)
                seen[twin].append(open_world.ask(OPERATIONS[name], ask, key=key, role="sponsor"))
            assert seen[twin][0].status == 200
            for _, key, role in callers():
                for name, asked in OPERATIONS.items():
                    if asked.reads and name in pair.asks:
                        seen[twin].append(open_world.ask(asked, pair.asks[name][0], key=key, role=role))
            proof = {"username": "sponsor", "password": PASSWORD, "reason": "locked"}
            key = key_of(Role.SPONSOR)
            seen[twin].append(open_world.ask(OPERATIONS["unblind_study"], proof, key=key, role="sponsor"))
            assert seen[twin][-1].status == 200
    assert seen[False] == seen[True]


@pytest.mark.parametrize("path", ["/api/health", "/api/openapi.json", "/api/none", "/", "/api/sign-in"])
def test_every_other_path_answers_the_same(pair: Pair, path: str) -> None:
    seen = []
    for twin in (False, True):
        with world_of(pair.twins, twin=twin) as open_world, undone():
            seen.append([open_world.send(method, path) for method in ("GET", "POST", "PUT", "DELETE")])
    assert seen[0] == seen[1]


def test_signing_in_and_out_is_the_same(pair: Pair) -> None:
    seen = []
    for twin in (False, True):
        with world_of(pair.twins, twin=twin) as open_world, undone():
            for username in ("monitor", "pharmacist", "nobody"):
                for password in ("four plain words here", "wrong"):
                    told = {"username": username, "password": password}
                    seen.append((twin, open_world.send("POST", "/api/sign-in", data=told)))
            seen.append((twin, open_world.send("POST", "/api/sign-out", key=key_of(Role.MONITOR))))
    assert [one for twin, one in seen if not twin] == [one for twin, one in seen if twin]


def test_an_emergency_tells_one_arm_with_its_proof_and_nothing_else(pair: Pair) -> None:
    """The one operation of a blinded role that may differ: in the arm, its name, and the arm in the opened leaf."""
    compared = 0
    for ask, here in pair.seen[False].items():
        if ask[1] == "unblind_emergency" and here.status == 200:
            one, other = here.told, pair.seen[True][ask].told
            assert {name for name in one if one[name] != other[name]} == ARM_TOLD
            leaf, twin = one["proof"].pop("envelope"), other["proof"].pop("envelope")
            assert one["proof"] == other["proof"]
            assert {name for name in leaf if leaf[name] != twin[name]} == {"arm"}
            assert (other["arm"], twin["arm"]) == (OTHER[one["arm"]], OTHER[leaf["arm"]])
            compared += 1
    assert compared >= 8


def test_who_knows_arms_sees_that_they_differ(pair: Pair) -> None:
    """The mirror: the same comparison finds the difference where there is one to be seen."""
    seen = []
    for twin in (False, True):
        with world_of(pair.twins, twin=twin) as open_world, undone():
            role = Role.UNBLINDED_STATISTICIAN
            seen.append(open_world.ask(OPERATIONS["show_arms"], {}, key=key_of(role), role=role.value))
    assert seen[0].status == seen[1].status == 200
    assert list(compare(seen[0], seen[1], told=set()))


@pytest.mark.parametrize(
    "deed",
    [("recall_batch", "EXO-1"), ("recall_batch", "SAL-1"), ("show_exposed", "EXO-1"), ("show_arms", "")],
)
def test_what_those_who_know_do_tells_the_blind_nothing(pair: Pair, deed: tuple[str, str]) -> None:
    """A recall stops one arm's kits: no view of a blinded role shows which."""
    name, code = deed
    seen: dict[bool, list[Any]] = {False: [], True: []}
    for twin in (False, True):
        with world_of(pair.twins, twin=twin) as open_world, undone():
            role = Role.PHARMACIST
            ask = {"code": code} | ({"reason": "endotoxin"} if name == "recall_batch" else {}) if code else {}
            assert open_world.ask(OPERATIONS[name], ask, key=key_of(role), role=role.value).status == 200
            for participant in (pair.twins.of(arm)[2] for arm in OTHER if arm in ("exosomes", "control")):
                seen[twin] += look_around(
                    open_world, Role.COORDINATOR.value, "record_dose", 0, {"participant": participant}
                )
    assert seen[False] == seen[True]
    assert len(seen[True]) > 50


LEAK = ErrorCode("RAN-199", "A leak planted by a test.", "take it out.")


def _arm(act: Any) -> str:
    row = Allocation.objects.order_by("pk")[0]
    return str(
        act.opened.keys.unseal(
            row.arm_sealed, purpose=arms._purpose(act), where=f"allocation {row.participant_id}"
        )
    )


def _refuse(act: Any, ask: Any, asked: Any) -> Any:
    raise LEAK.refuse(f"the first is of {_arm(act)}")


def _order(act: Any, ask: Any, asked: Any) -> Any:
    told = asked(act, ask)
    return told.model_copy(update={"kits": told.kits[:: 1 if _arm(act) == "control" else -1]})


def _count(act: Any, ask: Any, asked: Any) -> Any:
    if _arm(act) == "control":
        Kit.objects.count()
    return asked(act, ask)


def _write_down(act: Any, ask: Any, asked: Any) -> Any:
    import logging

    logging.getLogger("exotrial").debug("the first is of %s", _arm(act))
    return asked(act, ask)


@pytest.mark.parametrize("leak", [_refuse, _order, _count, _write_down])
def test_a_planted_leak_is_found(pair: Pair, leak: Any) -> None:
    """In an error text, in an order, in the number of statements, in the log."""
    asked = OPERATIONS["list_kits"]
    honest = asked.function
    seen = []
    object.__setattr__(asked, "function", lambda act, ask: leak(act, ask, honest))
    try:
        for twin in (False, True):
            with world_of(pair.twins, twin=twin) as open_world, undone():
                seen.append(open_world.ask(asked, {}, key=key_of(Role.MONITOR), role="monitor"))
    finally:
        object.__setattr__(asked, "function", honest)
    assert list(compare(seen[0], seen[1], told=set()))
