"""What a study file tells of its vesicles, looked up as checklists ask for it: markers, methods, steps.

Which proteins lie in the membrane, inside, or tell of contamination follows the categories of MISEV2018 (Thery C,
et al. J Extracell Vesicles 2018;7:1535750, table 3), which MISEV2023 keeps; the lists hold the commonest of them.
"""

from __future__ import annotations

import re
from typing import Final

from exotrial.core.quantities import format_quantity
from exotrial.product.checklist import Answer, ProductRecord, met, not_on_record
from exotrial.study.definition.intervention import Marker
from exotrial.study.definition.process import ProcessStep

MEMBRANE: Final = ("cd9", "cd63", "cd81", "cd82", "cd37", "cd53", "cd47", "cd59", "cd73", "integrin", "mhc")
INSIDE: Final = ("flotillin", "tsg101", "alix", "syntenin", "annexin", "hsp70", "hsc70", "caveolin", "rab5")
CONTAMINATION: Final = (
    *("albumin", "apoa1", "apoa2", "apob", "apolipoprotein", "uromodulin", "calnexin", "grp94", "gm130"),
    *("cytochromec", "histone", "lamin", "tomm20", "vdac"),
)
"""MISEV2018 category 3 (not vesicular) and 4 (of other compartments than plasma membrane and endosome)."""
IMAGING: Final = ("electron micro", "atomic force", "super-resolution", "interferometric imaging")
COUNTING: Final = (
    *("tracking", "nanosight", "zetaview", "resistive pulse", "light scattering", "flow cytometry"),
    "flow analy",
)
ULTRACENTRIFUGE_G: Final = 100_000.0
"""From here a spin is an ultracentrifugation, as in the rules of the study file's check (PRD)."""


def vesicle_markers(record: ProductRecord, *roles: str) -> list[Marker]:
    """The markers tested for on vesicles in any of some roles."""
    return [one for one in record.product.markers if one.target == "vesicle" and one.role in roles]


def find_marker(record: ProductRecord, names: tuple[str, ...], *roles: str) -> Answer:
    """Met where a vesicle marker of a list was tested for."""
    hits = [one for one in vesicle_markers(record, *roles) if is_one_of(one.name, names)]
    if hits:
        return met(f"{', '.join(one.name for one in hits)}, {hits[0].method} ({record.path('markers')})")
    return not_on_record("No such protein is named.", missing=record.path("markers"))


def is_one_of(name: str, names: tuple[str, ...]) -> bool:
    """Whether a marker's name is one of a list, whatever its hyphens and spaces; `flotillin 2` is a flotillin."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return any(plain == one or (not one[-1].isdigit() and plain.startswith(one)) for one in names)


def find_method(record: ProductRecord, words: tuple[str, ...]) -> list[str]:
    """The methods of characterisation that hold one of some words."""
    return [method for method in record.product.characterised_by if has_word(method, words)]


def has_word(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text holds one of some words, whatever their case."""
    return any(word in text.lower() for word in words)


def isolation_told(record: ProductRecord) -> bool:
    """Whether any step tells how the vesicles were separated; cells are spun down too, so a spin alone must be fast."""
    return any(
        step.action in ("ultrafilter", "precipitate") or _is_ultracentrifugation(step)
        for step in record.product.process
    )


def ultracentrifugations(record: ProductRecord) -> list[ProcessStep]:
    """The spins at 100 000 g and above."""
    return [step for step in record.product.process if _is_ultracentrifugation(step)]


def _is_ultracentrifugation(step: ProcessStep) -> bool:
    return step.force is not None and float(step.force.to("x g").value) >= ULTRACENTRIFUGE_G


def step_text(step: ProcessStep) -> str:
    """All words of a step."""
    return " ".join(part for part in (step.name, step.medium, step.material, step.note) if part)


def spin_words(step: ProcessStep) -> str:
    """A spin as read aloud: `100000 × g, 1 h`."""
    parts = [format_quantity(part) for part in (step.force, step.duration) if part is not None]
    return ", ".join(parts)
