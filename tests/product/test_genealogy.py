"""The chain from donor to dose: asked both ways, amounts balance, a recall reaches whatever came of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exotrial.core.errors import Refusal
from exotrial.product.genealogy import (
    Genealogy,
    Kind,
    Mark,
    Material,
    Portion,
    Remark,
    add_material,
    add_remark,
    build_genealogy,
    compute_left,
    decide_usable,
    derive_ancestors,
    derive_descendants,
    derive_taint,
)

START = datetime(2026, 1, 5, 8, tzinfo=UTC)


def _of(
    code: str,
    kind: Kind,
    hour: int,
    amount: int | str | None = None,
    unit: str = "",
    **taken: int | str | None,
) -> Material:
    sources = tuple(
        Portion(source=source, amount=None if much is None else Decimal(much))
        for source, much in taken.items()
    )
    return Material(
        code=code,
        kind=kind,
        at=START + timedelta(hours=hour),
        amount=None if amount is None else Decimal(amount),
        unit=unit,
        sources=sources,
    )


CHAIN = (
    _of("D1", Kind.DONOR, 0),
    _of("D2", Kind.DONOR, 0),
    _of("cord1", Kind.TISSUE, 1, 40, "g", D1=None),
    _of("cord2", Kind.TISSUE, 1, 30, "g", D2=None),
    _of("P3", Kind.PASSAGE, 2, 100, "1e6 cells", cord1=40),
    _of("P4", Kind.PASSAGE, 3, 300, "1e6 cells", P3=100),
    _of("H1", Kind.HARVEST, 4, 500, "mL", P4=300),
    _of("H2", Kind.HARVEST, 4, 410, "mL", cord2=30),
    _of("pool", Kind.POOL, 5, 900, "mL", H1=500, H2=400),
    _of("B1", Kind.BATCH, 6, 35, "mL", pool=600),
    _of("B2", Kind.BATCH, 6, 15, "mL", pool=300),
    _of("K1", Kind.KIT, 7, 5, "mL", B1=5),
    _of("K2", Kind.KIT, 7, 5, "mL", B2=5),
    _of("dose1", Kind.DOSE, 8, 5, "mL", K1=5),
    _of("dose2", Kind.DOSE, 8, 5, "mL", K2=5),
)


def _codes(materials: Iterable[Material]) -> list[str]:
    return [material.code for material in materials]


def _remark(code: str, mark: Mark, reason: str = "sterility failed", hour: int = 9) -> Remark:
    return Remark(material=code, mark=mark, reason=reason, at=START + timedelta(hours=hour))


def test_it_is_asked_both_ways() -> None:
    chain = build_genealogy(CHAIN)
    assert _codes(derive_descendants(chain, code="cord1", kind=Kind.DOSE)) == ["dose1", "dose2"]
    made_of = ["D1", "D2", "cord1", "cord2", "P3", "P4", "H1", "H2", "pool", "B2", "K2"]
    assert _codes(derive_ancestors(chain, code="dose2")) == made_of


def test_a_recall_reaches_what_came_of_it_and_nothing_beside_it() -> None:
    chain = add_remark(build_genealogy(CHAIN), remark=_remark("B1", Mark.RECALLED))
    assert [remark.material for remark in derive_taint(chain, code="dose1")] == ["B1"]
    assert derive_taint(chain, code="dose2") == ()
    assert derive_taint(chain, code="pool") == ()
    assert not decide_usable(chain, code="K1")
    with pytest.raises(Refusal, match="GEN-006"):
        add_material(chain, material=_of("K3", Kind.KIT, 10, 5, "mL", B1=5))


def test_a_deviation_is_told_and_taints_nothing() -> None:
    chain = add_remark(build_genealogy(CHAIN), remark=_remark("pool", Mark.DEVIATED, "filter changed"))
    verdict = decide_usable(chain, code="B1")
    assert verdict.holds
    assert "filter changed" in verdict.reasons[-1].why


def test_amounts_balance_on_both_sides_of_what_is_left() -> None:
    chain = build_genealogy(CHAIN)
    assert compute_left(chain, code="B1") == 30
    assert compute_left(chain, code="pool") == 0
    assert compute_left(chain, code="D1") is None
    last = add_material(chain, material=_of("K3", Kind.KIT, 10, 30, "mL", B1=30))
    assert compute_left(last, code="B1") == 0
    assert not decide_usable(last, code="B1")
    with pytest.raises(Refusal, match="GEN-003"):
        add_material(chain, material=_of("K3", Kind.KIT, 10, 30, "mL", B1="30.001"))


def test_cells_grow_a_pellet_is_taken_up_and_a_part_does_not_grow() -> None:
    chain = build_genealogy(CHAIN)
    pellet = add_material(chain, material=_of("S1", Kind.STEP, 10, 1, "mL", H2=10))
    add_material(pellet, material=_of("S2", Kind.STEP, 11, 60, "mL", S1=1))
    add_material(chain, material=_of("B1a", Kind.BATCH, 10, 10, "mL", B1=10))
    pools = build_genealogy(CHAIN[:8])
    add_material(pools, material=_of("pool", Kind.POOL, 5, 900, "mL", H1=500, H2=400))
    with pytest.raises(Refusal, match="GEN-003"):
        add_material(pools, material=_of("pool", Kind.POOL, 5, "900.1", "mL", H1=500, H2=400))
    with pytest.raises(Refusal, match="GEN-003"):
        add_material(chain, material=_of("B1a", Kind.BATCH, 10, "10.1", "mL", B1=10))


@pytest.mark.parametrize(
    ("material", "code"),
    [
        (_of("B1", Kind.BATCH, 9, 1, "mL", B2=1), "GEN-001"),
        (_of("X", Kind.KIT, 9, 1, "mL", B9=1), "GEN-002"),
        (_of("X", Kind.KIT, 9, 1, "mL", B1=None), "GEN-004"),
        (_of("X", Kind.KIT, 9, 1, "mL", B1=0), "GEN-004"),
        (_of("X", Kind.KIT, 9, "NaN", "mL", B1=1), "GEN-004"),
        (_of("X", Kind.KIT, 9, 1, "mL", B1="NaN"), "GEN-004"),
        (_of("X", Kind.KIT, 9, 1, "", B1=1), "GEN-004"),
        (_of("X", Kind.TISSUE, 9, 1, "g", D1=1), "GEN-004"),
        (_of("X", Kind.DONOR, 9, 1, "g"), "GEN-004"),
        (_of("X", Kind.BATCH, 9, 1, "mL", K1=1), "GEN-005"),
        (_of("X", Kind.KIT, 5, 1, "mL", B1=1), "GEN-005"),
        (_of("X", Kind.KIT, 9, 1, "mL"), "GEN-007"),
        (_of("X", Kind.DONOR, 9, D1=None), "GEN-007"),
        (_of("X", Kind.SUPPLY, 9, 1, "mL", B1=1), "GEN-007"),
        (_of("X", Kind.SUPPLY, 9), "GEN-004"),
    ],
)
def test_what_does_not_hold_together_is_refused(material: Material, code: str) -> None:
    with pytest.raises(Refusal, match=code):
        add_material(build_genealogy(CHAIN), material=material)


def test_a_time_without_offset_and_a_remark_without_reason_are_refused() -> None:
    chain = build_genealogy(CHAIN)
    naive = Material(code="D3", kind=Kind.DONOR, at=datetime(2026, 1, 5))  # noqa: DTZ001 - what is refused
    with pytest.raises(Refusal, match="GEN-005"):
        add_material(chain, material=naive)
    with pytest.raises(Refusal, match="GEN-008"):
        add_remark(chain, remark=_remark("B1", Mark.REJECTED, reason=" "))
    with pytest.raises(Refusal, match="GEN-005"):
        add_remark(chain, remark=_remark("B1", Mark.REJECTED, hour=5))
    with pytest.raises(Refusal, match="GEN-002"):
        add_remark(chain, remark=_remark("B9", Mark.REJECTED))


@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 40), st.booleans()), max_size=25))
def test_after_any_sequence_nothing_is_below_zero_and_both_directions_agree(
    moves: list[tuple[int, int, bool]],
) -> None:
    chain = Genealogy()
    refused: list[str] = []
    for hour, (kind, which, recall) in enumerate(moves):
        try:
            if recall and chain.materials:
                code = chain.materials[which % len(chain.materials)].code
                chain = add_remark(chain, remark=_remark(code, Mark.RECALLED, hour=hour))
            elif not chain.materials or kind == 0:
                chain = add_material(chain, material=_of(f"m{hour}", Kind.DONOR, hour))
            else:
                source = chain.materials[which % len(chain.materials)]
                taken = None if source.kind is Kind.DONOR else which
                made = _of(f"m{hour}", list(Kind)[kind], hour, 40, "mL", **{source.code: taken})
                chain = add_material(chain, material=made)
        except Refusal as refusal:
            refused.append(refusal.code.code)
    assert all(code.startswith("GEN-") for code in refused)
    for material in chain.materials:
        left = compute_left(chain, code=material.code)
        assert left is None or left >= 0
        for below in derive_descendants(chain, code=material.code):
            assert material in derive_ancestors(chain, code=below.code)
        for above in derive_ancestors(chain, code=material.code):
            assert material in derive_descendants(chain, code=above.code)


def test_a_bank_comes_of_a_passage_and_a_passage_of_a_bank() -> None:
    chain = build_genealogy(
        (
            *CHAIN[:5],
            _of("bank", Kind.CELL_BANK, 3, 90, "1e6 cells", P3=90),
            _of("P4", Kind.PASSAGE, 4, 200, "1e6 cells", bank=10),
        )
    )
    assert _codes(derive_ancestors(chain, code="P4")) == ["D1", "cord1", "P3", "bank"]
    with pytest.raises(Refusal, match="GEN-005"):
        add_material(chain, material=_of("X", Kind.ISOLATION, 5, 1, "1e6 cells", bank=1))
