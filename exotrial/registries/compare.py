"""Compare: where two accounts of one trial disagree, with both quotes and the reporting rule that is touched.

The first account is taken for the earlier plan: an outcome that only the second has was added, one that only the
first has was dropped. What one side does not state is no difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from exotrial.core.dates import PartialDate
from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Finding, Quote, Severity, gravest_first
from exotrial.registries.compare_accounts import ITEMS, Account, Doses
from exotrial.registries.compare_outcomes import NamedOutcome, Pair, match_outcomes
from exotrial.registries.record import RecordedOutcome, Stated

OTHER_TRIAL = ErrorCode(
    "CMR-001",
    "Two sources to be compared have no registration number in common.",
    "give sources of one trial; where they are, add the number that is missing to the study file's registrations.",
)

_OUTCOMES = ("ICMJE", "CONSORT 2025 item 14", "SPIRIT 2025 item 16")
_RANK = {"primary": 0, "secondary": 1, "exploratory": 2}


@dataclass(frozen=True, kw_only=True)
class _Item:
    """An item: its rule, its name in words, how grave a difference is, and the reporting rules it touches."""

    rule: str
    words: str
    severity: Severity
    standards: tuple[str, ...]


_CONSORT_DESIGN = ("CONSORT 2025 item 9", "SPIRIT 2025 item 12")
_SIZES = ("TRDS 17", "CONSORT 2025 item 16a", "SPIRIT 2025 item 19")
_ELIGIBILITY = ("TRDS 14", "CONSORT 2025 item 12a", "SPIRIT 2025 item 14a")
_DATES = ("CONSORT 2025 item 23a",)
_RULES = {
    "model": _Item(
        rule="SBS-001", words="design", severity=Severity.ERROR, standards=("TRDS 15", *_CONSORT_DESIGN)
    ),
    "allocation": _Item(
        rule="SBS-002",
        words="allocation",
        severity=Severity.ERROR,
        standards=("TRDS 15", "CONSORT 2025 item 17b", "SPIRIT 2025 item 21b"),
    ),
    "masking": _Item(
        rule="SBS-003",
        words="masking",
        severity=Severity.ERROR,
        standards=("TRDS 15", "CONSORT 2025 item 20a", "SPIRIT 2025 item 24a"),
    ),
    "phase": _Item(rule="SBS-004", words="phase", severity=Severity.INFO, standards=("TRDS 15",)),
    "arms": _Item(
        rule="SBS-005",
        words="number of arms",
        severity=Severity.ERROR,
        standards=("TRDS 13", *_CONSORT_DESIGN),
    ),
    "arm_sizes": _Item(
        rule="SBS-006", words="sizes of the arms", severity=Severity.WARNING, standards=_SIZES
    ),
    "target_size": _Item(rule="SBS-007", words="target size", severity=Severity.WARNING, standards=_SIZES),
    "enrolled": _Item(
        rule="SBS-008", words="number enrolled", severity=Severity.ERROR, standards=("CONSORT 2025 item 22a",)
    ),
    "dose": _Item(
        rule="SBS-022",
        words="dose",
        severity=Severity.ERROR,
        standards=("TRDS 13", "TIDieR item 8", "CONSORT 2025 item 13", "SPIRIT 2025 item 15a"),
    ),
    "age_min": _Item(rule="SBS-009", words="lowest age", severity=Severity.WARNING, standards=_ELIGIBILITY),
    "age_max": _Item(rule="SBS-010", words="highest age", severity=Severity.WARNING, standards=_ELIGIBILITY),
    "sex": _Item(rule="SBS-011", words="sex", severity=Severity.WARNING, standards=_ELIGIBILITY),
    "inclusion_count": _Item(
        rule="SBS-012", words="number of inclusion criteria", severity=Severity.INFO, standards=_ELIGIBILITY
    ),
    "exclusion_count": _Item(
        rule="SBS-013", words="number of exclusion criteria", severity=Severity.INFO, standards=_ELIGIBILITY
    ),
    "inclusion": _Item(
        rule="SBS-020", words="inclusion criteria", severity=Severity.WARNING, standards=_ELIGIBILITY
    ),
    "exclusion": _Item(
        rule="SBS-021", words="exclusion criteria", severity=Severity.WARNING, standards=_ELIGIBILITY
    ),
    "registered": _Item(
        rule="SBS-014", words="day of registration", severity=Severity.WARNING, standards=("TRDS 2", "ICMJE")
    ),
    "start": _Item(
        rule="SBS-015", words="first enrolment", severity=Severity.WARNING, standards=("TRDS 16", *_DATES)
    ),
    "recruitment_end": _Item(
        rule="SBS-016", words="end of recruitment", severity=Severity.WARNING, standards=_DATES
    ),
    "completion": _Item(rule="SBS-017", words="completion", severity=Severity.INFO, standards=("TRDS 22",)),
    "status": _Item(rule="SBS-018", words="status", severity=Severity.INFO, standards=("TRDS 18",)),
}
_COUNTS = {"inclusion_count": "inclusion", "exclusion_count": "exclusion"}
_BEFORE, _SHOWN = 60, 160
"""Letters of a long text that a quote shows: so many before the first difference, so many in all."""
_WORDINGS = ("inclusion", "exclusion")
_ENROLLED_NOT_TARGET = _Item(
    rule="SBS-019", words="planned size and number enrolled", severity=Severity.WARNING, standards=_SIZES
)


def compare_accounts(first: Account, second: Account) -> tuple[Finding, ...]:
    """Every difference of two accounts, the gravest first. Refuses accounts of different trials (CMR-001)."""
    mine, theirs = (
        {number.strip().casefold() for number in one.identifiers if number.strip()} for one in (first, second)
    )
    if not mine & theirs:
        named = " and ".join(", ".join(one.identifiers) or "no number" for one in (first, second))
        raise OTHER_TRIAL.refuse(
            f"{first.who} and {second.who} name {named}, and no number in common", value=named
        )
    found = [*_items(first, second), *_limits(first, second), *_outcomes(first, second)]
    return tuple(gravest_first(list(_told_apart(found))))


def _told_apart(found: Sequence[Finding]) -> Iterator[Finding]:
    """The findings, those of one rule about outcomes of one name numbered in their order."""
    seen: Counter[str] = Counter()
    for finding in found:
        seen[finding.id] += 1
        number = seen[finding.id]
        yield finding if number == 1 else replace(finding, subject=f"{finding.subject} ({number})")


def _items(first: Account, second: Account) -> Iterator[Finding]:
    for item in ITEMS:
        if item in _COUNTS and _COUNTS[item] in first.items and _COUNTS[item] in second.items:
            continue  # where both print their criteria the words decide; how they are broken into lines tells nothing
        one, two = first.items.get(item), second.items.get(item)
        if one is not None and two is not None and _differ(one.value, two.value):
            yield _finding(_RULES[item], item, one, two, first, second)
    for before, after, swapped in ((first, second, False), (second, first, True)):
        planned, done = before.items.get("target_size"), after.items.get("enrolled")
        if planned is None or done is None or "target_size" in after.items or planned.value == done.value:
            continue
        one, two = (done, planned) if swapped else (planned, done)
        yield _finding(_ENROLLED_NOT_TARGET, "enrolled", one, two, first, second)


def _limits(first: Account, second: Account) -> Iterator[Finding]:
    """Limits of one measured value, in one unit and list, that are not the same."""
    for key, (one, said) in first.limits.items():
        told = second.limits.get(key)
        if told is None or told[0].unit != one.unit or told[0].limits == one.limits:
            continue
        two, also_said = told
        name = one.item.replace("_", " ")
        yield Finding(
            rule="SBS-023",
            subject=f"{one.category}.{one.item}",
            severity=Severity.ERROR,
            kind="comparison",
            says=f"limit of {name} ({one.category}): {one} in the {_named(first)}, {two} in the {_named(second)}",
            why="Who may take part is decided by the limit: another limit is another population.",
            settle="which of the two was used, and a dated amendment where it was changed.",
            quotes=(_quote(said, first), _quote(also_said, second)),
            standards=_ELIGIBILITY,
        )


def _differ(one: object, two: object) -> bool:
    if isinstance(one, Doses) and isinstance(two, Doses):
        return one.contradicts(two)
    if isinstance(one, PartialDate) and isinstance(two, PartialDate):
        # A month is no contradiction of a day in it.
        return one.first > two.last or two.first > one.last
    if isinstance(one, str) and isinstance(two, str):
        return " ".join(one.casefold().split()) != " ".join(two.casefold().split())
    return one != two


def _finding(
    rule: _Item, subject: str, one: Stated[object], two: Stated[object], first: Account, second: Account
) -> Finding:
    severity, told = (
        rule.severity,
        f"{rule.words}: {one.value} in the {_named(first)}, {two.value} in the {_named(second)}",
    )
    if subject in _WORDINGS:
        told = f"{rule.words}: other words in the {_named(second)} than in the {_named(first)}"
        if _is_cut(str(one.value), str(two.value)):
            severity = Severity.INFO
            cut = first if len(str(one.value)) < len(str(two.value)) else second
            told = f"{rule.words}: cut short in the {_named(cut)}, else the same"
        one, two = _where_they_part(one, two)
    return Finding(
        rule=rule.rule,
        subject=subject,
        severity=severity,
        kind="comparison",
        says=told,
        why="What was registered, planned and done can only be judged where all sources tell the same, or why not.",
        settle="which of the two is right, and a dated amendment where something was changed.",
        quotes=(_quote(one, first), _quote(two, second)),
        standards=rule.standards,
    )


def _is_cut(one: str, two: str) -> bool:
    """Whether one text is the beginning of the other: an export that cuts its cells, and no change by anybody."""
    shorter, longer = sorted((one, two), key=len)
    return longer.startswith(shorter)


def _where_they_part(one: Stated[object], two: Stated[object]) -> tuple[Stated[object], Stated[object]]:
    """Both texts from a little before their first difference, cut to what a reader can take in."""
    alike = next((i for i, (a, b) in enumerate(zip(one.prints, two.prints, strict=False)) if a != b), None)
    start = max(0, (min(len(one.prints), len(two.prints)) if alike is None else alike) - _BEFORE)

    def shown(text: str) -> str:
        end = start + _SHOWN
        return ("… " if start else "") + text[start:end] + (" …" if len(text) > end else "")

    return replace(one, prints=shown(one.prints)), replace(two, prints=shown(two.prints))


def _outcomes(first: Account, second: Account) -> Iterator[Finding]:
    if first.outcomes is None or second.outcomes is None:
        return
    for pair in match_outcomes(first.outcomes, second.outcomes):
        if pair.first is None or pair.second is None:
            if (first if pair.first is None else second).tells_all_outcomes:
                yield _alone(pair, first, second)
        else:
            yield from _both(pair.first.outcome, pair.second.outcome, first, second)


def _alone(pair: Pair, first: Account, second: Account) -> Finding:
    told, holder, lacks = (
        (pair.first, first, second) if pair.first is not None else (pair.second, second, first)
    )
    assert isinstance(told, NamedOutcome)  # a pair has at least one side
    outcome = told.outcome
    dropped = holder is first
    grave = outcome.level == "primary"
    verb = "dropped" if dropped else "added"
    return _outcome_finding(
        rule="SBS-031" if dropped else "SBS-030",
        severity=Severity.ERROR if grave else Severity.WARNING if dropped else Severity.INFO,
        outcome=outcome,
        says=f"{outcome.level} outcome {verb}: “{outcome.name.prints}” is in the {_named(holder)}, "
        f"and nothing like it in the {_named(lacks)}",
        quotes=(_quote(outcome.name, holder),),
    )


def _both(one: RecordedOutcome, two: RecordedOutcome, first: Account, second: Account) -> Iterator[Finding]:
    quotes = (_quote(one.name, first), _quote(two.name, second))
    name = f"“{one.name.prints}”"
    if one.level != two.level:
        before, after = _RANK.get(one.level), _RANK.get(two.level)
        primary = "primary" in (one.level, two.level)
        verb = "moved" if before is None or after is None else "promoted" if after < before else "demoted"
        yield _outcome_finding(
            rule="SBS-032" if verb == "promoted" else "SBS-033" if verb == "demoted" else "SBS-034",
            severity=Severity.ERROR if primary else Severity.WARNING,
            outcome=one,
            says=f"outcome {verb}: {name} is {one.level} in the {_named(first)}, "
            f"{two.level} in the {_named(second)} (“{two.name.prints}”)",
            quotes=quotes,
        )
    times = [(out.days, out.horizon_days) for out in (one, two)]
    same_words = one.time_frame and two.time_frame and not _differ(one.time_frame.value, two.time_frame.value)
    if all(any(time) for time in times) and times[0] != times[1] and not same_words:
        yield _outcome_finding(
            rule="SBS-035",
            severity=Severity.ERROR if one.level == "primary" else Severity.WARNING,
            outcome=one,
            says=f"time points of {name}: {_times(one)} in the {_named(first)}, "
            f"{_times(two)} in the {_named(second)}",
            quotes=(_quote(one.time_frame or one.name, first), _quote(two.time_frame or two.name, second)),
        )
    if one.method and two.method and _differ(one.method.value, two.method.value):
        yield _outcome_finding(
            rule="SBS-036",
            severity=Severity.INFO,
            outcome=one,
            says=f"the method of {name} is told in other words",
            quotes=(_quote(one.method, first), _quote(two.method, second)),
        )


def _outcome_finding(
    *, rule: str, severity: Severity, outcome: RecordedOutcome, says: str, quotes: tuple[Quote, ...]
) -> Finding:
    return Finding(
        rule=rule,
        subject=outcome.name.value,
        severity=severity,
        kind="comparison",
        says=says,
        why="Outcomes chosen, dropped or moved after the data are known make chance findings look planned.",
        settle="a dated amendment that gives the reason, made before the data were seen.",
        quotes=quotes,
        standards=_OUTCOMES,
    )


def _times(outcome: RecordedOutcome) -> str:
    if outcome.days:
        return "day " + ", ".join(str(day) for day in outcome.days)
    return f"within {outcome.horizon_days} days"


def _named(account: Account) -> str:
    return f"{account.who} of {account.as_of}" if account.as_of else account.who


def _quote(stated: Stated[object] | Stated[str], account: Account) -> Quote:
    place = stated.place
    return Quote(
        source=f"{_named(account)} ({place.file})", prints=stated.prints, line=place.line, place=place.path
    )
