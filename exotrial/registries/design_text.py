"""A study design printed as labelled text: `Randomization: Randomized, Blinding: Not blinded, Placebo: Not used, …`.

IRCT's rows in ICTRP part the labels by commas, those of ClinicalTrials.gov by full stops.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LABELS = (
    r"Randomi[sz]ation description|Randomi[sz]ation|Blinding description|Blinding|Placebo|Assignment|"
    r"(?:Primary )?Purpose|Other design features|Allocation|Intervention model|Masking|Endpoint classification"
)
_LABEL = re.compile(rf"(?:^|(?<=[,.;])\s{{0,5}}|\n\s{{0,5}})(?P<label>{_LABELS})\s*:\s*", re.IGNORECASE)


def split_design(text: str) -> dict[str, str]:
    """The values of the labels that the text prints, by label in lower case with the spelling `randomization`.

    A label printed twice keeps its first value: a description may quote a label. Text before the first label is left
    out; without any label the result is empty.
    """
    return dict(_split(text))


@lru_cache(maxsize=64)  # design, masking and randomisation of one row ask for the same text
def _split(text: str) -> tuple[tuple[str, str], ...]:
    hits = list(_LABEL.finditer(text))
    parts: dict[str, str] = {}
    for position, hit in enumerate(hits):
        end = hits[position + 1].start() if position + 1 < len(hits) else len(text)
        label = " ".join(hit["label"].lower().replace("isation", "ization").split())
        value = re.sub(r"[.,;\s]+$", "", text[hit.end() : end].strip())
        parts.setdefault(label, value)
    return tuple(parts.items())
