"""Reader of the protocol text that IRCT prints (Iranian Registry of Clinical Trials).

The page's "Protocol summary" to "Sharing plan", saved as text. Summary and full record are both kept. IRCT's XML
export is in ICTRP's form and is read as such.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Literal

from exotrial.core.dates import parse_day_month
from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Quote, Severity
from exotrial.core.identifiers import REGISTRIES
from exotrial.registries import irct_form as form
from exotrial.registries.age_text import read_age_range
from exotrial.registries.irct_parts import (
    read_conditions,
    read_criteria_lists,
    read_ethics,
    read_groups,
    read_outcome_lists,
    read_secondary_ids,
    read_sharing,
    read_sites,
    read_sponsors,
)
from exotrial.registries.irct_people import read_contacts, withhold_people
from exotrial.registries.irct_text import Group, Protocol, read_protocols
from exotrial.registries.irct_values import Notes, read_day, read_whole, translate
from exotrial.registries.masking_text import read_masking
from exotrial.registries.phase_text import read_phase
from exotrial.registries.randomisation_text import read_randomisation
from exotrial.registries.record import (
    Age,
    Loss,
    MaskedRole,
    RecordedSummaryItem,
    RegistryRecord,
    Stated,
    Timing,
)
from exotrial.registries.registry import RecordFile, RegistryReader

NO_NUMBER = ErrorCode(
    "RGR-003",
    "A protocol text of IRCT prints no registration number of IRCT.",
    "save the whole page of the trial; a number is printed like IRCT20201202049568N3.",
)
SAME_NUMBER = ErrorCode(
    "RGR-006",
    "Two protocols of one file claim one registration number.",
    "keep each protocol in a file of its own, named with the day on which it was so.",
)
CUT = ErrorCode(
    "RGR-007",
    "A protocol text of IRCT ends before its general information.",
    "save the whole page of the trial again.",
)

_NUMBER = re.compile(REGISTRIES["irct"].pattern)
_PRINTED = re.compile(r"(\d{1,2} [A-Z][a-z]{2,8}) (\d{4})")
_INFORMATION = (
    "IRCT registration number",
    "Registration date",
    "Registration timing",
    "Last update",
    "Update count",
)
_TIMINGS: dict[str, Timing] = {
    "prospective": "prospective",
    "retrospective": "retrospective",
    "registered_while_recruiting": "registered while recruiting",
    "registered while recruiting": "registered while recruiting",
}
_MODELS = {
    "parallel": "parallel",
    "single": "single group",
    "crossover": "crossover",
    "factorial": "factorial",
}
_ALLOCATIONS = {"randomized": "randomised", "not randomized": "non-randomised", "n/a": "not applicable"}
_SEXES: dict[str, Literal["all", "female", "male"]] = {"both": "all", "female": "female", "male": "male"}
_PURPOSES = {"supportive": "supportive care"}


def _recognises(file: RecordFile) -> bool:
    head = file.data[:4000]
    return form.TITLE.encode() in head and form.REGISTER.encode() in head


def _read(file: RecordFile) -> tuple[RegistryRecord, ...]:
    records = tuple(_record(protocol) for protocol in read_protocols(file))
    seen: dict[str, Stated[str]] = {}
    for record in records:
        number = record.identifier
        if number.value in seen:
            first = seen[number.value].place.line
            problem = f"{number.value} is claimed again, after line {first}"
            raise SAME_NUMBER.refuse(problem, place=number.place, value=number.value)
        seen[number.value] = number
    return records


IRCT = RegistryReader(
    name="irct",
    title="IRCT: protocol as text",
    registry="irct",
    suffixes=(".txt", ".md"),
    citation="IRCT, page of a trial, https://irct.behdasht.gov.ir (as printed in 2026)",
    recognises=_recognises,
    read=_read,
)


def _record(protocol: Protocol) -> RegistryRecord:
    general = next(iter(protocol.groups_of(form.GENERAL)), None)
    if general is None:
        raise CUT.refuse("the protocol has no general information", place=protocol.file.at(protocol.line))
    notes = Notes(source=protocol.file.name)
    _note_emphasis(protocol, notes)
    _note_missing(protocol, notes)
    information = _information(protocol, general)
    number = information.get(_INFORMATION[0])
    if number is None or not _NUMBER.fullmatch(number.value):
        value = number.value if number else ""
        place = number.place if number else protocol.file.at(general.line)
        raise NO_NUMBER.refuse(f"{value!r} is no registration number of IRCT", place=place, value=value)
    contacts = read_contacts(protocol)
    withheld = withhold_people(protocol, contacts)
    record = RegistryRecord(
        registry="irct",
        identifier=number,
        reader="irct",
        source=protocol.file.source,
        as_of=_printed_on(protocol),
        contacts=contacts,
    )
    record = _with_registration(record, protocol, general, information, notes)
    record = _with_design(record, protocol, general)
    record = _with_lists(record, protocol, general, notes)
    return replace(record, findings=tuple(notes.findings), unheld=(*withheld, *_unheld(protocol)))


def _information(protocol: Protocol, general: Group) -> dict[str, Stated[str]]:
    """The labelled lines of the registration information."""
    found = general.fields.get("IRCT registration information")
    if found is None:
        return {}
    found.taken = True
    values = {}
    for number, line in found.lines:
        label, _, words = line.replace("**", "").partition(":")
        if label.strip() in _INFORMATION and words.strip() not in {"", form.EMPTY}:
            place = protocol.file.at(number, path=f"General information / {label.strip()}")
            values[label.strip()] = Stated(value=words.strip(), prints=line, place=place)
    return values


def _printed_on(protocol: Protocol) -> date | None:
    for number, line in protocol.head:
        hit = _PRINTED.fullmatch(line)
        if hit is not None:
            return parse_day_month(hit[1], year=int(hit[2]), place=protocol.file.at(number))
    return None


def _with_registration(
    record: RegistryRecord,
    protocol: Protocol,
    general: Group,
    information: dict[str, Stated[str]],
    notes: Notes,
) -> RegistryRecord:
    registered = read_day(information.get("Registration date"), notes)
    again = read_day(protocol.take(general, "Registration date"), notes)
    if registered and again and registered.value != again.value:
        notes.add(
            "RGG-002",
            Severity.ERROR,
            "cross-field",
            subject="registered",
            says=f"the registration date is {registered.value} and again {again.value}",
            why="Whether a trial was registered before it began hangs on this day.",
            settle="the registration date of the registry's own page.",
            quotes=(notes.quote(registered), notes.quote(again)),
            standards=("TRDS 2",),
        )
    label = information.get("Registration timing")
    timing = translate(_TIMINGS)(label) if label else None
    if timing is None and label is not None:
        notes.add(
            "RGG-003",
            Severity.WARNING,
            "terminology",
            subject="timing_label",
            says=f"the registration timing {label.value!r} is none of IRCT's labels",
            why="The label is compared with the dates.",
            settle="the label of the registry's own page.",
            quotes=(notes.quote(label),),
        )
    starts = {
        which: read_day(protocol.take(general, f"{which} recruitment start date"), notes) for which in _WHEN
    }
    ends = {
        which: read_day(protocol.take(general, f"{which} recruitment end date"), notes) for which in _WHEN
    }
    return replace(
        record,
        registered=registered or again,
        updated=read_day(information.get("Last update"), notes),
        update_count=read_whole(information.get("Update count")),
        timing_label=timing,
        status=protocol.take(general, "Recruitment status"),
        acronym=protocol.take(general, "Acronym"),
        scientific_title=protocol.take(general, "Scientific title"),
        public_title=protocol.take(general, "Public title"),
        start=starts["Actual"] or starts["Expected"],
        start_actual=None if not any(starts.values()) else starts["Actual"] is not None,
        recruitment_end=ends["Actual"] or ends["Expected"],
        completion=read_day(protocol.take(general, "Trial completion date"), notes),
    )


_WHEN = ("Actual", "Expected")


def _with_design(record: RegistryRecord, protocol: Protocol, general: Group) -> RegistryRecord:
    phase = protocol.take(general, "Phase")
    read = read_phase(phase.value) if phase else None
    purpose = protocol.take(general, "Purpose")
    if purpose is not None:
        lower = purpose.value.lower()
        purpose = replace(purpose, value=_PURPOSES.get(lower, lower))
    blinding = protocol.take(general, "Blinding (investigator's opinion)")
    label = read_masking(blinding.value).label if blinding else None
    randomisation = protocol.take(general, "Randomization description")
    how = read_randomisation(randomisation.value) if randomisation else None
    sizes = how.block_sizes if how else ()
    return replace(
        record,
        purpose=purpose,
        phase=replace(phase, value=read.phase if read else phase.value) if phase else None,
        model=_own(protocol.take(general, "Assignment"), _MODELS),
        allocation=_own(protocol.take(general, "Randomization (investigator's opinion)"), _ALLOCATIONS),
        masking=replace(blinding, value=label or blinding.value) if blinding else None,
        masked_roles=protocol.take_as(general, "Groups that have been masked", _read_roles),
        masking_description=protocol.take(general, "Blinding description"),
        placebo=protocol.take_as(general, "Placebo", translate({"used": True, "not used": False})),
        randomisation=randomisation,
        block_sizes=Stated(value=sizes, prints=randomisation.prints, place=randomisation.place)
        if randomisation and sizes
        else None,
        strata=tuple(replace(randomisation, value=words) for words in how.strata)
        if randomisation and how
        else (),
    )


def _read_roles(stated: Stated[str]) -> Stated[tuple[MaskedRole, ...]] | None:
    roles = read_masking(stated.value).roles
    return Stated(value=roles, prints=stated.prints, place=stated.place) if roles else None


def _own(stated: Stated[str] | None, words: dict[str, str]) -> Stated[str] | None:
    """A value in the words of the record, or its own where the record has none for it."""
    return replace(stated, value=words.get(stated.value.lower(), stated.value)) if stated else None


def _with_lists(record: RegistryRecord, protocol: Protocol, general: Group, notes: Notes) -> RegistryRecord:
    summary = next(iter(protocol.groups_of(form.SUMMARY)), None)
    items = [(name, protocol.take(summary, name)) for name in form.SUMMARY.fields]
    kept = tuple(RecordedSummaryItem(heading=name, text=text) for name, text in items if text is not None)
    said = dict(items)
    age = protocol.take(general, "Age")
    low, high = read_age_range(age.value, place=age.place) if age else (None, None)
    size = general.fields.get("Sample size")
    arms, interventions = read_groups(protocol)
    return replace(
        record,
        protocol_summary=kept,
        summary=said["Study aim"],
        description=said["Settings and conduct"],
        age_min=_aged(age, low),
        age_max=_aged(age, high),
        sex=protocol.take_as(general, "Gender", translate(_SEXES)),
        criteria=read_criteria_lists(
            protocol, general, said["Participants/Inclusion and exclusion criteria"], notes
        ),
        target_size=_sample(protocol, general, "Target sample size") if size else None,
        actual_size=_sample(protocol, general, "Actual sample size reached") if size else None,
        secondary_ids=read_secondary_ids(protocol),
        ethics=read_ethics(protocol, notes),
        conditions=read_conditions(protocol),
        outcomes=read_outcome_lists(protocol),
        arms=arms,
        interventions=interventions,
        sites=read_sites(protocol),
        sponsors=read_sponsors(protocol),
        sharing=read_sharing(protocol),
    )


def _aged(stated: Stated[str] | None, age: Age | None) -> Stated[Age] | None:
    return Stated(value=age, prints=stated.prints, place=stated.place) if stated and age else None


def _sample(protocol: Protocol, general: Group, label: str) -> Stated[int] | None:
    """A labelled line of the sample size; a number alone is the target."""
    found = general.fields["Sample size"]
    found.taken = True
    for number, line in found.lines:
        words = line.replace("**", "").strip()
        if words == form.EMPTY:
            continue
        if words.startswith(f"{label}:") or (":" not in words and label.startswith("Target")):
            place = protocol.file.at(number, path=f"General information / {label}")
            value = words.partition(":")[2].strip() or words
            return None if value == form.EMPTY else read_whole(Stated(value=value, prints=line, place=place))
    return None


def _note_emphasis(protocol: Protocol, notes: Notes) -> None:
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


def _note_missing(protocol: Protocol, notes: Notes) -> None:
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


def _unheld(protocol: Protocol) -> tuple[Loss, ...]:
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
