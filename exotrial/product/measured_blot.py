"""A blot measured as its file of marks says: lanes, bands, weights by the ladder, densities, markers.

What a person marked stands before what is found, and every band tells which of the two it is. A band that cannot be
quantified stays listed with the reason and has no number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from exotrial.core.errors import ErrorCode, Place, Refusal
from exotrial.core.findings import Finding, Severity
from exotrial.core.verdict import Verdict
from exotrial.product.blot import (
    BAD_MARK,
    SATURATED,
    Band,
    Densitometry,
    Mark,
    compute_densitometry,
    decide_loading_control,
    decide_markers,
)
from exotrial.product.blot_lanes import FoundBand, Lane, find_bands, find_lanes
from exotrial.product.molecular_weight import Ladder, Weight, compute_weight, fit_ladder
from exotrial.product.picture import Picture, compute_signal
from exotrial.product.picture_findings import check_blot_picture, find_in_picture
from exotrial.product.picture_marks import BAD_ORDER, BlotPlan, HandMark, Kind, Marks

OTHER_KIND = ErrorCode(
    "IMG-007",
    "Marks of one kind of picture are used for measuring another.",
    "measure a blot with marks of a blot, a micrograph with marks of an electron micrograph.",
)

_STAY: Final = ("BLT-002", "BLT-003", "BLT-005")
"""Refusals after which a band stays listed without a number."""

LADDER_OFF: Final = 0.10
"""Share of its weight by which a ladder's band may lie off the line before a finding says so."""

_FOUND: Final = Mark(who="found", at=datetime(1970, 1, 1, tzinfo=UTC), reason="found by its profile")
"""Stands in the mark of a band that nobody marked; such a band's `by` is None."""


@dataclass(frozen=True, kw_only=True)
class MeasuredBand:
    """A band with its place (px, ends excluded), peak row, weight and density.

    `by` is who marked it, None where it was found; `replaced` what the mark replaced. `why_not` says why there is no
    density, with the code of the refusal.
    """

    lane: str
    marker: str
    top: int
    bottom: int
    left: int
    right: int
    row: int
    weight: Weight | None
    by: Mark | None
    replaced: str
    density: Densitometry | None
    why_not: str


@dataclass(frozen=True, kw_only=True)
class MeasuredBlot:
    """All that is measured of a blot. `lanes_found` says that no person marked the lanes."""

    picture: Picture
    marks: Marks
    plan: BlotPlan
    lanes: tuple[Lane, ...]
    lanes_found: bool
    bands: tuple[MeasuredBand, ...]
    ladder: Ladder | None
    verdicts: dict[str, Verdict]
    loading_control: Verdict | None
    findings: tuple[Finding, ...]


def measure_blot(picture: Picture, marks: Marks) -> MeasuredBlot:
    """Measure a blot (IMG-005, IMG-007, BLT-001, BLT-004, BLT-006 to BLT-008).

    Bands that are saturated, or whose lane has too little or clipped ground, stay without a number (BLT-002, BLT-003,
    BLT-005 in `why_not`).
    """
    plan = marks.plan
    if not isinstance(plan, BlotPlan):
        raise OTHER_KIND.refuse("the marks are of a micrograph", place=Place(file=marks.file.name))
    drawn = tuple(_lane(picture, mark) for mark in marks.find(Kind.LANE))
    lanes = drawn or find_lanes(picture, dark=marks.dark, names=plan.lane_names)
    _check_lanes(marks, plan, lanes)
    told = [(mark.numbers["row"], mark.numbers["kda"]) for mark in marks.find(Kind.LADDER)]
    ladder = fit_ladder(told) if told else None
    places = _place_bands(picture, marks, plan, lanes, ladder)
    bands, findings = _quantify(picture, marks, plan, places)
    verdicts: dict[str, Verdict] = {}
    if plan.sample_lane:
        verdicts = decide_markers(
            [band.density for band in bands if band.density is not None],
            sample_lane=plan.sample_lane,
            present=plan.present,
            absent=plan.absent,
            control_lane=plan.control_lane,
        )
        verdicts = {marker: _explain(verdicts[marker], marker, bands, plan) for marker in verdicts}
    control = decide_loading_control(plan.loading_control) if plan.loading_control else None
    doubts = (
        *check_blot_picture(picture, tones=(marks.dark,)),
        *findings,
        *_check_ladder(ladder),
        *_check_hands(marks),
        *_check_control(control, plan.loading_control),
    )
    return MeasuredBlot(
        picture=picture,
        marks=marks,
        plan=plan,
        lanes=lanes,
        lanes_found=not drawn,
        bands=bands,
        ladder=ladder,
        verdicts=verdicts,
        loading_control=control,
        findings=doubts,
    )


