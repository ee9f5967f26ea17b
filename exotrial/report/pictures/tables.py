"""The tables of a measured picture: bands or vesicles numbered as in the drawing, markers, sizes, marks by hand."""

from __future__ import annotations

import numpy as np

from exotrial.product.blot import Mark
from exotrial.product.measured_blot import MeasuredBlot, describe_ground
from exotrial.product.measured_micrograph import MeasuredMicrograph
from exotrial.product.percentiles import summarise
from exotrial.product.picture_marks import Kind, Marks
from exotrial.report.document import Column, Table
from exotrial.report.format import MISSING

DENSITOMETRY = "Currie 1968, Anal. Chem. 40:586, with Student's t"
OUTLINES = "Otsu 1979, IEEE Trans. Syst. Man Cybern. 9:62; watershed over the distance to the outline"

Measured = MeasuredBlot | MeasuredMicrograph


def build_numbers(measured: Measured) -> tuple[Table, ...]:
    """The tables of what was measured."""
    if isinstance(measured, MeasuredBlot):
        return (*((_markers(measured),) if measured.verdicts else ()), build_bands(measured))
    return (_sizes(measured), build_vesicles(measured))


def build_bands(blot: MeasuredBlot) -> Table:
    """One row a band, numbered as in the drawing."""
    return Table(
        id="bands",
        title="Bands",
        columns=(
            Column(key="number", head="No.", align="right", width=0.04),
            Column(key="lane", head="Lane", width=0.09),
            Column(key="marker", head="Band", width=0.1),
            Column(key="rows", head="Rows", width=0.09),
            Column(key="kda", head="kDa", width=0.13),
            Column(key="volume", head="Net volume", align="right", width=0.1),
            Column(key="critical", head="Critical level", align="right", width=0.09),
            Column(key="limit", head="Detection limit", align="right", width=0.09),
            Column(key="detected", head="Detected", width=0.08),
            Column(key="origin", head="Found or marked", width=0.19),
        ),
        rows=tuple(
            (
                str(number),
                band.lane,
                band.marker,
                f"{band.top}–{band.bottom - 1}",
                MISSING
                if band.weight is None
                else f"{band.weight.kda:.1f} ({band.weight.lower_kda:.1f}–{band.weight.upper_kda:.1f})",
                *(
                    (MISSING, MISSING, MISSING, f"no number: {band.why_not}")
                    if band.density is None
                    else (
                        f"{band.density.volume:.6g}",
                        f"{band.density.critical:.6g}",
                        f"{band.density.detection_limit:.6g}",
                        "yes" if band.density.detected else "no",
                    )
                ),
                tell_origin(band.by, band.replaced),
            )
            for number, band in enumerate(blot.bands, start=1)
        ),
        notes=(
            f"Net volume: grey value times pixels above the ground ({describe_ground(blot.plan)}). Critical level and "
            f"detection limit from blank windows of the same lane ({DENSITOMETRY}). kDa with 95 % prediction bounds, "
            "where the ladder reaches (Weber & Osborn 1969).",
        ),
        landscape=True,
    )


def _markers(blot: MeasuredBlot) -> Table:
    answers = {True: "yes", False: "no", None: "not known"}
    verdicts = [*blot.verdicts.values()]
    if blot.loading_control is not None:
        verdicts.append(blot.loading_control)
    return Table(
        id="markers",
        title=f"Markers in lane {blot.plan.sample_lane}",
        columns=(
            Column(key="question", head="Question"),
            Column(key="answer", head="Answer"),
            Column(key="why", head="Why"),
        ),
        rows=tuple(
            (
                verdict.question,
                answers[
                    False
                    if any(r.holds is False for r in verdict.reasons)
                    else (True if verdict.holds else None)
                ],
                "; ".join(f"{reason.criterion}: {reason.why}" for reason in verdict.reasons),
            )
            for verdict in verdicts
        ),
    )


