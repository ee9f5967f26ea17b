"""Where every vial is: only movements that can be, one state each, a balance of zero, a count held to the record."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from exotrial.core.errors import Refusal
from exotrial.product.accountability import (
    STEPS,
    CountDifference,
    Moved,
    Movement,
    State,
    Stock,
    compare_count,
    compute_balance,
    move,
    pack,
    replay,
)

M, S = Movement, State


def _after(*steps: tuple[Movement, Sequence[int]], site: str = "A") -> Stock:
    return replay({"K1": 3}, [Moved(kit="K1", vials=tuple(v), what=what, site=site) for what, v in steps])


def _states(stock: Stock) -> list[State]:
    return [vial.state for vial in stock.of("K1")]


def test_a_vial_goes_from_the_pharmacy_to_its_destruction() -> None:
    stock = _after((M.SHIP, [1, 2, 3]), (M.RECEIVE, [1, 2]), (M.DAMAGE, [3]))
    assert _states(stock) == [S.AT_SITE, S.AT_SITE, S.PUT_ASIDE]
    more = [(M.DISPENSE, [1]), (M.GIVE, [1]), (M.RETURN, [1]), (M.RETURN, [2]), (M.DESTROY, [1, 2, 3])]
    for what, vials in more:
        stock = move(stock, Moved(kit="K1", vials=tuple(vials), what=what, site="A"))
    assert _states(stock) == [S.DESTROYED] * 3
    balance = compute_balance(stock, packed=3)
    assert (balance.states[S.DESTROYED], balance.given, balance.difference) == (3, 1, 0)
    assert compute_balance(stock, packed=4).difference == 1


@pytest.mark.parametrize(
    ("code", "moved"),
    [
        ("KAC-001", Moved(kit="K1", vials=(1,), what=M.DISPENSE, site="A")),
        ("KAC-001", Moved(kit="K1", vials=(3, 1), what=M.SHIP, site="A")),
        ("KAC-001", Moved(kit="K1", vials=(1,), what=M.CLEAR, site="A")),
        ("KAC-002", Moved(kit="K1", vials=(4,), what=M.GIVE, site="A")),
        ("KAC-002", Moved(kit="K1", vials=(0,), what=M.GIVE, site="A")),
        ("KAC-002", Moved(kit="K2", vials=(1,), what=M.GIVE, site="A")),
        ("KAC-003", Moved(kit="K1", vials=(2,), what=M.DISPENSE, site="B")),
        ("KAC-003", Moved(kit="K1", vials=(2,), what=M.LOSE)),
        ("KAC-004", Moved(kit="K1", vials=(1, 1), what=M.GIVE, site="A")),
    ],
)
def test_what_cannot_be_is_refused_as_a_whole(code: str, moved: Moved) -> None:
    stock = _after((M.SHIP, [1, 2]), (M.RECEIVE, [1, 2]), (M.DISPENSE, [1]))
    with pytest.raises(Refusal, match=code):
        move(stock, moved)
    assert _states(stock) == [S.DISPENSED, S.AT_SITE, S.DEPOT]


def test_a_kit_that_is_not_counted_in_vials_moves_as_a_whole() -> None:
    stock = replay({"K1": 0}, [Moved(kit="K1", vials=(0,), what=M.DISPENSE)])
    assert _states(stock) == [S.DISPENSED]
    with pytest.raises(Refusal, match="KAC-002"):
        move(stock, Moved(kit="K1", vials=(1,), what=M.GIVE))


def test_a_count_names_what_is_missing_and_what_should_not_be_there() -> None:
    stock = _after((M.SHIP, [1, 2]), (M.RECEIVE, [1, 2]), (M.DISPENSE, [1]))
    assert compare_count(stock, site="A", counted=[("K1", 2)]) == ()
    found = compare_count(stock, site="A", counted=[("K1", 1), ("K9", 1)])
    assert found == (
        CountDifference(kit="K1", number=1, found=True, state=S.DISPENSED),
        CountDifference(kit="K1", number=2, found=False, state=S.AT_SITE),
        CountDifference(kit="K9", number=1, found=True, state=None),
    )
    assert [one.number for one in compare_count(stock, site="", counted=[])] == [3]


@given(
    st.lists(
        st.tuples(st.sampled_from(list(M)), st.integers(0, 4), st.sampled_from(["", "A", "B"])), max_size=30
    )
)
def test_replaying_is_moving_one_by_one(asked: list[tuple[Movement, int, str]]) -> None:
    stock = pack({"K1": 3, "K2": 0})
    done = []
    for what, number, site in asked:
        kit = "K1" if number else "K2"
        one = Moved(kit=kit, vials=(number,), what=what, site=site)
        try:
            stock = move(stock, one)
        except Refusal:
            continue
        done.append(one)
    assert replay({"K1": 3, "K2": 0}, done).vials == stock.vials


class Pharmacy(RuleBasedStateMachine):
    """Anybody tries anything: what was given is never given again, and everything packed is accounted for."""

    def __init__(self) -> None:
        super().__init__()
        self.stock = pack({"K1": 2, "K2": 2})
        self.given: set[tuple[str, int]] = set()
        self.destroyed: set[tuple[str, int]] = set()

    @rule(
        what=st.sampled_from(list(M)),
        kit=st.sampled_from(["K1", "K2"]),
        number=st.integers(1, 2),
        site=st.sampled_from(["", "A"]),
    )
    def try_it(self, what: Movement, kit: str, number: int, site: str) -> None:
        key = (kit, number)
        before = self.stock.vials[key].state
        try:
            self.stock = move(self.stock, Moved(kit=kit, vials=(number,), what=what, site=site))
        except Refusal:
            return
        after = self.stock.vials[key]
        cleared = what is M.CLEAR and not after.site
        assert after.state is (S.DEPOT if cleared else STEPS[what][before])
        assert key not in self.destroyed
        if what is M.GIVE:
            assert key not in self.given
            self.given.add(key)
        if what is M.DESTROY:
            self.destroyed.add(key)

    @invariant()
    def all_is_accounted_for(self) -> None:
        balance = compute_balance(self.stock, packed=4)
        assert balance.difference == 0
        assert balance.given == len(self.given)


TestPharmacy = Pharmacy.TestCase
