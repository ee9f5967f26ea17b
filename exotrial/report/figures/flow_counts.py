"""The counts of a participant flow (CONSORT 2025, flow diagram), from captured data or from what a source states.

What was not captured has no number and is told as not reported; a participant without a date of an event is
counted as "not recorded", never as one to whom it did not happen.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from exotrial.datasets.captured import Captured
from exotrial.datasets.groups import not_entered
from exotrial.outcomes.measure import find_measure
from exotrial.participants.disposition import State
from exotrial.report.figures.flow_model import Box, Count, Flow, FlowKind, Group
from exotrial.report.figures.flow_plan import compute_planned_flow
from exotrial.study.definition import Study
from exotrial.study.definition.design import Arm

EXCLUSION_REASONS = ("exclusion reason", "reason for exclusion")
WITHDRAWAL_REASONS = ("withdrawal reason", "reason for withdrawal")
"""Names in characteristics.csv under which a reason is looked for."""
ALL_GROUPS, NO_ARM = "All groups together", "No arm recorded"
_MOST_REASONS = 6
_MOST_OUTCOMES = 6
_BASELINE = ("BASELINE", "BEFORE", "SCREENING")


def compute_flow(study: Study, captured: Captured | None, *, show_arms: bool = True) -> Flow:
    """The flow of a study: from its data, else from what its source states, else from its plan.

    With `show_arms` False all participants are one group and no arm is named.
    """
    if captured is not None and captured.participants.height:
        return _captured_flow(study, captured, show_arms=show_arms)
    if study.design.enrolled is not None:
        return _stated_flow(study, show_arms=show_arms)
    return compute_planned_flow(study, show_arms=show_arms)


def _captured_flow(study: Study, captured: Captured, *, show_arms: bool) -> Flow:
    people = captured.participants.select("USUBJID", "ARMCD")
    everybody = people.height
    screened = _with_event(captured, "screened")
    outside = not_entered(captured)
    waiting = outside.filter(outside.is_in(_in_screening(captured)))
    inside = people.filter(~pl.col("USUBJID").is_in(outside.to_list()))
    screening_known = screened is not None and screened.len() == everybody
    outside = outside.filter(~outside.is_in(waiting.to_list()))
    excluded = Count("Excluded", outside.len()) if screening_known or outside.len() else Count("Excluded")
    return Flow(
        kind=FlowKind.CAPTURED,
        assessed=Box(
            head=Count("Assessed for eligibility", everybody if screening_known else None),
            lines=(Count("Still in screening", waiting.len()),) if waiting.len() else (),
        ),
        excluded=Box(head=excluded, lines=_reasons(captured, outside, EXCLUSION_REASONS)),
        entered=Box(head=Count(_entered_word(study), inside.height)),
        groups=tuple(
            _captured_group(study, captured, members, name=name, code=code)
            for code, name, members in _groups(study, inside, show_arms=show_arms)
        ),
    )


def _in_screening(captured: Captured) -> list[str]:
    """Who is neither in nor excluded yet: while a trial runs, by the status that its operations keep."""
    if "STATUS" not in captured.participants.columns:
        return []
    return captured.participants.filter(pl.col("STATUS") == State.SCREENING.value)["USUBJID"].to_list()


def _with_event(captured: Captured, event: str) -> pl.Series | None:
    """The participants with an event, or None where nobody has it: then nobody may have asked."""
    found = captured.events.filter(pl.col("EVENT") == event)["USUBJID"].unique(maintain_order=True)
    return found if found.len() else None


def _entered_word(study: Study) -> str:
    return "Randomised" if study.design.allocation == "randomised" else "Enrolled"


def _groups(study: Study, inside: pl.DataFrame, *, show_arms: bool) -> list[tuple[str, str, Sequence[str]]]:
    """Code, name and participants of each column: arms in the study's order, then codes it does not know."""
    if not show_arms:
        return [("", ALL_GROUPS, inside["USUBJID"].to_list())]
    names = {arm.id: arm.name for arm in study.arms}
    codes = set(inside["ARMCD"].to_list())
    if codes <= {""}:
        lone = study.arms[0] if len(study.arms) == 1 else None
        return [(lone.id if lone else "", lone.name if lone else "", inside["USUBJID"].to_list())]
    ordered = [*(code for code in names if code in codes), *sorted(codes - set(names) - {""})]
    ordered += [""] if "" in codes else []
    return [
        (
            code,
            names.get(code, code or NO_ARM),
            inside.filter(pl.col("ARMCD") == code)["USUBJID"].to_list(),
        )
        for code in ordered
    ]


