"""The genealogy by its pages: a material entered with what was taken, its line shown, a recall with its names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import Batch, MaterialEntry
from tests.operations.chain_steps import BATCH, enter_chain, pack_from_fill, release
from tests.trial import begin_trial
from tests.web.pages.visitor import Visitor, words_of


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Visitor]:
    """The pharmacist of a trial whose batch was made from two cords."""
    trial = begin_trial(tmp_path, "sqlite")
    enter_chain(trial)
    yield Visitor(trial, Role.PHARMACIST)
    disconnect()


def test_a_material_is_entered_with_what_was_taken_for_it(visitor: Visitor) -> None:
    page = visitor.study("/product/materials")
    assert f'href="{page}"' in visitor.get(visitor.study("/product")).text
    assert "POOL-1" in words_of(visitor.get(page))
    told = {"code": "POOL-2", "kind": "pool", "at": "2021-03-10T13:00", "amount": "10", "unit": "mL"}
    told |= {"description": "", "donation_number": ""}
    pool, donor = visitor.ref("POOL-1"), visitor.ref("D-1")
    before = MaterialEntry.objects.count()
    refused = visitor.post(page, told | {f"take-{pool}": "12.5"})
    assert (refused.status_code, "GEN-003" in refused.text) == (422, True)
    # What was typed stays in its place.
    assert 'value="12.5"' in refused.text
    assert visitor.post(page, told | {"at": "yesterday", f"take-{pool}": "1"}).status_code == 422
    assert "OPR-002" in visitor.post(page, told | {f"take-{pool}": "a lot"}).text
    assert "PAG-001" in visitor.post(page, told | {"take-none": "1"}).text
    assert MaterialEntry.objects.count() == before
    assert visitor.post(page, told | {f"take-{pool}": "10"}).status_code == 303
    assert (
        visitor.post(page, told | {"code": "CORD-3", "kind": "tissue", f"take-{donor}": "on"}).status_code
        == 303
    )
    shown = words_of(visitor.get(visitor.study(f"/product/material/{visitor.ref('POOL-2')}")))
    assert "MEDIUM-2" in shown
    assert re.search(r"10 mL, 10 left", shown)


def test_a_recall_on_the_page_names_batches_and_kits(visitor: Visitor) -> None:
    release(visitor.trial)
    pack_from_fill(visitor.trial, "K-1")
    page = visitor.study(f"/product/material/{visitor.ref('CORD-1')}")
    shown = words_of(visitor.get(page))
    assert all(word in shown for word in ("D-1", BATCH, "K-1", "nobody"))
    assert "OPR-007" in visitor.post(page, {"step": "recall", "reason": ""}).text
    assert "STP-003" in visitor.post(page, {"step": "burn", "reason": "why"}).text
    assert visitor.post(page, {"step": "deviation", "reason": "5 h on the way"}).status_code == 303
    assert "5 h on the way" in words_of(visitor.get(page))
    handed = {"step": "hand over", "given_by": "M1", "taken_by": "QC4", "place": "laboratory"}
    handed |= {"at": "2021-03-10T13:30", "condition": ""}
    assert "STP-001" in visitor.post(page, handed | {"at": "noon"}).text
    assert visitor.post(page, handed).status_code == 303
    assert "GEN-009" in visitor.post(page, handed).text
    assert "QC4" in words_of(visitor.get(page))
    done = visitor.post(page, {"step": "recall", "reason": "the donor has syphilis"})
    assert (done.status_code, "It is used no more" in done.text) == (200, True)
    assert Batch.objects.get().status == "recalled"
    assert f'href="{page}"' in visitor.get(visitor.study("/product/materials")).text


def test_a_batch_that_stands_in_no_genealogy_says_so(visitor: Visitor) -> None:
    visitor.trial.do("register_batch", Role.PHARMACIST, code="LOOSE", expires_on="2131-06-30")
    page = visitor.study(f"/product/material/{visitor.ref('LOOSE')}")
    assert f'href="{page}"' in visitor.get(visitor.study(f"/product/batch/{visitor.ref('LOOSE')}")).text
    assert "Nobody entered what this batch was made from" in words_of(visitor.get(page))
    assert "MAT-004" in visitor.get(visitor.study(f"/product/material/{visitor.ref('NONE')}")).text


def test_materials_are_nowhere_for_the_blind(visitor: Visitor) -> None:
    blind = Visitor(visitor.trial, Role.COORDINATOR)
    for path in ("/product/materials", f"/product/material/{visitor.ref('CORD-1')}"):
        answer = blind.get(visitor.study(path))
        assert answer.status_code in (403, 404)
        assert "CORD-1" not in answer.text
