"""What stands on the label of a kit or a vial: what the law asks for, and nothing that could tell an arm.

EU GMP Annex 13 (2010) 26 and Regulation (EU) 536/2014 Annex VI ask for the particulars; what differs between arms is
left out, and said to be left out, since a label that differs unblinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from exotrial.core.quantities import format_quantity
from exotrial.product.labels import compute_mod_37_2
from exotrial.study.definition import Study

CLINICAL_TRIAL = "For clinical trial use only"

_USE = {"inhalation": "for inhalation", "intravenous": "for intravenous use", "oral": "for oral use"}


@dataclass(frozen=True, kw_only=True)
class LabelFacts:
    """What all labels of a study have in common. `left_out` says in words what is not printed, and why."""

    study: str
    sponsor: str
    contents: str
    storage: str
    use_by: date | None
    left_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class KitLabel:
    """The label of a kit (`vial` 0) or of one of its vials."""

    kit: str
    vial: int = 0

    @property
    def number(self) -> str:
        """The number in print: that of the kit, and of the vial behind a dash."""
        return f"{self.kit}-{self.vial}" if self.vial else self.kit

    @property
    def check(self) -> str:
        """A check character over the number, of 0-9, A-Z and `*` (ISO/IEC 7064, Mod 37-2)."""
        return compute_mod_37_2("".join(one for one in self.number.upper() if one.isalnum()))

    def code(self, study: str) -> str:
        """What the QR code holds: the study, the number, the check character."""
        return f"exotrial:{study}:{self.number}:{self.check}"


def derive_labels(kit: str, vials: int) -> tuple[KitLabel, ...]:
    """The label of a kit and of each of its vials."""
    return (KitLabel(kit=kit), *(KitLabel(kit=kit, vial=number) for number in range(1, vials + 1)))


def derive_label_facts(study: Study, *, number: str, last_days: frozenset[date]) -> LabelFacts:
    """What the study's labels say: `number` is the study's own, `last_days` those of the batches that may be given.

    Volume, route, storage and last day are printed only where they are the same whatever the arm.
    """
    left_out = []
    given = [one for one in study.interventions if one.role != "background"]
    routes = {(one.route, one.volume and format_quantity(one.volume)) for one in given}
    contents = ""
    if len(routes) == 1:
        route, volume = next(iter(routes))
        contents = ", ".join(part for part in (volume, _USE.get(route or "", "")) if part)
    elif routes:
        left_out.append("Volume and route: they differ between what is given.")
    stored = {product.storage.temperature for product in study.products if product.storage is not None}
    storage = ""
    if len(stored) == 1:
        (temperature,) = stored
        storage = f"Store at {format_quantity(temperature)}" if temperature is not None else ""
    elif stored:
        left_out.append("Storage: it differs between products; give it apart, the same for all kits.")
    if len(last_days) > 1:
        left_out.append("Use by: batches have different last days; give them one, or keep a list apart.")
    sponsor = next((one.name for one in study.organisations if "sponsor" in one.roles), "")
    return LabelFacts(
        study=number,
        sponsor=sponsor,
        contents=contents,
        storage=storage,
        use_by=next(iter(last_days)) if len(last_days) == 1 else None,
        left_out=tuple(left_out),
    )