def _captured_group(
    study: Study, captured: Captured, members: Sequence[str], *, code: str, name: str
) -> Group:
    n = len(members)
    dosed = _count(captured, "first dose", members)
    received: list[Count] = [Count("Received a first dose", dosed)]
    if dosed is not None and dosed < n:
        received.append(Count("No first dose recorded", n - dosed))
    ends = [
        Count(word, count)
        for event, word in (("recovery", "Recovery recorded"), ("discharge", "Discharge recorded"))
        if (count := _count(captured, event, members)) is not None
    ]
    lost = _count(captured, "lost to follow-up", members)
    withdrawn = captured.events.filter((pl.col("EVENT") == "withdrawal") & pl.col("USUBJID").is_in(members))[
        "USUBJID"
    ].unique(maintain_order=True)
    return Group(
        id=code,
        name=name,
        allocation=Box(head=Count(_allocated_word(study, name), n), lines=tuple(received)),
        follow_up=Box(
            head=Count("Follow-up", counted=False),
            lines=(
                *([] if lost is None else [Count("Lost to follow-up", lost)]),
                Count("Withdrew", _count(captured, "withdrawal", members)),
                *_reasons(captured, withdrawn, WITHDRAWAL_REASONS),
                Count("Died", _count(captured, "death", members)),
                *ends,
            ),
        ),
        analysis=_captured_analysis(study, captured, members),
    )


def _allocated_word(study: Study, name: str) -> str:
    if not name or name in (ALL_GROUPS, NO_ARM):
        return name or "Enrolled"
    return f"Allocated to {name}" if study.design.allocation == "randomised" else name


def _count(captured: Captured, event: str, members: Sequence[str]) -> int | None:
    """How many of these have the event; None where it was captured in nobody of the study."""
    found = _with_event(captured, event)
    return None if found is None else int(found.is_in(members).sum() or 0)


def _reasons(captured: Captured, people: pl.Series, names: tuple[str, ...]) -> tuple[Count, ...]:
    """Reasons with their counts, the most frequent first; none where no reason was captured."""
    given = (
        captured.characteristics.filter(
            pl.col("CHAR").str.to_lowercase().is_in(names) & pl.col("USUBJID").is_in(people.to_list())
        )
        .filter(pl.col("VALUE") != "")
        .unique("USUBJID", keep="first", maintain_order=True)
    )
    if given.is_empty():
        return ()
    tally = given.group_by("VALUE").len("N").sort(["N", "VALUE"], descending=[True, False])
    shown = [Count(row["VALUE"], row["N"], indent=1) for row in tally.head(_MOST_REASONS).to_dicts()]
    rest = int(tally["N"].slice(_MOST_REASONS).sum())
    silent = people.len() - given.height
    shown += [Count("Other reasons", rest, indent=1)] if rest else []
    shown += [Count("No reason recorded", silent, indent=1)] if silent else []
    return tuple(shown)


def _captured_analysis(study: Study, captured: Captured, members: Sequence[str]) -> Box:
    """For each primary outcome, how many have a number of it after the start of treatment."""
    primary = [outcome for outcome in study.outcomes if outcome.level == "primary"]
    lines = []
    for outcome in primary[:_MOST_OUTCOMES]:
        code = find_measure(outcome.measure).paramcd if outcome.measure else None
        analysed = None if code is None else _with_value(captured, code, members)
        lines.append(Count(outcome.name, analysed))
    if len(primary) > _MOST_OUTCOMES:
        more = len(primary) - _MOST_OUTCOMES
        lines.append(Count(f"and {more} more primary outcomes", counted=False))
    head = Count("With a value of the primary outcome" + ("s" if len(primary) != 1 else ""), counted=False)
    return Box(head=head, lines=tuple(lines))


def _with_value(captured: Captured, code: str, members: Sequence[str]) -> int | None:
    """Participants with a number of a measure later than baseline; None where it was not captured then."""
    later = captured.measurements.filter(
        (pl.col("PARAMCD") == code)
        & pl.col("AVALN").is_not_null()
        & ~pl.col("AVISIT").str.to_uppercase().is_in(_BASELINE)
    )["USUBJID"].unique()
    return int(later.is_in(members).sum() or 0) if later.len() else None


def _stated_flow(study: Study, *, show_arms: bool) -> Flow:
    """The flow of a study of which a source tells numbers and gives no participants' data."""
    arms: Sequence[Arm | None] = study.arms if show_arms else [None]
    return Flow(
        kind=FlowKind.STATED,
        assessed=Box(head=Count("Assessed for eligibility")),
        excluded=Box(head=Count("Excluded")),
        entered=Box(head=Count(_entered_word(study), study.design.enrolled)),
        groups=tuple(_stated_group(study, arm) for arm in arms),
    )


def _stated_group(study: Study, arm: Arm | None) -> Group:
    name = ALL_GROUPS if arm is None else arm.name
    size = study.design.enrolled if arm is None else arm.size
    return Group(
        id="" if arm is None else arm.id,
        name=name,
        allocation=Box(
            head=Count(_allocated_word(study, name), size), lines=(Count("Received a first dose"),)
        ),
        follow_up=Box(head=Count("Follow-up", counted=False), lines=(Count("Withdrew"), Count("Died"))),
        analysis=Box(head=Count("Analysed")),
    )