def _lane(picture: Picture, mark: HandMark) -> Lane:
    left, right = _whole(mark, "left"), _whole(mark, "right")
    if not 0 <= left < right <= picture.pixels.shape[1]:
        raise BAD_MARK.refuse(f"{mark.tells} is not inside the picture", place=mark.place, value=mark.number)
    return Lane(name=mark.texts["name"], left=left, right=right)


def _whole(mark: HandMark, name: str) -> int:
    value = mark.numbers[name]
    if not value.is_integer():
        raise BAD_MARK.refuse(f"{name} {value:g} is no whole pixel", place=mark.place, value=value)
    return int(value)


def _check_lanes(marks: Marks, plan: BlotPlan, lanes: Sequence[Lane]) -> None:
    names = [lane.name for lane in lanes]
    place = Place(file=marks.file.name)
    if len(set(names)) < len(names):
        raise BAD_MARK.refuse(f"lanes share a name: {', '.join(names)}", place=place)
    for asked in (plan.sample_lane, plan.control_lane, plan.ladder_lane):
        if asked and asked not in names:
            raise BAD_MARK.refuse(
                f"there is no lane {asked!r} among {', '.join(names)}", place=place, value=asked
            )


@dataclass(frozen=True, kw_only=True)
class _Placed:
    band: Band
    row: int
    weight: Weight | None
    by: Mark | None
    replaced: str


def _place_bands(
    picture: Picture, marks: Marks, plan: BlotPlan, lanes: Sequence[Lane], ladder: Ladder | None
) -> list[_Placed]:
    """Bands by lane from above: those marked, and those found that no mark covers or rejects."""
    named = {lane.name: lane for lane in lanes}
    for mark in (*marks.find(Kind.BAND), *marks.find(Kind.REJECT)):
        if mark.texts["lane"] not in named:
            raise BAD_MARK.refuse(f"there is no lane {mark.texts['lane']!r}", place=mark.place)
    placed = []
    for lane in lanes:
        if lane.name == plan.ladder_lane:
            continue
        found = list(find_bands(picture, lane, dark=marks.dark))
        for mark in marks.find(Kind.REJECT):
            if mark.texts["lane"] != lane.name:
                continue
            hit = [each for each in found if each.top <= mark.numbers["row"] < each.bottom]
            if not hit:
                raise BAD_ORDER.refuse(f"{mark.tells}: no band is found there", place=mark.place)
            found.remove(hit[0])
        of_lane = []
        for mark in marks.find(Kind.BAND):
            if mark.texts["lane"] == lane.name:
                made, covered = _marked(picture, marks, mark, lane, found, ladder)
                found = [each for each in found if each not in covered]
                of_lane.append(made)
        taken = {each.band.marker for each in of_lane}
        of_lane += _name_found(found, plan, ladder, taken)
        placed += sorted(of_lane, key=lambda each: each.band.top)
    return placed


def _marked(
    picture: Picture, marks: Marks, mark: HandMark, lane: Lane, found: Sequence[FoundBand], ladder: Ladder | None
) -> tuple[_Placed, list[FoundBand]]:  # fmt: skip
    top, bottom = _whole(mark, "top"), _whole(mark, "bottom")
    if not 0 <= top < bottom <= picture.pixels.shape[0]:
        raise BAD_MARK.refuse(f"{mark.tells} is not inside the picture", place=mark.place, value=mark.number)
    profile = compute_signal(picture, dark=marks.dark)[top:bottom, lane.left : lane.right].sum(axis=1)
    row = top + int(profile.argmax())
    covered = [each for each in found if each.top < bottom and top < each.bottom]
    replaced = [f"found band at rows {each.top} to {each.bottom}" for each in covered]
    if told := marks.replaced_by(mark):
        replaced.insert(0, told)
    band = Band(
        marker=mark.texts["marker"],
        lane=lane.name,
        top=top,
        bottom=bottom,
        left=lane.left,
        right=lane.right,
        mark=mark.mark,
    )
    weight = compute_weight(ladder, row) if ladder is not None else None
    return _Placed(band=band, row=row, weight=weight, by=mark.mark, replaced="; ".join(replaced)), covered


