"""Reader of the protocol text that IRCT prints (Iranian Registry of Clinical Trials).

The page's "Protocol summary" to "Sharing plan", saved as text. Summary and full record are both kept. IRCT's XML
export is in ICTRP's form and is read as such.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Literal

from exotrial.core.dates import PartialDate, parse_day_month
from exotrial.core.errors import ErrorCode
from exotrial.core.findings import Severity
from exotrial.core.identifiers import REGISTRIES
from exotrial.registries import irct_form as form
from exotrial.registries.age_text import read_age_range
from exotrial.registries.irct_notes import find_unheld, note_emphasis, note_missing
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
from exotrial.registries.irct_people import read_contacts, withhold_people, withhold_swallowed
from exotrial.registries.irct_text import Group, Protocol, read_protocols
from exotrial.registries.irct_values import Notes, read_day, read_whole, translate
from exotrial.registries.masking_text import read_masking
from exotrial.registries.phase_text import read_phase
from exotrial.registries.randomisation_text import read_randomisation
from exotrial.registries.record import (
    Age,
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
    note_emphasis(protocol, notes)
    note_missing(protocol, notes)
    information = _information(protocol, general)
    number = information.get(_INFORMATION[0])
    if number is None or not _NUMBER.fullmatch(number.value):
        value = number.value if number else ""
        place = number.place if number else protocol.file.at(general.line)
        raise NO_NUMBER.refuse(f"{value!r} is no registration number of IRCT", place=place, value=value)
    swallowed = withhold_swallowed(protocol)
    contacts = read_contacts(protocol)
    withheld = (*swallowed, *withhold_people(protocol, contacts))
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
    return replace(record, findings=tuple(notes.findings), unheld=(*withheld, *find_unheld(protocol)))


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
    start, start_actual = _recruitment_day(protocol, general, "start", notes)
    end, _ = _recruitment_day(protocol, general, "end", notes)
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
        start=start,
        start_actual=start_actual,
        recruitment_end=end,
        completion=read_day(protocol.take(general, "Trial completion date"), notes),
    )


def _recruitment_day(
    protocol: Protocol, general: Group, which: str, notes: Notes
) -> tuple[Stated[PartialDate] | None, bool | None]:
    """The actual day and True, or the expected one and False; an expected day beside an actual one stays unheld."""
    actual = read_day(protocol.take(general, f"Actual recruitment {which} date"), notes)
    expected = read_day(protocol.take(general, f"Expected recruitment {which} date"), notes)
    if actual is not None and expected is not None:
        general.fields[f"Expected recruitment {which} date"].taken = False
    stated = actual or expected
    return stated, None if stated is None else actual is not None


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
        block_sizes=_sizes(randomisation),
        strata=tuple(replace(randomisation, value=words) for words in how.strata)
        if randomisation and how
        else (),
    )


def _sizes(randomisation: Stated[str] | None) -> Stated[tuple[int, ...]] | None:
    """The block sizes, with the sentence that names them where one does."""
    sizes = read_randomisation(randomisation.value).block_sizes if randomisation else ()
    if randomisation is None or not sizes:
        return None
    sentences = re.split(r"(?<=[A-Za-z)\d])\.\s+", randomisation.value)
    own = (words for words in sentences if read_randomisation(words).block_sizes == sizes)
    return Stated(value=sizes, prints=next(own, randomisation.prints), place=randomisation.place)


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
    sponsors = read_sponsors(protocol)
    source = general.fields.get("Funding source")
    if source is not None:
        source.taken = source.words in {one.name.value for one in sponsors if one.role == "funder"}
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
        sponsors=sponsors,
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
