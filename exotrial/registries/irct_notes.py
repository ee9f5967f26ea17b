"""What is noted of an IRCT protocol as a whole: emphasis, a cut end, fields that the record has no place for."""

from __future__ import annotations

from exotrial.core.findings import Quote, Severity
from exotrial.registries import irct_form as form
from exotrial.registries.irct_text import Protocol
from exotrial.registries.irct_values import Notes
from exotrial.registries.record import Loss


def note_emphasis(protocol: Protocol, notes: Notes) -> None:
    """Asterisks around values, left over from a page turned into text."""
    quotes = tuple(
        Quote(source=notes.source, prints=line, line=number, place=group.name)
        for group in protocol.groups
        for found in group.fields.values()
        for number, line in found.lines
        if "**" in line
    )
    if quotes:
        notes.add(
            "TXT-004",
            Severity.INFO,
            "text",
            subject="emphasis",
            says=f"{len(quotes)} lines print values between asterisks; they were read without them",
            why="A number between asterisks is not found by its value.",
            settle="the value alone.",
            quotes=quotes[:3],
            standards=("text extraction",),
        )


def note_missing(protocol: Protocol, notes: Notes) -> None:
    """A section that is not printed, or a last heading that is not reached, may have been cut off."""
    missing = [section.heading for section in form.SECTIONS if not protocol.groups_of(section)]
    if not missing and not any(
        form.SHARING.fields[-1] in group.fields for group in protocol.groups_of(form.SHARING)
    ):
        missing = [f"{form.SHARING.heading} / {form.SHARING.fields[-1]}"]
    if missing:
        last = protocol.groups[-1]
        notes.add(
            "RGG-001",
            Severity.WARNING,
            "record",
            subject="sections",
            says=f"the protocol does not print {', '.join(missing)}: it may be cut",
            why="What is not printed was not read, and looks like a field left empty.",
            settle="the whole page of the trial, saved again.",
            quotes=(Quote(source=notes.source, prints=last.section.heading, line=last.line),),
        )


_LONGEST = 120


def find_unheld(protocol: Protocol) -> tuple[Loss, ...]:
    """Every field with words that nothing of the record took."""
    lost = []
    for group in protocol.groups:
        for name, found in group.fields.items():
            if found.taken or not found.words:
                continue
            words = found.words if len(found.words) <= _LONGEST else f"{found.words[: _LONGEST - 1]}…"
            item = f"{group.name} / {name}" if name else group.name
            why = "the record has no field for it"
            lost.append(Loss(item=item, prints=words, why=why, place=protocol.place(group, name)))
    return tuple(lost)
