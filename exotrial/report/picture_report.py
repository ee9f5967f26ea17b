"""The report of a measured picture: the picture beside its numbers, every mark by hand, doubts and sources."""

from __future__ import annotations

from collections.abc import Sequence

from exotrial.core.provenance import SourceFile
from exotrial.product.measured_blot import MeasuredBlot, describe_ground
from exotrial.product.measured_micrograph import MeasuredMicrograph
from exotrial.product.picture_marks import Marks
from exotrial.report.decision_blocks import build_doubt_blocks, build_sources_table
from exotrial.report.document import AnalysisResult, Figure, Report, Section
from exotrial.report.format import MISSING
from exotrial.report.pictures.blot_picture import draw_blot
from exotrial.report.pictures.micrograph_picture import draw_micrograph
from exotrial.report.pictures.tables import (
    DENSITOMETRY,
    OUTLINES,
    Measured,
    build_hand_marks,
    build_numbers,
    compute_diameters,
    tell_origin,
)

MARK_DIGEST = "digest_of_marks"


def build_picture_report(measured: Measured, *, files: Sequence[SourceFile]) -> Report:
    """The report of one picture; the same input gives the same report."""
    marks = measured.marks
    blot = isinstance(measured, MeasuredBlot)
    numbers = build_numbers(measured)
    digests = tuple(file.sha256 for file in files)
    hands = (build_hand_marks(marks),) if marks.marks else ()
    return Report(
        id=measured.picture.file.name,
        title="Western blot" if blot else "Electron micrograph",
        subtitle=measured.picture.file.name,
        dated=marks.measured_at.isoformat(sep=" ", timespec="minutes") if marks.measured_at else "not dated",
        facts=_facts(measured),
        sections=(
            Section(id="picture", title="Picture", blocks=(build_figure(measured),)),
            Section(id="numbers", title="Numbers", blocks=numbers),
            *((Section(id="hand-marks", title="Marks by hand", blocks=hands),) if hands else ()),
            Section(id="doubts", title="Doubts", blocks=build_doubt_blocks(measured.findings)),
            Section(id="sources", title="Sources", blocks=(build_sources_table(files),)),
        ),
        results=_blot_results(measured, digests)
        if isinstance(measured, MeasuredBlot)
        else _micrograph_results(measured, digests),
        made_from="the picture and the file of marks named under Sources; every number stands in results.json",
    )


def build_figure(measured: Measured) -> Figure:
    """The picture with what was measured drawn on it."""
    if isinstance(measured, MeasuredBlot):
        svg = draw_blot(measured)
        words = f"Blot with {len(measured.lanes)} lanes and {len(measured.bands)} bands, boxed and numbered."
    else:
        svg = draw_micrograph(measured)
        words = f"Micrograph with the outlines of {len(measured.counted.vesicles)} vesicles and a scale bar."
    return Figure(
        id="annotated",
        title="The picture as measured",
        caption="Grey values are stretched for the eye only; numbers are as in the tables.",
        alt=words,
        svg=svg,
    )


def read_measured_marks(told: object, *, picture_sha256: str) -> tuple[str, ...]:
    """The digests of marks in a results.json that was written before; ValueError where it is of another picture."""
    if not isinstance(told, dict) or not isinstance(told.get("results"), list):
        raise ValueError("it is no result of a picture")
    sources = {file.get("sha256") for file in told.get("files", []) if isinstance(file, dict)}
    if picture_sha256 not in sources:
        raise ValueError("it is the result of another picture")
    marks = [each for each in told["results"] if isinstance(each, dict) and each.get("method") == MARK_DIGEST]
    return tuple(str(each.get("value")) for each in marks)


