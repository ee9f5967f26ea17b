"""Doses given against doses planned: shares and particles of each, the course so far, and what is to be asked (DSF).

TIDieR items 11 and 12 (Hoffmann TC, et al. BMJ 2014;348:g1687): fidelity planned and actual. The intervals of plans
from one batch share its concentration, so that their ends add and not their squares (JCGM 100:2008, 5.2.2, r = 1).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from exotrial.core.findings import Finding, Severity
from exotrial.product.dose import MOST_OFF, is_above, planned_administrations
from exotrial.study.definition.dosing import Dose, Schedule


@dataclass(frozen=True, kw_only=True)
class PreparedDose:
    """A plan as far as giving it goes: the volume prepared, and the particles in it with their interval.

    `wanted` is what the rule asks for; `wanted` and `particles` are None where nothing is counted, as in a placebo.
    """

    number: int
    planned_at: datetime
    total_ml: float
    wanted: float | None = None
    particles: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class GivenDose:
    """A dose as it was recorded; `day` is that of the site, `plan` the number of its plan, None where it had none."""

    number: int
    begun_at: datetime
    day: date
    complete: bool
    plan: int | None = None
    given_ml: float | None = None


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """One dose with its plan: which share of the prepared volume was given, and the particles in that share.

    `share` is None where neither an amount nor “complete” tells it; particles are None where they are not known.
    """

    dose: GivenDose
    plan: PreparedDose | None
    share: float | None
    particles: float | None
    low: float | None
    high: float | None

    @property
    def is_partial(self) -> bool:
        return self.share < 1 if self.share is not None else not self.dose.complete


@dataclass(frozen=True, kw_only=True)
class CumulativeDose:
    """A participant's course. `particles` (with `low`, `high`) is None where one dose's are not known.

    `administrations` and `planned` are those of the whole course, None where the study file does not say how many;
    `missed` is counted up to a day, None where that cannot be told. `share` is of `planned`.
    """

    doses: tuple[Delivered, ...]
    administrations: int | None
    planned: float | None
    particles: float | None
    low: float | None
    high: float | None
    share: float | None
    missed: int | None
    repeated: tuple[int, ...]
    partial: tuple[int, ...]
    unknown: tuple[int, ...]


def compute_delivered(dose: GivenDose, plan: PreparedDose | None) -> Delivered:
    """The share of the prepared volume that was given, and the particles in it: as large a share of those planned."""
    share: float | None = None
    if dose.given_ml is not None and plan is not None:
        share = dose.given_ml / plan.total_ml
    elif dose.given_ml is None and dose.complete:
        share = 1.0

    def part(value: float | None) -> float | None:
        return None if value is None or share is None else share * value

    return Delivered(
        dose=dose,
        plan=plan,
        share=share,
        particles=part(plan.particles if plan else None),
        low=part(plan.low if plan else None),
        high=part(plan.high if plan else None),
    )


def compute_cumulative_dose(
    doses: Sequence[GivenDose],
    plans: Sequence[PreparedDose],
    *,
    schedule: Schedule | None,
    until: date | None = None,
    ended: bool = False,
) -> CumulativeDose:
    """Planned against given: `until` is the last whole day that counts, `ended` whether treatment is over."""
    by_number = {one.number: one for one in plans}
    found = tuple(
        compute_delivered(one, by_number.get(one.plan) if one.plan is not None else None)
        for one in sorted(doses, key=lambda one: (one.begun_at, one.number))
    )
    times = None if schedule is None else planned_administrations(schedule)
    planned = _planned(found, times)
    particles = _sum(one.particles for one in found)
    return CumulativeDose(
        doses=found,
        administrations=times,
        planned=planned,
        particles=particles,
        low=None if particles is None else _sum(one.low for one in found),
        high=None if particles is None else _sum(one.high for one in found),
        share=None if not planned or particles is None else particles / planned,
        missed=_missed(found, schedule, until=until, ended=ended),
        repeated=_repeated(found, schedule),
        partial=tuple(one.dose.number for one in found if one.is_partial),
        unknown=tuple(one.dose.number for one in found if one.share is None or one.plan is None),
    )


def check_doses(
    course: CumulativeDose, *, rule: Dose | None, participant: str, most_off: float | None = None
) -> list[Finding]:
    """What is to be asked of a participant's doses (DSF-001 to DSF-008), in the order of the doses.

    `rule` is the dose rule of what the participant is given, None where it has none; `most_off` is the share by which
    a dose may differ from its plan, else the rule's, else 5 %.
    """
    limit = most_off if most_off is not None else limit_of(rule)
    found = [one for each in course.doses for one in _of_one(each, rule, limit, participant)]
    found += [
        _finding(
            "DSF-004",
            participant,
            number,
            Severity.ERROR,
            "is one more than the plan or the schedule has",
            why="A dose given twice is an overdose; a record made twice is a dose that nobody had.",
            settle="The dosing log of that day: given twice, or written down twice.",
        )
        for number in course.repeated
    ]
    if course.missed:
        found.append(
            Finding(
                rule="DSF-006",
                subject=participant,
                severity=Severity.WARNING,
                kind="dose",
                says=f"{participant}: {course.missed} of {course.administrations} doses were not given",
                why="Who had fewer doses than planned had another course than the one that is reported.",
                settle="Why each was not given, as a deviation.",
            )
        )
    return found


def check_given_volume(
    given_ml: float | None, *, total_ml: float, complete: bool, most_off: float
) -> tuple[str, ...]:
    """What stands against one dose by its volume alone, in words, with the rule's id: DSF-001, DSF-005, DSF-007.

    It looks at the volume that everybody sees and at no particle, so that it says the same whatever is in the kit.
    """
    if given_ml is None:
        return () if complete else ("DSF-005: not all was given, and it is not recorded how much",)
    share = given_ml / total_ml
    said = []
    if _is_off(share, most_off):
        said.append(
            f"DSF-001: {given_ml:g} mL were given and {total_ml:g} mL planned: {share - 1:+.1%}; "
            f"{most_off:.1%} is allowed"
        )
    if complete is not (share >= 1 - most_off):
        said.append(f"DSF-007: {_said(complete=complete)}, and {given_ml:g} of {total_ml:g} mL were given")
    return tuple(said)


def limit_of(rule: Dose | None) -> float:
    """The share by which a dose may differ from what is planned: the rule's, else 5 %."""
    if rule is None or rule.most_off is None:
        return MOST_OFF
    return float(rule.most_off.to("%").value) / 100


