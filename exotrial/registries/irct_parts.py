"""The numbered lists of an IRCT protocol: ethics, conditions, outcomes, groups, centres, sponsors, sharing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from exotrial.core.findings import Severity
from exotrial.core.identifiers import guess_registry
from exotrial.registries import irct_form as form
from exotrial.registries.eligibility_text import (
    Category,
    is_divided_by_capitals,
    read_criteria,
    split_criteria,
    split_eligibility,
)
from exotrial.registries.irct_text import Group, Protocol
from exotrial.registries.irct_values import Notes, read_answer, read_day, read_percent
from exotrial.registries.outcome_text import make_outcome
from exotrial.registries.record import (
    Level,
    RecordedArm,
    RecordedCondition,
    RecordedCriterion,
    RecordedEthics,
    RecordedIntervention,
    RecordedOutcome,
    RecordedSharing,
    RecordedSite,
    RecordedSponsor,
    Stated,
)

_ARM = re.compile(r"(?P<name>[^:\n]{0,40}\b(?:group|arm)\b[^:\n]{0,20}):\s*", re.IGNORECASE)
_ADDRESS = ("Street address", "City", "Province", "Country", "Postal code")
_HEADINGS = re.compile(r"(?im)^\s*(inclusion|exclusion) criteria:?\s*")


def read_criteria_lists(
    protocol: Protocol, general: Group, summary: Stated[str] | None, notes: Notes
) -> tuple[RecordedCriterion, ...]:
    """The criteria of the full record, each with the line it begins on; a summary that counts others is a finding."""
    found = general.fields.get("Inclusion/Exclusion criteria")
    stated = protocol.take(general, "Inclusion/Exclusion criteria")
    if found is None or stated is None:
        return ()
    criteria: list[RecordedCriterion] = []
    category: Category | None = None
    texts: dict[Category, list[tuple[int, str]]] = {"inclusion": [], "exclusion": []}
    for number, line in found.lines:
        heading = _HEADINGS.match(line)
        if heading is not None:
            category = "inclusion" if heading[1].lower() == "inclusion" else "exclusion"
            line = line[heading.end() :]
        if category is not None and line.strip():
            texts[category].append((number, line))
    for which, lines in texts.items():
        if lines:
            place = protocol.file.at(lines[0][0], path=f"General information / {which} criteria")
            text = "\n".join(line for _, line in lines)
            criteria.extend(_at_lines(protocol, read_criteria(text, which, place=place), lines))
            if is_divided_by_capitals(text):
                _note_division(which, Stated(value=text, prints=text, place=place), notes)
    if summary is not None:
        _compare_counts(summary, stated, criteria, notes)
    return tuple(criteria)


def _at_lines(
    protocol: Protocol, criteria: tuple[RecordedCriterion, ...], lines: list[tuple[int, str]]
) -> Iterator[RecordedCriterion]:
    """The criteria, each at the line on which it begins."""
    position = 0
    for criterion in criteria:
        begins = criterion.text.value[:_BEGINNING]
        found = (n for n in range(position, len(lines)) if begins in " ".join(lines[n][1].split()))
        position = next(found, position)
        place = protocol.file.at(lines[position][0], path=criterion.text.place.path)
        yield replace(criterion, text=replace(criterion.text, place=place))


_BEGINNING = 25
"""Letters that tell the beginning of one criterion from that of another."""


def _note_division(which: Category, stated: Stated[str], notes: Notes) -> None:
    notes.add(
        "RGG-005",
        Severity.INFO,
        "text",
        subject=which,
        says=f"the {which} criteria are printed without numbers or breaks; they were divided at capital letters",
        why="Where one criterion ends is then a reading: a part may belong to its neighbour.",
        settle="the list of the registry's own page.",
        quotes=(notes.quote(stated),),
        standards=("TRDS 14",),
    )


def _compare_counts(
    summary: Stated[str], full: Stated[str], criteria: list[RecordedCriterion], notes: Notes
) -> None:
    parts = split_eligibility(summary.value)
    printed = {"inclusion": parts.inclusion, "exclusion": parts.exclusion}
    for which, text in printed.items():
        short = len(split_criteria(text)) if text is not None else 0
        whole = sum(criterion.category == which for criterion in criteria)
        if short and whole and short != whole:
            notes.add(
                "RGG-004",
                Severity.WARNING,
                "cross-field",
                subject=which,
                says=f"the summary has {short} {which} criteria and the full record {whole}",
                why="Whoever reads only the summary screens by other criteria.",
                settle="one list of criteria in both places.",
                quotes=(
                    notes.quote(summary),
                    notes.quote(full),
                ),
                standards=("TRDS 14",),
            )


def read_secondary_ids(protocol: Protocol) -> tuple[Stated[str], ...]:
    """The words of the section that have the form of a trial number; the rest stays unheld."""
    found = []
    for group in protocol.groups_of(form.SECONDARY_IDS):
        for field in group.fields.values():
            for number, line in field.lines:
                for word in line.replace("**", "").split():
                    if guess_registry(word.strip(",;")):
                        place = protocol.file.at(number, path=form.SECONDARY_IDS.heading)
                        found.append(Stated(value=word.strip(",;"), prints=line, place=place))
                        field.taken = True
    return tuple(found)


def read_ethics(protocol: Protocol, notes: Notes) -> tuple[RecordedEthics, ...]:
    """The ethics committees with their decision and address; a section left empty gives none."""
    decisions = (
        RecordedEthics(
            committee=protocol.take(group, "Name of ethics committee"),
            reference=protocol.take(group, "Ethics committee reference number"),
            approved=read_day(protocol.take(group, "Approval date"), notes),
            address=_join(protocol, group),
        )
        for group in protocol.groups_of(form.ETHICS)
    )
    return tuple(decision for decision in decisions if decision != RecordedEthics())


def _join(protocol: Protocol, group: Group) -> Stated[str] | None:
    parts = [part for name in _ADDRESS if (part := protocol.take(group, name)) is not None]
    if not parts:
        return None
    words = [part.value for part in parts]
    return Stated(
        value=", ".join(words), prints="\n".join(part.prints for part in parts), place=parts[0].place
    )


def read_conditions(protocol: Protocol) -> tuple[RecordedCondition, ...]:
    """The health conditions, each with its code."""
    return tuple(
        RecordedCondition(
            name=name,
            code=protocol.take(group, "ICD-10 code"),
            code_text=protocol.take(group, "ICD-10 code description"),
        )
        for group in protocol.groups_of(form.CONDITIONS)
        if (name := protocol.take(group, "Description of health condition studied")) is not None
    )


def read_outcome_lists(protocol: Protocol) -> tuple[RecordedOutcome, ...]:
    """The primary outcomes, then the secondary ones."""
    levels: tuple[tuple[form.Section, Level], ...] = (
        (form.PRIMARY, "primary"),
        (form.SECONDARY, "secondary"),
    )
    return tuple(
        make_outcome(
            level,
            name=name,
            time_frame=protocol.take(group, "Timepoint"),
            method=protocol.take(group, "Method of measurement"),
        )
        for section, level in levels
        for group in protocol.groups_of(section)
        if (name := protocol.take(group, "Description")) is not None
    )


def read_groups(protocol: Protocol) -> tuple[tuple[RecordedArm, ...], tuple[RecordedIntervention, ...]]:
    """The groups: IRCT describes arm and treatment in one text, whose first words name the arm (`Control group:`)."""
    arms, interventions = [], []
    for position, group in enumerate(protocol.groups_of(form.GROUPS), start=1):
        description = protocol.take(group, "Description")
        category = protocol.take(group, "Category")
        if description is None:
            continue
        named = _ARM.match(description.value)
        name = replace(description, value=named["name"].strip() if named else f"Group {position}")
        arms.append(RecordedArm(name=name, description=description, interventions=(name.value,)))
        interventions.append(RecordedIntervention(name=name, kind=category, description=description))
    return tuple(arms), tuple(interventions)


def read_sites(protocol: Protocol) -> tuple[RecordedSite, ...]:
    """The recruitment centres."""
    return tuple(
        RecordedSite(name=name, city=protocol.take(group, "City"), country=protocol.take(group, "Country"))
        for group in protocol.groups_of(form.CENTRES)
        if (name := protocol.take(group, "Name of recruitment center")) is not None
    )


def read_sponsors(protocol: Protocol) -> tuple[RecordedSponsor, ...]:
    """The sponsors, and beside each the source of its funding where one is named."""
    found = []
    for group in protocol.groups_of(form.SPONSORS):
        sponsor = protocol.take(group, "Name of organization / entity")
        if sponsor is not None:
            found.append(RecordedSponsor(name=sponsor, role="sponsor"))
        funder = protocol.take(group, "Title of funding source")
        if funder is not None:
            found.append(
                RecordedSponsor(
                    name=funder,
                    role="funder",
                    kind=protocol.take(group, "Type of organization providing the funding"),
                    share=read_percent(protocol.take(group, "Proportion provided by this source")),
                )
            )
    return tuple(found)


def read_sharing(protocol: Protocol) -> RecordedSharing | None:
    """The sharing plan; None where the text has none of its fields."""
    group = next(iter(protocol.groups_of(form.SHARING)), None)
    if group is None:
        return None
    shared = []
    for name in form.DOCUMENTS:
        answer = protocol.take_as(group, name, read_answer)
        if answer is not None and answer.value:
            shared.append(Stated(value=name, prints=answer.prints, place=answer.place))
    sharing = RecordedSharing(
        participant_data=protocol.take_as(
            group, "Deidentified Individual Participant Data Set (IPD)", read_answer
        ),
        description=protocol.take(group, "Title and more details about the data/document"),
        documents=tuple(shared),
        period=protocol.take(group, "When the data will become available and for how long"),
        audience=protocol.take(group, "To whom data/document is available"),
        obtainable_from=protocol.take(group, "From where data/document is obtainable"),
    )
    return sharing if sharing != RecordedSharing() else None
