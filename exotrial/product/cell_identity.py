"""Cell identity by the minimal criteria of the ISCT, growth and viability of the cells behind the vesicles.

Dominici et al., Cytotherapy 2006;8:315-7: adherent to plastic; at least 95 % of cells positive for CD105, CD73 and
CD90; at most 2 % for CD45, CD34, CD14 or CD11b, CD79a or CD19, and HLA-DR; osteoblasts, adipocytes and chondroblasts
in vitro. A share is shown to lie beyond its limit by the one-sided exact bound (Clopper and Pearson, Biometrika
1934;26:404-13), so that 192 of 200 cells, 96 %, do not show 95 %; a percentage without its count shows nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.verdict import Reason, Verdict
from exotrial.statistics.proportion_exact import clopper_pearson_limits

BAD_COUNT = ErrorCode(
    "CEL-001",
    "Cells counted are not whole numbers, or more are positive than were counted.",
    "give the positive cells and all cells of the gate, such as 9600 of 10000.",
)
BAD_GROWTH = ErrorCode(
    "CEL-002",
    "Cells or hours of a growth are not above 0.",
    "give the cells seeded and harvested and the hours between, all above 0.",
)

AT_LEAST, AT_MOST = 0.95, 0.02
POSITIVE: Final = ("CD105", "CD73", "CD90")
NEGATIVE: Final = (("CD45",), ("CD34",), ("CD14", "CD11b"), ("CD79a", "CD19"), ("HLA-DR",))
"""One of each group is enough."""
LINEAGES: Final = ("osteogenic", "adipogenic", "chondrogenic")
LEVEL: Final = 0.95


@dataclass(frozen=True, kw_only=True)
class Counted:
    """Cells positive for one marker among all of the gate (CEL-001)."""

    positive: int
    total: int

    def __post_init__(self) -> None:
        if not 0 <= self.positive <= self.total or self.total == 0:
            raise BAD_COUNT.refuse(
                f"{self.positive} of {self.total}", place=Place(path="positive"), value=self.positive
            )

    @property
    def share(self) -> float:
        return self.positive / self.total

    def lower(self, *, level: float = LEVEL) -> float:
        """The one-sided lower bound of the share."""
        return clopper_pearson_limits(self.positive, self.total, lower_tail=1 - level, upper_tail=0)[0]

    def upper(self, *, level: float = LEVEL) -> float:
        """The one-sided upper bound of the share."""
        return clopper_pearson_limits(self.positive, self.total, lower_tail=0, upper_tail=1 - level)[1]


@dataclass(frozen=True, kw_only=True)
class CellEvidence:
    """What is on record of a cell bank; None or absent is not on record.

    `markers` are counts by marker name, `told` shares that come without a count (0 to 1); `lineages` says of each
    differentiation whether it was seen.
    """

    adherent: bool | None = None
    markers: Mapping[str, Counted] = field(default_factory=dict)
    told: Mapping[str, float] = field(default_factory=dict)
    lineages: Mapping[str, bool] = field(default_factory=dict)


def decide_cell_identity(evidence: CellEvidence) -> Verdict:
    """Whether the record shows mesenchymal stromal cells by the ISCT's criteria of 2006, criterion by criterion."""
    words = {True: "seen", False: "not seen", None: "not on record"}
    reasons = [Reason("adherent to plastic", evidence.adherent, words[evidence.adherent])]
    reasons += [_positive(name, evidence) for name in POSITIVE]
    reasons += [_negative(group, evidence) for group in NEGATIVE]
    for lineage in LINEAGES:
        seen = evidence.lineages.get(lineage)
        reasons.append(Reason(f"{lineage} differentiation", seen, words[seen]))
    return Verdict("Are these mesenchymal stromal cells by the ISCT criteria of 2006?", tuple(reasons))


def _positive(name: str, evidence: CellEvidence) -> Reason:
    asked = f"{name} at least {AT_LEAST:.0%}"
    counted = evidence.markers.get(name)
    if counted is None:
        return Reason(asked, *_told(name, evidence, enough=lambda share: share >= AT_LEAST))
    if counted.share < AT_LEAST:
        return Reason(asked, False, _shown(counted))
    bound = counted.lower()
    held = bound >= AT_LEAST
    return Reason(asked, held, f"{_shown(counted)}; at least {bound:.2%} with {LEVEL:.0%} confidence")


def _negative(group: tuple[str, ...], evidence: CellEvidence) -> Reason:
    asked = f"{' or '.join(group)} at most {AT_MOST:.0%}"
    counted = [(name, evidence.markers[name]) for name in group if name in evidence.markers]
    if not counted:
        name = next((name for name in group if name in evidence.told), group[0])
        return Reason(asked, *_told(name, evidence, enough=lambda share: share <= AT_MOST))
    # Where both of a group were measured, neither may be above the limit.
    name, worst = max(counted, key=lambda one: one[1].upper())
    bound = worst.upper()
    told = f"{name}: {_shown(worst)}"
    if worst.share > AT_MOST:
        return Reason(asked, False, told)
    return Reason(asked, bound <= AT_MOST, f"{told}; at most {bound:.2%} with {LEVEL:.0%} confidence")


def _told(name: str, evidence: CellEvidence, *, enough: Callable[[float], bool]) -> tuple[bool | None, str]:
    share = evidence.told.get(name)
    if share is None:
        return None, "not on record"
    said = f"{name}: {share:.2%}, without the count of cells"
    return (None, f"{said}: no bound can be given") if enough(share) else (False, said)


def _shown(counted: Counted) -> str:
    return f"{counted.positive} of {counted.total} ({counted.share:.2%})"


def compute_doublings(seeded: float, harvested: float) -> float:
    """Population doublings of one passage, log2 of harvested over seeded cells (CEL-002)."""
    _check_growth(seeded=seeded, harvested=harvested)
    return math.log2(harvested / seeded)


def compute_doubling_time(seeded: float, harvested: float, *, hours: float) -> float | None:
    """Hours for one doubling by exponential growth, None where the cells did not grow (CEL-002)."""
    _check_growth(seeded=seeded, harvested=harvested, hours=hours)
    doublings = compute_doublings(seeded, harvested)
    return hours / doublings if doublings > 0 else None


def _check_growth(**numbers: float) -> None:
    for name, value in numbers.items():
        if not (math.isfinite(value) and value > 0):
            raise BAD_GROWTH.refuse(f"{name} is {value:g}", place=Place(path=name), value=value)


def decide_viability(alive: Counted, *, at_least: float) -> Verdict:
    """Whether the viable share is shown to be at least a limit, by the one-sided exact bound."""
    bound = alive.lower()
    return Verdict(
        f"Are at least {at_least:.0%} of the cells viable?",
        (
            Reason(
                "viable cells",
                bound >= at_least,
                f"{_shown(alive)}; at least {bound:.2%} with {LEVEL:.0%} confidence",
            ),
        ),
    )
