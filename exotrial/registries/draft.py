"""A draft study file from a registry record: what the record says, where it says it, and nothing else.

Every value has its evidence (the record's words and their place). What a study file must have and the record does not
say is written `not stated`; where there is no such word, the draft is refused. A rule that the words of a criterion
suggest is written down as proposed. People are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from exotrial.core.errors import ErrorCode, Refusal, Refusals
from exotrial.registries.drafting import design, identity, people
from exotrial.registries.drafting.cited import Cited
from exotrial.registries.drafting.text import write_draft
from exotrial.registries.record import Loss, RegistryRecord
from exotrial.registries.same_number import list_differences
from exotrial.study.definition import Study
from exotrial.study.file import parse_study

NO_TITLE = ErrorCode(
    "DRF-001",
    "A registry record has no title.",
    "read the register's own record, or an export with its title columns.",
)
SEVERAL_TRIALS = ErrorCode(
    "DRF-004",
    "The records are of several trials.",
    "choose one trial by its number with --id.",
)


TWO_OF_A_DAY = ErrorCode(
    "DRF-009",
    "Two records of one trial, both the newest, say different things.",
    "keep the one that the register's own page shows.",
)


_LISTED = 10
"""Numbers of trials that a refusal names, each whole: the beginning of one may be another trial's."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A study file's text, the study that it reads as, and what of the record it cannot hold."""

    text: str
    study: Study
    losses: tuple[Loss, ...]


def choose_record(records: Sequence[RegistryRecord]) -> RegistryRecord:
    """The newest of several records of one trial, by the day on which each was so (DRF-004, DRF-009)."""
    numbers = {record.identifier.value.casefold(): record for record in records}
    if len(numbers) > 1:
        first = [record.identifier.value for record in numbers.values()][:_LISTED]
        more = f" and {len(numbers) - _LISTED} more" if len(numbers) > _LISTED else ""
        problem = f"the records are of {len(numbers)} trials: {', '.join(first)}{more}"
        raise SEVERAL_TRIALS.refuse(problem, value=first[0])
    newest = max(records, key=lambda record: record.as_of or date.min)
    for other in records:
        differ = list_differences(newest, other) if other.as_of == newest.as_of else []
        if differ:
            named = ", ".join(name.replace("_", " ") for name in differ[:6])
            day = f" of {newest.as_of}" if newest.as_of else ""
            raise TWO_OF_A_DAY.refuse(
                f"two records{day} claim {newest.identifier.value} and differ in {named}",
                place=other.identifier.place,
                value=newest.identifier.value,
            )
    return newest


def draft_study(record: RegistryRecord) -> Draft:
    """Draft a study file from a record (DRF-001 to DRF-003)."""
    cited = Cited(record)
    values = _values(cited)
    text = write_draft(values, record=record)
    try:
        study = parse_study(text.encode(), name="the draft")
    except (
        Refusal,
        Refusals,
    ) as refusals:  # the draft is exotrial's own: a refusal of it is a defect, told whole
        raise AssertionError(
            f"the draft of {record.identifier.value} does not read: {refusals}"
        ) from refusals
    return Draft(text=text, study=study, losses=(*record.unheld, *cited.losses))


def _values(cited: Cited) -> dict[str, Any]:
    record = cited.record
    title = record.scientific_title or record.public_title
    if title is None:
        raise NO_TITLE.refuse("the record has no title", place=record.identifier.place)
    for name in ("summary", "description", "url", "results_posted", "results_url"):
        cited.lose(name, getattr(record, name))
    cited.lose(
        "refreshed", record.refreshed, "the day on which ICTRP took the record over is none of its updates"
    )
    for number, one in enumerate(record.publications, 1):
        cited.lose(f"publications {number}", one)
    interventions = list(design.draft_interventions(cited))
    arms = list(design.draft_arms(cited, {one["name"]: one["id"] for one in interventions}))
    encounters = list(people.draft_encounters(cited))
    values: dict[str, Any] = {
        "schema_version": 1,
        "id": re.sub(r"[^a-z0-9]+", "-", record.identifier.value.lower()).strip("-") or "draft",
        "version": "draft",
        "title": cited.cite("title", title),
        "public_title": cited.cite("public_title", record.public_title),
        "acronym": cited.cite("acronym", record.acronym),
        "secondary_ids": identity.list_other_numbers(record) or None,
        "documents": [identity.draft_document(cited)],
        "registrations": identity.draft_registrations(cited),
        "organisations": list(identity.draft_organisations(cited)),
        "funding": list(identity.draft_funding(cited)),
        "ethics": list(identity.draft_ethics(cited)),
        "sites": list(identity.draft_sites(cited)),
        "contacts": list(identity.draft_contacts(cited)),
        "conditions": list(identity.draft_conditions(cited)),
        "design": design.draft_design(cited),
        "recruitment": design.draft_recruitment(cited),
        "arms": arms,
        "epochs": list(people.draft_epochs(encounters)),
        "encounters": encounters,
        "population": people.draft_population(cited),
        "interventions": interventions,
        "randomisation": design.draft_randomisation(cited),
        "blinding": design.draft_blinding(cited),
        "outcomes": list(people.draft_outcomes(cited)),
        "sharing": people.draft_sharing(cited),
    }
    values["evidence"] = cited.evidence
    return values
