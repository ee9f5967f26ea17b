"""A released batch measured before and after the device, and a study file that plans the comparison."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from exotrial.operations.access import Role
from tests.operations.released import begin_held, release, review, send, send_all
from tests.product.batch_files import BATCH, TESTS, nta, study_source
from tests.trial import Trial

PLANNED = """
[[products.comparability]]
attribute = "particle concentration"
comparison = "before and after nebulisation"
margin = [0.8, 1.25]
margin_reason = "made up for tests"
alpha = 0.05
design = "paired"
samples = 3
expected_ratio = 1.0
expected_cv = 0.05

[products.storage]
temperature = "4 degC"
at_most = "7 d"
limits = [{ attribute = "particle concentration", lower = "1e9 particles/mL" }]
"""
AMOUNTS = {"before": (1.00, 1.05, 0.97), "after": (0.98, 1.02, 0.96)}
"""Particles of each vial to those of the real file: its bins are multiplied by them."""
DAYS = ("16/06/2020", "19/06/2020", "23/06/2020")


def begin_compared(folder: Path, planned: str = PLANNED) -> tuple[Trial, list[dict[str, Any]]]:
    """A trial with CORD-7 released, and its six files as `show_comparability` is told them."""
    trial = begin_held(folder)
    source = study_source(TESTS.read_text(encoding="utf-8") + planned)
    trial.do("load_study_version", Role.SPONSOR, source=source, reason="margins")
    send_all(trial)
    files = []
    for group, amounts in AMOUNTS.items():
        for vial, amount in enumerate(amounts, 1):
            # A release takes one result of a vial, so what came out of the device is filled into vials of its own.
            filled = vial + (3 if group == "after" else 0)
            data = _multiply(nta(sample=f"{BATCH} vial {filled}", captured=DAYS[vial - 1]), amount)
            sent = send(trial, f"{group}-{vial}.csv", data)
            review(trial, sent.evidence)
            one = {"code": BATCH, "evidence": sent.evidence, "group": group, "sample": f"vial {vial}"}
            files.append(one)
    release(trial)
    return trial, files


def _multiply(data: bytes, amount: float) -> bytes:
    """The summary with every bin, and the concentrations printed above them, multiplied."""
    lines = data.decode("cp1252").split("\n")
    table = next(number for number, line in enumerate(lines) if line.startswith("Bin centre"))
    for number, line in enumerate(lines):
        name, *cells = line.split(",")
        if name.startswith("Concentration (Particles"):
            cells = [f"{float(cell) * amount:.2e}" if cell.strip() else cell for cell in cells]
        elif table < number <= table + 1000:
            cells = [str(round(int(cell) * amount)) if cell.strip() else cell for cell in cells]
        lines[number] = ",".join([name, *cells])
    return "\n".join(lines).encode("cp1252")