def _sizes(micrograph: MeasuredMicrograph) -> Table:
    counted = micrograph.counted
    rows = [
        ("vesicles counted", str(len(counted.vesicles)), ""),
        ("cut by the edge, not measured", str(counted.cut), ""),
        *((name, f"{value:.4g}", "nm") for name, value in compute_diameters(micrograph).items()),
        ("scale", f"{counted.scale.nm_per_pixel:.6g}", f"nm per pixel, {counted.scale.read_from}"),
    ]
    return Table(
        id="sizes",
        title="Sizes",
        columns=(
            Column(key="what", head="What"),
            Column(key="value", head="Value", align="right"),
            Column(key="unit", head="Unit"),
        ),
        rows=tuple(rows),
        notes=(
            f"Diameter of the circle of equal area; outlines by {OUTLINES}. D10, D50, D90 and mode from bins of "
            f"{micrograph.plan.bin_nm:g} nm.",
        ),
    )


def compute_diameters(micrograph: MeasuredMicrograph) -> dict[str, float]:
    """Mean, SD and median of the diameters, nm, and what the bins give; the SD is missing for one vesicle."""
    sizes = np.array([vesicle.diameter_nm for vesicle in micrograph.counted.vesicles])
    summary = summarise(micrograph.sizes)
    told = {"mean diameter": float(sizes.mean())}
    if sizes.size > 1:
        told["SD of the diameters"] = float(sizes.std(ddof=1))
    return told | {
        "median diameter": float(np.median(sizes)),
        "D10": summary.d10_nm,
        "D50": summary.d50_nm,
        "D90": summary.d90_nm,
        "mode": summary.mode_nm,
    }


def build_vesicles(micrograph: MeasuredMicrograph) -> Table:
    """One row a vesicle, numbered as in the drawing; those removed by hand at the end."""
    counted = micrograph.counted
    removals = {edit.number: edit.mark for edit in counted.edits if edit.number is not None}
    rows = [(each, tell_origin(each.mark, "")) for each in counted.vesicles]
    rows += [
        (each, f"removed by {removals[each.number].who}: {removals[each.number].reason}")
        for each in counted.removed
    ]
    return Table(
        id="vesicles",
        title="Vesicles",
        columns=(
            Column(key="number", head="No.", align="right"),
            Column(key="row", head="Row", align="right"),
            Column(key="column", head="Column", align="right"),
            Column(key="diameter_nm", head="Diameter (nm)", align="right"),
            Column(key="counted", head="Counted"),
            Column(key="origin", head="Found or marked"),
        ),
        rows=tuple(
            (
                str(each.number),
                f"{each.row:.1f}",
                f"{each.column:.1f}",
                f"{each.diameter_nm:.2f}",
                "no" if each in counted.removed else "yes",
                origin,
            )
            for each, origin in rows
        ),
    )


def build_hand_marks(marks: Marks) -> Table:
    """Every mark ever made, with who, when, why and what it replaced."""
    standing = {each.number for each in marks.standing}
    return Table(
        id="hand-marks",
        title="Marks by hand",
        columns=(
            Column(key="number", head="No.", align="right"),
            Column(key="mark", head="Mark"),
            Column(key="who", head="Who"),
            Column(key="at", head="When"),
            Column(key="why", head="Why"),
            Column(key="replaces", head="Replaces"),
            Column(key="stands", head="Stands"),
            Column(key="digest", head="Digest"),
        ),
        rows=tuple(
            (
                str(each.number),
                each.tells,
                each.mark.who,
                each.mark.at.isoformat(),
                each.mark.reason,
                marks.replaced_by(each),
                "yes" if each.number in standing else ("" if each.kind is Kind.WITHDRAW else "no"),
                each.digest[:16],
            )
            for each in marks.marks
        ),
        notes=("The digest of a mark is over the picture, all marks before it and itself.",),
        landscape=True,
    )


def tell_origin(by: Mark | None, replaced: str) -> str:
    """Whether something was found, or who marked it, when, why and in place of what."""
    if by is None:
        return "found"
    told = f"marked by {by.who}, {by.at:%Y-%m-%d %H:%M %Z}: {by.reason}"
    return f"{told} (replaces {replaced})" if replaced else told
