"""The report of a shelf life: verdict where a storage time was asked for, lines of the batches, figure, doubts."""

from __future__ import annotations

import math
from collections.abc import Sequence

from exotrial.core.provenance import SourceFile
from exotrial.core.quantities import format_unit
from exotrial.core.verdict import Verdict
from exotrial.product.stability import Stability, check_stability
from exotrial.report.decision_blocks import build_doubt_blocks, build_sources_table, build_verdict_blocks
from exotrial.report.document import AnalysisResult, Block, Column, Report, Section, Table
from exotrial.report.figures.stability_lines import draw_stability
from exotrial.report.format import format_number, format_p

Q1E = "ICH Q1E"


def build_stability_report(
    found: Stability, *, attribute: str, verdict: Verdict | None, files: Sequence[SourceFile]
) -> Report:
    """The report of a shelf life; `verdict` on a storage time where one was asked for."""
    digests = tuple(file.sha256 for file in files)
    figure = draw_stability(found, id="stability", title=f"{attribute} over storage", attribute=attribute)
    blocks: list[Block] = [] if verdict is None else build_verdict_blocks(verdict)
    sections = [
        *([Section(id="verdict", title="Verdict", blocks=tuple(blocks))] if blocks else []),
        Section(id="shelf-life", title="Shelf life", blocks=(_lives(found), figure)),
        Section(id="doubts", title="Doubts", blocks=build_doubt_blocks(check_stability(found))),
        Section(id="sources", title="Sources", blocks=(build_sources_table(files),)),
    ]
    return Report(
        id="stability",
        title=f"Stability: {attribute}",
        subtitle=f"{len(found.batches)} batches, {len(found.points)} measurements",
        dated="not dated",
        facts=(("Supported", f"{found.supported:.3g} days"), ("Pooling", str(found.model))),
        sections=tuple(sections),
        results=(
            AnalysisResult(
                id="shelf-life",
                analysis="stability",
                population="all measurements",
                n=(len(found.points),),
                variable=attribute,
                statistic="supported storage",
                method="ich_q1e",
                value=found.supported,
                printed=f"{found.supported:.3g}",
                unit="d",
                parameters={"lower": str(found.lower), "upper": str(found.upper), "model": str(found.model)},
                citation=Q1E,
                sources=digests,
            ),
        ),
        made_from="the files named under Sources; every number stands in results.json",
    )


def _lives(found: Stability) -> Table:
    return Table(
        id="batches",
        title="Lines of the batches",
        columns=(
            Column(key="batch", head="Batch"),
            Column(key="start", head="At day 0", align="right"),
            Column(key="change", head="Change a day (%)", align="right"),
            Column(key="crosses", head="Bound crosses a limit (day)", align="right"),
        ),
        rows=tuple(
            (
                life.batch,
                f"{math.exp(life.intercept):.4g} {format_unit(found.unit)}".strip(),
                format_number(100 * math.expm1(life.slope), 2),
                "never" if math.isinf(life.crosses) else f"{life.crosses:.3g}",
            )
            for life in found.batches
        ),
        notes=(
            f"p of equal slopes {format_p(found.p_slopes)}, of equal intercepts {format_p(found.p_intercepts)}; "
            "batches are pooled at 0.25 and above (ICH Q1E).",
        ),
    )