def _name_found(
    found: Sequence[FoundBand], plan: BlotPlan, ladder: Ladder | None, taken: set[str]
) -> list[_Placed]:
    """Bands found get a marker's name where just one lies between the weights expected of just one marker."""
    weights = [compute_weight(ladder, each.row) if ladder is not None else None for each in found]
    fits = [
        [each.marker for each in plan.expected if weight and each.from_kda <= weight.kda <= each.to_kda]
        for weight in weights
    ]
    made = []
    for band, weight, names in zip(found, weights, fits, strict=True):
        alone = len(names) == 1 and sum(names[0] in other for other in fits) == 1 and names[0] not in taken
        marker = names[0] if alone else f"band at row {band.row}"
        made.append(
            _Placed(
                band=Band(
                    marker=marker,
                    lane=band.lane.name,
                    top=band.top,
                    bottom=band.bottom,
                    left=band.lane.left,
                    right=band.lane.right,
                    mark=_FOUND,
                ),
                row=band.row,
                weight=weight,
                by=None,
                replaced="",
            )
        )
    return made


def _quantify(
    picture: Picture, marks: Marks, plan: BlotPlan, placed: Sequence[_Placed]
) -> tuple[tuple[MeasuredBand, ...], list[Finding]]:
    bands = [each.band for each in placed]
    measured, findings = [], []
    for each in placed:
        density, why_not = None, ""
        try:
            (density,) = compute_densitometry(
                picture, bands, dark=marks.dark, ground=plan.ground, radius_px=plan.radius_px, only=[each.band]
            )  # fmt: skip
        except Refusal as refused:
            if refused.code.code not in _STAY:
                raise
            why_not = f"{refused.code.code}: {refused.problem}"
            if refused.code == SATURATED:
                findings.append(
                    find_in_picture(
                        "IMF-004",
                        f"{refused.problem}; it has no number.",
                        "The band has more signal than the picture tells.",
                        "Expose for a shorter time and measure that picture.",
                        subject=f"{each.band.lane}, {each.band.marker}",
                    )
                )
        band = each.band
        measured.append(
            MeasuredBand(
                lane=band.lane,
                marker=band.marker,
                top=band.top,
                bottom=band.bottom,
                left=band.left,
                right=band.right,
                row=each.row,
                weight=each.weight,
                by=each.by,
                replaced=each.replaced,
                density=density,
                why_not=why_not,
            )
        )
    return tuple(measured), findings


def _explain(verdict: Verdict, marker: str, bands: Sequence[MeasuredBand], plan: BlotPlan) -> Verdict:
    """A marker whose band has no number is unknown for that reason, not because nobody marked it."""
    stuck = {band.lane: band.why_not for band in bands if band.marker == marker and band.why_not}
    lanes = (plan.sample_lane, plan.control_lane)
    reasons = [
        replace(reason, why=stuck[lane]) if reason.holds is None and lane in stuck else reason
        for reason, lane in zip(verdict.reasons, lanes, strict=False)
    ]
    return Verdict(verdict.question, tuple(reasons))


def _check_ladder(ladder: Ladder | None) -> list[Finding]:
    if ladder is None:
        return []
    found = []
    for row, kda in zip(ladder.rows, ladder.weights_kda, strict=True):
        off = 10 ** (ladder.intercept + ladder.slope * row) / kda - 1
        if abs(off) > LADDER_OFF:
            found.append(
                find_in_picture(
                    "IMF-006",
                    f"The ladder's band of {kda:g} kDa lies {off:+.0%} off the line through the ladder.",
                    "Weights near it are off by as much.",
                    "Look whether the band is marked as the right weight.",
                    subject=f"{kda:g} kDa",
                )
            )
    return found


def _check_hands(marks: Marks) -> list[Finding]:
    if not marks.marks:
        return []
    who = sorted({each.mark.who for each in marks.marks})
    gone = len(marks.marks) - len(marks.standing)
    return [
        find_in_picture(
            "IMF-005",
            f"The numbers rest on {len(marks.standing)} marks by hand, of {', '.join(who)}; "
            f"{gone} more were replaced, withdrawn or withdraw one.",
            "Another person may mark otherwise.",
            "Look at the picture beside the numbers.",
            severity=Severity.INFO,
        )
    ]


def _check_control(control: Verdict | None, name: str) -> list[Finding]:
    if control is None or control.holds:
        return []
    known = not control.unknown
    return [
        find_in_picture(
            "IMF-007",
            f"The loading control {'does not suit' if known else 'is not known to suit'} vesicles: "
            f"{control.reasons[0].why}.",
            "Densities that are divided by it compare nothing.",
            "Load by the protein or the number of vesicles, or by total protein on the membrane.",
            subject=name,
        )
    ]


def describe_ground(plan: BlotPlan) -> str:
    """The ground in words, as results print it."""
    return f"{plan.ground}, radius {plan.radius_px} rows" if plan.radius_px else str(plan.ground)
