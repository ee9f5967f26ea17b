"""Doubts about form records when they are made into captured tables (ICH E6(R3) 4.2.2): what did not fit, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from exotrial.core.findings import Finding, Quote, Severity

SEVERAL_TIMES = frozenset({"ct", "pcr negative"})
"""Events that a participant may have on several days."""
_MOST_QUOTES = 3
_STANDARD = ("ICH E6(R3) 4.2.2",)


def check_demographics(
    known: Mapping[str, tuple[str, int | None]], told: Mapping[str, tuple[str, int | None]]
) -> Iterator[Finding]:
    """Sex and age on the form that are not those of the participant's row; the row's stand in the table."""
    odd = [
        (who, f"{word} {own!r}, and on the form {other!r}")
        for who, (sex, age) in told.items()
        for word, own, other in (("sex", known[who][0], sex), ("age", known[who][1], age))
        if own not in ("", None) and other not in ("", None) and own != other
    ]
    if odd:
        yield Finding(
            rule="RCF-004",
            subject="participants",
            severity=Severity.ERROR,
            kind="data",
            says=f"in {_count(len(odd), 'value')} sex or age on the form is another than at screening",
            why="One of the two is wrong, or two people's data are in one record.",
            settle="sex and age as the source document has them.",
            quotes=_quotes("F.DEMOGRAPHICS", odd),
            standards=_STANDARD,
        )


def check_several_values(several: Sequence[tuple[str, str, str, str]]) -> Iterator[Finding]:
    """Several values of a measure at one visit and date: none stands in the table, since nothing decides."""
    if several:
        yield Finding(
            rule="RCF-005",
            subject="measurements",
            severity=Severity.ERROR,
            kind="data",
            says=f"at {_count(len(several), 'visit')} a measure has several values that differ",
            why="Nothing says which of them counts, and the first or the best is a choice made after the fact.",
            settle="the value that the protocol means, or the repeats under visits or dates of their own.",
            quotes=_quotes(
                "measurements",
                [(f"{who} {code} {visit}".strip(), shown) for who, code, visit, shown in several],
            ),
            standards=_STANDARD,
        )


def check_contradicting_events(events: Sequence[tuple[str, str, date, str]]) -> Iterator[Finding]:
    """An event that happens once and has several dates; all of them stand in the table."""
    dates: dict[tuple[str, str], set[date]] = {}
    for who, event, on, _ in events:
        if event not in SEVERAL_TIMES:
            dates.setdefault((who, event), set()).add(on)
    odd = [
        (f"{who} {event}", ", ".join(on.isoformat() for on in sorted(own)))
        for (who, event), own in dates.items()
        if len(own) > 1
    ]
    if odd:
        yield Finding(
            rule="RCF-006",
            subject="events",
            severity=Severity.ERROR,
            kind="temporal",
            says=f"{_count(len(odd), 'event')} with several dates",
            why="Every duration that is counted from the event depends on which date is right.",
            settle="the date as the source document has it.",
            quotes=_quotes("events", odd),
            standards=_STANDARD,
        )


def check_unplaced(unplaced: Mapping[tuple[str, str], int]) -> Iterator[Finding]:
    """Values that no table has a place for, one finding a form: they stay in the records."""
    by_form: dict[str, dict[str, int]] = {}
    for (form, oid), count in unplaced.items():
        by_form.setdefault(form, {})[oid] = count
    for form, counts in sorted(by_form.items()):
        yield Finding(
            rule="RCF-007",
            subject=form,
            severity=Severity.INFO,
            kind="data",
            says=f"{_count(sum(counts.values()), 'value')} of {form} have no place in the captured tables",
            why="A report reads the tables alone and says nothing of these.",
            settle="the records themselves, in the archive of the study.",
            quotes=_quotes(form, [(oid, f"{count} values") for oid, count in sorted(counts.items())]),
        )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _quotes(source: str, rows: list[tuple[str, str]]) -> tuple[Quote, ...]:
    return tuple(Quote(source=source, place=place, prints=prints) for place, prints in rows[:_MOST_QUOTES])
