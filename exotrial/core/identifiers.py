"""Identifiers of trials in public registries (WHO ICTRP primary registries): the form each gives out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class RegistryPattern:
    """How a registry writes its identifiers: a full-match pattern and a valid example."""

    name: str
    label: str
    pattern: str
    example: str


_ROWS = (
    ("nct", "ClinicalTrials.gov", r"NCT\d{8}", "NCT04276987"),
    ("chictr", "Chinese Clinical Trial Registry", r"ChiCTR\d{10}", "ChiCTR2000030261"),
    ("irct", "Iranian Registry of Clinical Trials", r"IRCT\d{8}\d{6}N\d+", "IRCT20201202049568N3"),
    # An EU CT number begins like a EudraCT number and has two digits more.
    ("eudract", "EudraCT", r"\d{4}-\d{6}-\d{2}(?!-\d)", "2020-001498-63"),
    ("ctis", "EU Clinical Trials Information System", r"\d{4}-\d{6}-\d{2}-\d{2}", "2023-505613-24-00"),
    ("isrctn", "ISRCTN registry", r"ISRCTN\d{8}", "ISRCTN83971151"),
    ("utn", "WHO Universal Trial Number", r"U\d{4}-\d{4}-\d{4}", "U1111-1250-1234"),
)
REGISTRIES: Final = {
    name: RegistryPattern(name=name, label=label, pattern=pattern, example=example)
    for name, label, pattern, example in _ROWS
}


def guess_registry(identifier: str) -> str | None:
    """The name of the registry whose form fits, or None; letter case does not matter here."""
    for name, registry in REGISTRIES.items():
        if re.fullmatch(registry.pattern, identifier.strip(), flags=re.ASCII | re.IGNORECASE):
            return name
    return None
