"""Items and codelists: a declaration that contradicts itself does not come into being."""

from __future__ import annotations

import pytest

from exotrial.study.items import Code, Codelist, DataType, Form, Item, ItemGroup

YES_NO = Codelist(oid="yn", label="Yes or no", codes=(Code("y", "Yes"), Code("n", "No")))


def test_a_codelist_keeps_its_order() -> None:
    assert YES_NO.values == ("y", "n")


@pytest.mark.parametrize("codes", [(), (Code("y", "Yes"), Code("y", "Also yes"))])
def test_a_codelist_is_not_empty_and_repeats_nothing(codes: tuple[Code, ...]) -> None:
    with pytest.raises(ValueError, match="codelist yn"):
        Codelist(oid="yn", label="Yes or no", codes=codes)


def test_a_coded_item_has_a_codelist_and_no_other_has() -> None:
    assert Item(oid="smoker", label="Smoker", data_type=DataType.CODED, codelist=YES_NO).codelist is YES_NO
    with pytest.raises(ValueError, match="smoker"):
        Item(oid="smoker", label="Smoker", data_type=DataType.CODED)
    with pytest.raises(ValueError, match="smoker"):
        Item(oid="smoker", label="Smoker", data_type=DataType.TEXT, codelist=YES_NO)


def test_what_is_plausible_lies_within_what_is_possible() -> None:
    Item(oid="age", label="Age", data_type=DataType.INTEGER, hard_low=0, low=0, high=100, hard_high=120)
    with pytest.raises(ValueError, match="bounds do not rise"):
        Item(oid="age", label="Age", data_type=DataType.INTEGER, hard_low=10, low=0)


def test_a_form_lists_the_items_of_its_groups_in_order() -> None:
    first, second = (Item(oid=oid, label=oid, data_type=DataType.TEXT) for oid in ("a", "b"))
    groups = tuple(ItemGroup(oid=f"g_{one.oid}", label="Group", items=(one,)) for one in (first, second))
    assert Form(oid="f", label="Form", groups=groups).items == (first, second)
