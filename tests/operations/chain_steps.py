"""A short chain from donor to vials, for tests: two cords, cells of one, a pool, a batch, a fill."""

from __future__ import annotations

from typing import Any

import pytest

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Role
from tests.trial import Trial

BATCH = "EXO-1"


def enter(trial: Trial, code: str, kind: str, amount: str | None = None, unit: str = "", **taken: Any) -> Any:
    """Record a material as of now; `taken` says how much of which other."""
    more = taken.pop("more", {})
    sources = [{"material": name.replace("_", "-"), "amount": much} for name, much in taken.items()]
    told = {"code": code, "kind": kind, "amount": amount, "unit": unit, "sources": sources}
    at = trial.now.isoformat()
    return trial.do("record_material", Role.PHARMACIST, **({"at": at} | told | more))


def enter_chain(trial: Trial, *, batch: str = BATCH, vials: str = "24") -> None:
    """Two donors, cells of their cords, a pool of 60 mL, 48 mL of it the batch, in vials of 2 mL."""
    for donor in ("1", "2"):
        enter(trial, f"D-{donor}", "donor")
        enter(trial, f"CORD-{donor}", "tissue", "12", "cm", **{f"D_{donor}": None})
        enter(trial, f"CELLS-{donor}", "passage", "80", "million cells", **{f"CORD_{donor}": "12"})
        enter(trial, f"MEDIUM-{donor}", "harvest", "400", "mL", **{f"CELLS_{donor}": "80"})
    enter(trial, "SALINE-1", "supplied lot", "500", "mL")
    enter(trial, "POOL-1", "pool", "60", "mL", MEDIUM_1="400", MEDIUM_2="400", SALINE_1="60")
    trial.do("register_batch", Role.PHARMACIST, code=batch, expires_on="2021-06-30")
    enter(trial, batch, "batch", "48", "mL", POOL_1="48")
    enter(trial, f"VIALS-{batch}", "fill", vials, "vials", **{batch.replace("-", "_"): "48"})


def pack_from_fill(trial: Trial, number: str, *, arm: str = "exosomes", batch: str = BATCH) -> Any:
    told = {"number": number, "arm": arm, "batch": batch, "taken_from": f"VIALS-{batch}", "amount": "1"}
    return trial.do("pack_kit", Role.PHARMACIST, **told)


def release(trial: Trial, batch: str = BATCH) -> Any:
    return trial.do("release_batch", Role.PHARMACIST, code=batch, reason="certificate made up for tests")


def refused(trial: Trial, code: str, name: str, role: Role, /, **data: Any) -> None:
    """Hold a refusal to its code."""
    with pytest.raises((Refusal, Refusals), match=code):
        trial.do(name, role, **data)
