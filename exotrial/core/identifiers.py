"""Identifiers of trials in public registries (WHO ICTRP primary registries), and the short id of a study."""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from exotrial.core.errors import ErrorCode, Place

UNKNOWN_REGISTRY = ErrorCode(
    "IDN-001", "A registry is not known by this name.", "use a name listed in REGISTRIES."
)
WRONG_IDENTIFIER = ErrorCode(
    "IDN-002",
    "An identifier has not the form that its registry gives out.",
    "copy it from the registry's page.",
)


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
    ("eudract", "EudraCT", r"\d{4}-\d{6}-\d{2}", "2020-001498-63"),
    ("isrctn", "ISRCTN registry", r"ISRCTN\d{8}", "ISRCTN83971151"),
    ("utn", "WHO Universal Trial Number", r"U\d{4}-\d{4}-\d{4}", "U1111-1250-1234"),
)
REGISTRIES: Final = {
    name: RegistryPattern(name=name, label=label, pattern=pattern, example=example)
    for name, label, pattern, example in _ROWS
}


def is_identifier(identifier: str, *, registry: str) -> bool:
    """Whether an identifier has the form of a registry, letter case included (IDN-001 for the registry)."""
    return re.fullmatch(_find(registry).pattern, identifier, flags=re.ASCII) is not None


def read_identifier(identifier: str, *, registry: str, place: Place | None = None) -> str:
    """The identifier without spaces around it, refused where its form is not the registry's (IDN-001, IDN-002)."""
    written = identifier.strip()
    found = _find(registry)
    if not is_identifier(written, registry=registry):
        raise WRONG_IDENTIFIER.refuse(
            f"{identifier!r} is not an identifier of {found.label}",
            place=place,
            value=identifier,
            remedy=f"it is written like {found.example}.",
        )
    return written


def guess_registry(identifier: str) -> str | None:
    """The name of the registry whose form fits, or None; letter case does not matter here."""
    for name, registry in REGISTRIES.items():
        if re.fullmatch(registry.pattern, identifier.strip(), flags=re.ASCII | re.IGNORECASE):
            return name
    return None


def compute_slug(name: str) -> str:
    """The id of a study's folder: lower-case letters, digits and single hyphens (`ChiCTR2000030261` -> lower)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if not slug:
        raise WRONG_IDENTIFIER.refuse(
            f"{name!r} has no letter or digit to make an id of",
            value=name,
            remedy="use Latin letters or digits.",
        )
    return slug


def _find(registry: str) -> RegistryPattern:
    if registry not in REGISTRIES:
        near = difflib.get_close_matches(registry, REGISTRIES, n=1)
        raise UNKNOWN_REGISTRY.refuse(
            f"there is no registry {registry!r}",
            value=registry,
            remedy=f"did you mean {near[0]!r}?" if near else f"known are {', '.join(REGISTRIES)}.",
        )
    return REGISTRIES[registry]