def _of_one(each: Delivered, rule: Dose | None, limit: float, who: str) -> Iterator[Finding]:
    dose, plan, number = each.dose, each.plan, each.dose.number
    if plan is None:
        if rule is not None:
            yield _finding(
                "DSF-003",
                who,
                number,
                Severity.WARNING,
                "has no plan, and the study file has a dose rule",
                why="Without a plan nobody can tell how many particles were given.",
                settle="Which plan it was prepared by, or that there was none, as a deviation.",
            )
        return
    if plan.planned_at > dose.begun_at:
        yield _finding(
            "DSF-008",
            who,
            number,
            Severity.ERROR,
            f"began at {dose.begun_at.isoformat()}, before it was planned at {plan.planned_at.isoformat()}",
            why="A plan that is made after the dose tells what should have been given, not what was.",
            settle="How the dose was prepared, from the preparer's own notes.",
        )
    wanted = plan.wanted
    off = each.share if wanted is None or each.particles is None else each.particles / wanted
    if off is not None and _is_off(off, limit):
        amounts = "" if each.particles is None else f" ({each.particles:.3g} particles for {wanted:.3g})"
        yield _finding(
            "DSF-001",
            who,
            number,
            Severity.ERROR,
            f"differs from its plan by {off - 1:+.1%}{amounts}; {limit:.1%} is allowed",
            why="Efficacy and safety are claimed for the dose of the protocol.",
            settle="Why, as a deviation; what was left of the prepared volume.",
        )
    cap = None if rule is None else rule.at_most
    if cap is not None and each.particles is not None and is_above(each.particles, cap):
        yield _finding(
            "DSF-002",
            who,
            number,
            Severity.ERROR,
            f"held {each.particles:.4g} particles; at most {float(cap.value):.4g} are allowed",
            why="The limit stands for what is known to be safe.",
            settle="The participant's state, now; a deviation, and whom the protocol tells to inform.",
        )
    if each.share is None:
        yield _finding(
            "DSF-005",
            who,
            number,
            Severity.WARNING,
            "was not all given, and it is not recorded how much",
            why="The total that the participant received cannot be computed.",
            settle="The volume that was given, or what was left of it.",
        )
    elif dose.given_ml is not None and dose.complete is not (each.share >= 1 - limit):
        yield _finding(
            "DSF-007",
            who,
            number,
            Severity.WARNING,
            f"is recorded as {_said(complete=dose.complete)}, and {dose.given_ml:g} of {plan.total_ml:g} mL were given",
            why="One of the two is wrong, and the total rests on it.",
            settle="The volume that was given, or what was left of it.",
        )


