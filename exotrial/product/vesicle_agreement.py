"""Agreement of two counts of the vesicles in one picture: which are the same, and whether their diameters agree.

Vesicles are paired one to one so that the sum of distances is least (H. W. Kuhn, Nav. Res. Logist. Q. 2 (1955) 83),
and only where the centres are nearer than half the radius of the first count's vesicle. Precision and recall are those
of the second count against the first, with the bounds of Clopper and Pearson.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from exotrial.core.errors import ErrorCode
from exotrial.product.assay import AssayFile
from exotrial.product.assay_text import decode
from exotrial.statistics.measurement_agreement import (
    Concordance,
    LimitsOfAgreement,
    compute_concordance,
    compute_limits_of_agreement,
)
from exotrial.statistics.proportion_exact import clopper_pearson_limits

BAD_COUNT = ErrorCode(
    "IMG-008",
    "A table of counted vesicles cannot be read.",
    "give a CSV with the columns row, column (px) and diameter_nm, one vesicle a line.",
)
NO_COUNT = ErrorCode(
    "IMG-009", "A count has no vesicle, so nothing is compared.", "count vesicles in the picture first."
)
COLUMNS: Final = ("row", "column", "diameter_nm")
NEARER_THAN: Final = 0.5
"""Share of the first count's radius within which two centres are of one vesicle."""
MOST: Final = 20_000


@dataclass(frozen=True, kw_only=True)
class Counted:
    """One vesicle of a count: centre in pixels, diameter in nm."""

    row: float
    column: float
    diameter_nm: float


@dataclass(frozen=True, kw_only=True)
class Share:
    """`count` of `of`, with 95 % bounds of Clopper and Pearson."""

    count: int
    of: int
    lower: float
    upper: float

    @property
    def value(self) -> float:
        return self.count / self.of


@dataclass(frozen=True, kw_only=True)
class VesicleAgreement:
    """`recall` of the first count's vesicles, `precision` of the second's; the rest over `pairs` of diameters.

    `f1` is the harmonic mean of the two shares; limits and concordance are None for fewer than three pairs.
    """

    pairs: tuple[tuple[Counted, Counted], ...]
    recall: Share
    precision: Share
    f1: float
    limits: LimitsOfAgreement | None
    concordance: Concordance | None


def read_counted(file: AssayFile) -> tuple[Counted, ...]:
    """Read a count (IMG-008), without lines that have `no` under `counted`: vesicles removed by hand."""
    rows = csv.DictReader(io.StringIO(decode(file, "utf-8-sig"), newline=""), strict=True)
    found = []
    try:
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing or len(set(rows.fieldnames or ())) < len(rows.fieldnames or ()):
            raise BAD_COUNT.refuse(
                f"its columns are {', '.join(rows.fieldnames or ('none',))}; missing or twice: "
                f"{', '.join(missing) or 'one of them'}",
                place=file.at(1),
            )
        for each in rows:
            if (each.get("counted") or "").strip() == "no":
                continue
            row, column, diameter = (_number(file, rows.line_num, name, each[name]) for name in COLUMNS)
            if row < 0 or column < 0 or diameter <= 0:
                raise BAD_COUNT.refuse(
                    f"row {row:g}, column {column:g}, diameter {diameter:g} nm is no vesicle",
                    place=file.at(rows.line_num),
                )
            found.append(Counted(row=row, column=column, diameter_nm=diameter))
    except csv.Error as error:
        raise BAD_COUNT.refuse(f"it is no CSV ({error})", place=file.at(rows.line_num)) from None
    if len(found) > MOST:
        raise BAD_COUNT.refuse(
            f"it has {len(found)} vesicles, at most {MOST} are compared", place=file.at(), value=len(found)
        )
    return tuple(found)


