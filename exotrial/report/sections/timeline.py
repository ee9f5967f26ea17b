"""Timeline of every participant: a swimmer plot of the dated events, and how long from one to the next."""

from __future__ import annotations

from exotrial.report.document import AnalysisResult, Section, SectionBuilder
from exotrial.report.figures.swimmer import draw_swimmer
from exotrial.report.figures.swimmer_days import derive_days, derive_spans, span_words
from exotrial.report.format import decimals_of
from exotrial.report.inputs import ReportInput
from exotrial.report.results import summary_results
from exotrial.statistics.describe import QuantileRule, describe


def build(given: ReportInput) -> tuple[Section, tuple[AnalysisResult, ...]] | None:
    """The section, or None where no dated event was captured."""
    captured = given.captured
    if captured is None or captured.events["ADT"].drop_nulls().is_empty():
        return None
    figure = draw_swimmer(given.study, captured, show_arms=not given.arms_are_hidden)
    section = Section(id="timeline", title="Timeline of every participant", blocks=(figure,))
    return section, _results(given)


def _results(given: ReportInput) -> tuple[AnalysisResult, ...]:
    """How long each span of the figure lasts, in days."""
    assert given.captured is not None
    days = derive_days(given.captured)
    lengths: dict[str, list[int]] = {}
    for span in derive_spans(days):
        lengths.setdefault(span.kind, []).append(span.stop - span.start)
    words = span_words(days)
    made: list[AnalysisResult] = []
    for kind, values in lengths.items():
        made += summary_results(
            describe(values, quartile_type=QuantileRule.SAS),
            analysis="timeline",
            population="participants with both dates",
            variable=words[kind],
            when="",
            unit="d",
            decimals=decimals_of([str(value) for value in values]) + 1,
            sources=given.digest_of("events.csv"),
        )
    return tuple(made)


SECTION = SectionBuilder(name="timeline", order=50, build=build)