def _facts(measured: Measured) -> tuple[tuple[str, str], ...]:
    picture, marks = measured.picture, measured.marks
    rows, columns = picture.pixels.shape
    facts = [
        ("Picture", f"{picture.file.name}, {columns} × {rows} pixels of {picture.bits} bits"),
        ("SHA-256 of the picture", picture.file.sha256),
        ("SHA-256 of the marks", marks.file.sha256),
        ("Sample", marks.sample or "not told"),
        ("Marks by hand", str(len(marks.standing)) if marks.marks else "none: all is found"),
    ]
    if isinstance(measured, MeasuredBlot):
        facts.append(("Lanes", "found by their profile" if measured.lanes_found else "marked by hand"))
        facts.append(("Ground", describe_ground(measured.plan)))
    return tuple(facts)


def _blot_results(blot: MeasuredBlot, digests: tuple[str, ...]) -> tuple[AnalysisResult, ...]:
    found = []
    for number, band in enumerate(blot.bands, start=1):
        told = None if band.density is None else band.density.volume
        found.append(
            _result(
                f"band {number}",
                variable=band.marker,
                population=f"lane {band.lane}",
                statistic="net volume",
                n=0 if band.density is None else band.density.blanks,
                value=told,
                method="densitometry",
                notes=(tell_origin(band.by, band.replaced), *((band.why_not,) if band.why_not else ())),
                parameters={"ground": describe_ground(blot.plan), "rows": f"{band.top} to {band.bottom}"}
                | (
                    {}
                    if band.density is None
                    else {
                        "critical level": f"{band.density.critical:.6g}",
                        "detection limit": f"{band.density.detection_limit:.6g}",
                        "detected": "yes" if band.density.detected else "no",
                    }
                )
                | ({} if band.weight is None else {"kDa": f"{band.weight.kda:.4g}"}),
                citation=DENSITOMETRY,
                sources=digests,
            )
        )
    return (*found, *_mark_results(blot.marks, digests))


def _micrograph_results(
    micrograph: MeasuredMicrograph, digests: tuple[str, ...]
) -> tuple[AnalysisResult, ...]:
    counted = micrograph.counted
    numbers: dict[str, float] = {"vesicles counted": len(counted.vesicles), "vesicles cut": counted.cut}
    by_hand = f"{len(counted.edits)} marks by hand" if counted.edits else "no mark by hand"
    found = [
        _result(
            name,
            variable="diameter",
            population="vesicles whole in the picture",
            statistic=name,
            n=len(counted.vesicles),
            value=value,
            unit="nm" if name not in ("vesicles counted", "vesicles cut") else "",
            method="outlines",
            notes=(by_hand,),
            parameters={
                "nm per pixel": f"{counted.scale.nm_per_pixel:.6g}",
                "scale from": counted.scale.read_from,
            },
            citation=OUTLINES,
            sources=digests,
        )
        for name, value in (numbers | compute_diameters(micrograph)).items()
    ]
    return (*found, *_mark_results(micrograph.marks, digests))


def _mark_results(marks: Marks, digests: tuple[str, ...]) -> tuple[AnalysisResult, ...]:
    """The digest of every mark: by these, marks that are changed later are found."""
    return tuple(
        _result(
            f"mark {each.number}",
            variable="mark by hand",
            population="",
            statistic="digest",
            n=0,
            value=each.digest,
            method=MARK_DIGEST,
            notes=(each.tells, f"{each.mark.who}, {each.mark.at.isoformat()}: {each.mark.reason}"),
            sources=digests,
        )
        for each in marks.marks
    )


def _result(
    name: str,
    *,
    variable: str,
    population: str,
    statistic: str,
    n: int,
    value: float | str | None,
    method: str,
    unit: str = "",
    notes: tuple[str, ...] = (),
    parameters: dict[str, str] | None = None,
    citation: str = "",
    sources: tuple[str, ...] = (),
) -> AnalysisResult:
    return AnalysisResult(
        id=name,
        analysis="picture",
        population=population,
        n=(n,),
        variable=variable,
        statistic=statistic,
        method=method,
        value=value,
        printed=MISSING if value is None else (value if isinstance(value, str) else f"{value:.6g}"),
        unit=unit,
        parameters=parameters or {},
        notes=notes,
        citation=citation,
        sources=sources,
    )
