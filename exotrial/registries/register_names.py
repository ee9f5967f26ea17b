"""How registers are called in print, by their names in `core.identifiers.REGISTRIES`."""

from __future__ import annotations

from collections.abc import Mapping

SHOWN: Mapping[str, str] = {
    "nct": "ClinicalTrials.gov",
    "chictr": "ChiCTR",
    "irct": "IRCT",
    "eudract": "EudraCT",
    "isrctn": "ISRCTN",
    "utn": "UTN",
}


def name_register(registry: str) -> str:
    """The name in print; a register that is not in the table keeps its own."""
    return SHOWN.get(registry, registry)
