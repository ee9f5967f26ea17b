"""A micrograph measured as its file of marks says: vesicles outlined, edited by hand, and their sizes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from exotrial.core.errors import Place
from exotrial.core.findings import Finding, Severity
from exotrial.product.electron_microscopy import (
    BAD_EDIT,
    CountedVesicles,
    Edit,
    Vesicle,
    apply_edits,
    compute_sizes,
    find_vesicles,
)
from exotrial.product.measured_blot import OTHER_KIND
from exotrial.product.picture import Picture
from exotrial.product.picture_findings import find_in_picture
from exotrial.product.picture_marks import BAD_ORDER, HandMark, Kind, Marks, MicrographPlan
from exotrial.product.picture_scale import Scale
from exotrial.product.size_distribution import SizeDistribution


@dataclass(frozen=True, kw_only=True)
class MeasuredMicrograph:
    """All that is measured of a micrograph; `sizes` are by number over bins of the plan's width."""

    picture: Picture
    marks: Marks
    plan: MicrographPlan
    counted: CountedVesicles
    sizes: SizeDistribution
    findings: tuple[Finding, ...]


def measure_micrograph(picture: Picture, marks: Marks) -> MeasuredMicrograph:
    """Measure a micrograph (IMG-003, IMG-005, IMG-007, TEM-001 to TEM-004)."""
    plan = marks.plan
    if not isinstance(plan, MicrographPlan):
        raise OTHER_KIND.refuse("the marks are of a blot", place=Place(file=marks.file.name))
    scales = marks.find(Kind.SCALE)
    if len(scales) > 1:
        raise BAD_ORDER.refuse("two scales stand", place=scales[1].place, value=scales[1].number)
    stated = None
    if scales:
        by = scales[0]
        stated = Scale(
            nm_per_pixel=by.numbers["nm_per_pixel"],
            read_from=f"{by.texts['read_from']} (stated by {by.mark.who})",
        )
    counted = find_vesicles(
        picture,
        smallest_nm=plan.smallest_nm,
        largest_nm=plan.largest_nm,
        dark=marks.dark,
        stated_scale=stated,
    )
    for mark in marks.standing:
        if mark.kind in (Kind.REMOVE, Kind.ADD):
            counted = apply_edits(counted, [_edit(counted, mark)])
    return MeasuredMicrograph(
        picture=picture,
        marks=marks,
        plan=plan,
        counted=counted,
        sizes=compute_sizes(counted, width_nm=plan.bin_nm),
        findings=_check(counted, stated),
    )


def _edit(counted: CountedVesicles, mark: HandMark) -> Edit:
    row, column = mark.numbers["row"], mark.numbers["column"]
    if mark.kind is Kind.ADD:
        diameter = mark.numbers["diameter_nm"]
        drawn = Vesicle(number=0, row=row, column=column, diameter_nm=diameter)
        return Edit(mark=mark.mark, added=drawn)
    there = [
        (distance, vesicle.number)
        for vesicle in counted.vesicles
        if (distance := math.hypot(vesicle.row - row, vesicle.column - column))
        <= vesicle.diameter_nm / counted.scale.nm_per_pixel / 2
    ]
    if not there:
        raise BAD_EDIT.refuse(f"{mark.tells}: no vesicle is there", place=mark.place, value=mark.number)
    return Edit(mark=mark.mark, number=min(there)[1])


def _check(counted: CountedVesicles, stated: Scale | None) -> tuple[Finding, ...]:
    found = []
    if counted.edits:
        removed, added = len(counted.removed), sum(edit.added is not None for edit in counted.edits)
        who = ", ".join(sorted({edit.mark.who for edit in counted.edits}))
        found.append(
            find_in_picture(
                "IMF-008",
                f"By hand {removed} vesicles were removed and {added} added ({who}); "
                f"{len(counted.vesicles)} are counted.",
                "Another person may count otherwise.",
                "Look at the outlines in the picture beside the numbers.",
                severity=Severity.INFO,
            )
        )
    if stated is not None:
        found.append(
            find_in_picture(
                "IMF-009",
                f"The scale of {stated.nm_per_pixel:g} nm per pixel is stated: {stated.read_from}.",
                "Every diameter is as right as the scale.",
                "Measure the scale bar again, or export the picture with its scale.",
            )
        )
    return tuple(found)
