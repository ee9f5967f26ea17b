"""Design (DSG): does the file say what kind of study it is?"""

from __future__ import annotations

from collections.abc import Iterator

from exotrial.core.findings import Severity
from exotrial.study.checks.check import Doubt, check
from exotrial.study.definition import Study


@check(
    "DSG-101",
    Severity.WARNING,
    "record",
    standards=("TRDS 15", "SPIRIT 2025 item 12"),
    why="Whoever does not know how participants come into their arms cannot judge any difference between the arms.",
    settle="the intervention model, the allocation and the kind of each arm, from the protocol.",
)
def design_is_stated(study: Study) -> Iterator[Doubt]:
    """The intervention model, the allocation and the kind of each arm are stated."""
    words = {
        "design.intervention_model": ("the intervention model", study.design.intervention_model),
        "design.allocation": ("the allocation", study.design.allocation),
        **{f"arms.{arm.id}.kind": (f"the kind of the arm “{arm.name}”", arm.kind) for arm in study.arms},
    }
    for path, (name, value) in words.items():
        if value == "not stated":
            yield Doubt(subject=path, says=f"{name} is not stated", paths=(path,))