def _is_off(ratio: float, limit: float) -> bool:
    return abs(ratio - 1) > limit + 1e-9


def _said(*, complete: bool) -> str:
    return "complete" if complete else "not complete"


def _planned(found: Sequence[Delivered], times: int | None) -> float | None:
    """Particles of the whole course: each plan's own, and the last plan's for what is still to come or was missed."""
    wanted = [one.plan.wanted if one.plan else None for one in found]
    if times is None or not wanted or any(one is None for one in wanted):
        return None
    known = [one for one in wanted if one is not None][:times]
    return math.fsum(known) + known[-1] * (times - len(known)) if known else None


def _sum(values: Iterator[float | None]) -> float | None:
    told = list(values)
    known = [one for one in told if one is not None]
    return math.fsum(known) if known and len(known) == len(told) else None


def _daily(schedule: Schedule) -> int | None:
    return schedule.times_per_day or len(schedule.clock_times) or (1 if schedule.days is not None else None)


def _missed(
    found: Sequence[Delivered], schedule: Schedule | None, *, until: date | None, ended: bool
) -> int | None:
    times = None if schedule is None else planned_administrations(schedule)
    if schedule is None or times is None or not found:
        return None
    if ended:
        return max(0, times - len(found))
    daily = _daily(schedule) if schedule.days is not None else None
    if until is None or daily is None:
        return None
    days = (until - found[0].dose.day).days + 1
    due = min(times, daily * max(0, days))
    return max(0, due - sum(one.dose.day <= until for one in found))


def _repeated(found: Sequence[Delivered], schedule: Schedule | None) -> tuple[int, ...]:
    """Doses beyond their plan, their day or the course, each told once."""
    plans: set[int] = set()
    days: Counter[date] = Counter()
    daily = None if schedule is None else _daily(schedule)
    times = None if schedule is None else planned_administrations(schedule)
    more: list[int] = []
    for position, one in enumerate(found, 1):
        dose = one.dose
        days[dose.day] += 1
        again = dose.plan is not None and dose.plan in plans
        if dose.plan is not None:
            plans.add(dose.plan)
        over = (daily is not None and days[dose.day] > daily) or (times is not None and position > times)
        if again or over:
            more.append(dose.number)
    return tuple(more)


def _finding(
    rule: str, who: str, number: int, severity: Severity, says: str, *, why: str, settle: str
) -> Finding:
    return Finding(
        rule=rule,
        subject=f"{who}/dose {number}",
        severity=severity,
        kind="dose",
        says=f"{who}: dose {number} {says}",
        why=why,
        settle=settle,
    )
