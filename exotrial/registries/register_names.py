"""How registers are called in print, by their names in `core.identifiers.REGISTRIES`."""

from __future__ import annotations

import re
from collections.abc import Mapping

SHOWN: Mapping[str, str] = {
    "nct": "ClinicalTrials.gov",
    "chictr": "ChiCTR",
    "irct": "IRCT",
    "eudract": "EudraCT",
    "ctis": "CTIS",
    "isrctn": "ISRCTN",
    "utn": "UTN",
}


def name_register(registry: str) -> str:
    """The name in print; a register that is not in the table keeps its own."""
    return SHOWN.get(registry, registry)


_OF_ICTRP = re.compile(
    r"anzctr|australian|rebec|brazil|chictr|chinese|cris\b|clinical research information service|korea"
    r"|clinicaltrials\.gov|ctri\b|india|ctis|euctr|eu clinical trials|eu-ctr|drks|german|irct|iran|isrctn|itmctr"
    r"|jprn|jrct|japan|umin|japic|lbctr|leban|ltr\b|ntr\b|netherlands|dutch|nl-omon|pactr|pan african|repec|peru"
    r"|rpcec|cuba|slctr|sri lanka|tctr|thai",
    re.IGNORECASE,
)
"""Words in the names under which exports list the primary registries of ICTRP and ClinicalTrials.gov.

Source: WHO, Primary registries in the WHO Registry Network; ICTRP data providers.
"""


def is_of_ictrp(name: str) -> bool:
    """Whether a name is that of a register from which ICTRP takes records."""
    return _OF_ICTRP.search(name) is not None