def _number(file: AssayFile, line: int, name: str, text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BAD_COUNT.refuse(f"{name} is {text!r}, which is no number", place=file.at(line), value=text)
    return value


def compare_counts(
    first: Sequence[Counted], second: Sequence[Counted], *, nm_per_pixel: float
) -> VesicleAgreement:
    """Pair two counts of one picture and tell how far they agree (IMG-009 where one is empty)."""
    if not first or not second:
        raise NO_COUNT.refuse(f"the counts have {len(first)} and {len(second)} vesicles")
    pairs = _pair(first, second, nm_per_pixel)
    diameters = [[vesicle.diameter_nm for vesicle in side] for side in zip(*pairs, strict=True)]
    recall, precision = _share(len(pairs), len(first)), _share(len(pairs), len(second))
    enough = len(pairs) >= 3 and len({*diameters[0], *diameters[1]}) > 1
    return VesicleAgreement(
        pairs=tuple(pairs),
        recall=recall,
        precision=precision,
        f1=2 * len(pairs) / (len(first) + len(second)),
        limits=compute_limits_of_agreement(diameters[0], diameters[1]) if enough else None,
        concordance=compute_concordance(diameters[0], diameters[1]) if enough else None,
    )


def _pair(
    first: Sequence[Counted], second: Sequence[Counted], nm_per_pixel: float
) -> list[tuple[Counted, Counted]]:
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial import cKDTree

    places = np.array([[each.row, each.column] for each in second])
    reach = [NEARER_THAN * each.diameter_nm / nm_per_pixel / 2 for each in first]
    near = cKDTree(places).query_ball_point(
        np.array([[each.row, each.column] for each in first]), np.array(reach)
    )
    candidates = sorted({index for hits in near for index in hits})
    if not candidates:
        return []
    column_of = {index: column for column, index in enumerate(candidates)}
    far = 10 * max(reach) * (len(first) + 1)  # dearer than any pairing of all that are near
    cost = np.full((len(first), len(candidates)), far)
    for row, hits in enumerate(near):
        for index in hits:
            cost[row, column_of[index]] = math.hypot(
                first[row].row - second[index].row, first[row].column - second[index].column
            )
    rows, columns = linear_sum_assignment(cost)
    return [
        (first[row], second[candidates[column]])
        for row, column in zip(rows, columns, strict=True)
        if cost[row, column] < far
    ]


def _share(count: int, of: int) -> Share:
    lower, upper = clopper_pearson_limits(count, of, lower_tail=0.025, upper_tail=0.025)
    return Share(count=count, of=of, lower=lower, upper=upper)


def derive_numbers(agreement: VesicleAgreement) -> list[dict[str, str | float | None]]:
    """Every number of a comparison as a row: what, value, lower and upper bound (95 %), unit."""
    rows: list[dict[str, str | float | None]] = []

    def add(what: str, value: float, lower: float | None, upper: float | None, unit: str) -> None:
        rows.append({"what": what, "value": value, "lower": lower, "upper": upper, "unit": unit})

    recall, precision = agreement.recall, agreement.precision
    add("vesicles of the first count", recall.of, None, None, "")
    add("vesicles of the second count", precision.of, None, None, "")
    add("vesicles of both", recall.count, None, None, "")
    add("recall", recall.value, recall.lower, recall.upper, "")
    add("precision", precision.value, precision.lower, precision.upper, "")
    add("F1", agreement.f1, None, None, "")
    if agreement.limits is not None:
        limits, half = agreement.limits, agreement.limits.limit_half_width
        add("mean difference (second less first)", limits.bias, limits.bias_lower, limits.bias_upper, "nm")
        add("lower limit of agreement", limits.lower, limits.lower - half, limits.lower + half, "nm")
        add("upper limit of agreement", limits.upper, limits.upper - half, limits.upper + half, "nm")
        add("slope of the difference over the size", limits.slope, None, None, "nm/nm")
    if agreement.concordance is not None:
        found = agreement.concordance
        add("concordance (Lin)", found.value, found.lower, found.upper, "")
    return rows
