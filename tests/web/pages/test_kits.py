"""Kits by their page: shipped, received in each condition, moved by vial, counted, and their labels printed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exotrial.operations.access import Role
from exotrial.store.home import disconnect
from exotrial.store.models import KitMovement
from tests.trial import SITE, begin_trial
from tests.web.pages.visitor import Visitor, words_of


@pytest.fixture
def pharmacist(tmp_path: Path) -> Iterator[Visitor]:
    """The pharmacist of a trial with four kits of two vials each."""
    trial = begin_trial(tmp_path, "sqlite")
    trial.do("register_batch", Role.PHARMACIST, code="EXO-1", expires_on="2131-06-30")
    trial.do("release_batch", Role.PHARMACIST, code="EXO-1", reason="made up for tests")
    for number in ("1", "2", "3", "4"):
        told: dict[str, Any] = {"number": number, "arm": "exosomes", "batch": "EXO-1", "vials": 2}
        trial.do("pack_kit", Role.PHARMACIST, **told)
    yield Visitor(trial, Role.PHARMACIST)
    disconnect()


def test_a_shipment_is_sent_received_and_accounted_for(pharmacist: Visitor) -> None:
    page = pharmacist.study("/kits")
    assert f'href="{page}"' in pharmacist.get(pharmacist.study("/product")).text
    ship = {"step": "ship", "site": SITE, "kits": ["1", "2", "3"]}
    assert pharmacist.post(page, ship).status_code == 303
    assert "KAC-001" in pharmacist.post(page, ship).text
    coordinator = Visitor(pharmacist.trial, Role.COORDINATOR)
    assert "Ship kits to a site" not in coordinator.get(page).text
    come = {"kit-1": "intact", "kit-2": "damaged", "kit-3": "missing"}
    receive = {"step": "receive", "site": SITE, "temperature": ""} | come
    refused = coordinator.post(page, receive)
    assert (refused.status_code, "OPR-002" in refused.text) == (422, True)
    assert coordinator.post(page, receive | {"temperature": "within limits"}).status_code == 303
    moved = {
        "step": "vials",
        "what": "destroy",
        "kit": "2",
        "vials": "1, 2",
        "reason": "broken",
        "witness": "",
    }
    assert "OPR-002" in coordinator.post(page, moved).text
    assert coordinator.post(page, moved | {"witness": "a nurse"}).status_code == 303
    assert "STP-003" in coordinator.post(page, moved | {"what": "burn"}).text
    counted = coordinator.post(page, {"step": "count", "site": SITE, "found": "1 1\n4 2\n"})
    told = words_of(counted)
    assert (counted.status_code, "2 found; these differ from the record" in told) == (200, True)
    assert "1-2: on record here, and not found" in told
    assert "4-2: found here; on record it is at the pharmacy" in told
    shown = words_of(coordinator.get(page))
    assert "balanced" in shown
    movements = words_of(coordinator.get(f"{page}/movements", kit="2"))
    assert all(word in movements for word in ("shipped", "damaged", "destroyed", "a nurse"))
    assert KitMovement.objects.count() == 7


def test_labels_are_printed_by_who_packs_alone(pharmacist: Visitor) -> None:
    page = pharmacist.study("/kits/labels")
    assert pharmacist.get(page).content.startswith(b"%PDF")
    assert Visitor(pharmacist.trial, Role.COORDINATOR).get(page).status_code in (403, 404)
    assert Visitor(pharmacist.trial, Role.OUTCOME_ASSESSOR).get(pharmacist.study("/kits")).status_code in (
        403,
        404,
    )
