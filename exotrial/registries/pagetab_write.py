"""Writer of a study as a BioStudies submission in PageTab, JSON or tab-separated; BioStudies gives the accession.

Links are the trial's registrations. The date of release and the files of data are not in a study file: who submits
adds them, and the losses say so. People are named nowhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from exotrial.core.errors import Place
from exotrial.registries import pagetab_words as words
from exotrial.registries.form_losses import derive_form_losses
from exotrial.registries.irct_words import write_randomisation, write_time_points
from exotrial.registries.pagetab_file import SUBMISSION
from exotrial.registries.record import Loss
from exotrial.registries.registry import Export, ProtocolWriter
from exotrial.registries.study_leaves import Leaf
from exotrial.study.definition import Study

Pairs = list[tuple[str, str]]


@dataclass(kw_only=True)
class _Section:
    kind: str
    attributes: Pairs = field(default_factory=list)
    links: list[tuple[str, Pairs]] = field(default_factory=list)
    parts: list[_Section] = field(default_factory=list)


def write_json(study: Study) -> Export:
    """The submission as JSON."""
    root = _root(study)
    # Subsections name the root section by its accession: the study's own id, until BioStudies gives the submission one.
    value = {
        "attributes": _json_attributes([("Title", _line(study.title))]),
        "section": _json_section(root, accession=study.id),
        "type": SUBMISSION.lower(),
    }
    data = json.dumps({"accno": "", **value}, ensure_ascii=False, indent=2).encode() + b"\n"
    return Export(data=data, losses=tuple(_losses(study)))


def write_tsv(study: Study) -> Export:
    """The submission tab-separated; a tab or line break within words becomes a space."""
    root = _root(study)
    blocks = [
        _rows((SUBMISSION, ""), [("Title", study.title)]),
        _rows((root.kind, study.id), root.attributes),
    ]
    blocks += [_rows(("Link", url), pairs) for url, pairs in root.links]
    blocks += [_rows((part.kind, "", study.id), part.attributes) for part in root.parts]
    data = "\n".join("".join(f"{row}\n" for row in block) for block in blocks).encode()
    return Export(data=data, losses=tuple(_losses(study)))


def _root(study: Study) -> _Section:
    return _Section(
        kind="Study",
        attributes=[(name, _line(value)) for name, value in _attributes(study) if value and value.strip()],
        links=[(one.identifier, [("Type", one.registry)]) for one in study.registrations],
        parts=[
            _Section(
                kind=kind,
                attributes=[(name, _line(value)) for name, value in pairs if value and value.strip()],
            )
            for kind, pairs in _parts(study)
        ],
    )


def _attributes(study: Study) -> Iterator[tuple[str, str | None]]:
    design, population, blinding = study.design, study.population, study.blinding
    yield "Title", study.title
    yield words.PUBLIC_TITLE, study.public_title
    yield words.ACRONYM, study.acronym
    yield words.STUDY_TYPE, "Interventional"
    for name, value in (
        (words.PHASE, design.phase),
        (words.MODEL, design.intervention_model),
        (words.ALLOCATION, design.allocation),
    ):
        yield name, None if value == "not stated" else value
    yield words.PURPOSE, design.purpose
    yield words.PLANNED, _number(design.planned_size)
    yield words.ENROLLED, _number(design.enrolled)
    if blinding is not None:
        yield words.MASKING, blinding.label
        for role in blinding.masked_roles:
            yield words.MASKED, role
        yield words.MASKING_METHOD, blinding.method
    yield words.RANDOMISATION, write_randomisation(study.randomisation)
    for condition in study.conditions:
        yield words.CONDITION, condition.name
    yield words.AGE_MIN, _years(population.age_min)
    yield words.AGE_MAX, _years(population.age_max)
    yield words.SEX, population.sex
    for identifier in study.secondary_ids or ():
        yield words.OTHER_NUMBER, identifier
    if study.sharing is not None:
        yield words.SHARING, study.sharing.description


def _parts(study: Study) -> Iterator[tuple[str, Sequence[tuple[str, str | None]]]]:
    funders = {one.organisation for one in study.funding}
    for organisation in study.organisations:
        for role in ("sponsor", "funder"):
            if role in organisation.roles or (role == "funder" and organisation.id in funders):
                yield words.ORGANISATION, [("Name", organisation.name), (words.ROLE, role)]
    for site in study.sites:
        yield words.SITE, [("Name", site.name), ("City", site.city), ("Country", site.country)]
    for one in study.interventions:
        yield (
            words.INTERVENTION,
            [("Name", one.name), (words.KIND, one.kind), ("Description", one.description)],
        )
    names = {one.id: one.name for one in study.interventions}
    for arm in study.arms:
        given = [(words.GIVEN, names[one]) for one in arm.interventions]
        kind = None if arm.kind == "not stated" else arm.kind
        pairs = [("Name", arm.name), (words.KIND, kind), (words.SIZE, _number(arm.size))]
        yield words.ARM, [*pairs, ("Description", arm.description), *given]
    for criterion in study.population.criteria:
        yield words.CRITERION, [(words.CATEGORY, criterion.category), ("Description", criterion.text)]
    for outcome in study.outcomes:
        pairs = [("Name", outcome.name), (words.LEVEL, outcome.level)]
        when = write_time_points(study, outcome)
        yield words.OUTCOME, [*pairs, (words.TIME_FRAME, when), (words.METHOD, outcome.method)]


def _line(text: str) -> str:
    return " ".join(text.split())


def _number(value: int | None) -> str | None:
    return None if value is None else str(value)


def _years(age: int | None) -> str | None:
    return None if age is None else f"{age} years"


def _json_section(section: _Section, *, accession: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {"accno": accession} if accession else {}
    found |= {"type": section.kind, "attributes": _json_attributes(section.attributes)}
    if section.links:
        found["links"] = [{"url": url, "attributes": _json_attributes(pairs)} for url, pairs in section.links]
    if section.parts:
        found["subsections"] = [_json_section(part) for part in section.parts]
    return found


def _json_attributes(pairs: Pairs) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _rows(head: Sequence[str], pairs: Pairs) -> list[str]:
    # A value that begins with a bracket stands behind a tab and cannot be taken for a detail of another attribute.
    return ["\t".join(head).rstrip("\t") if head[0] == SUBMISSION else "\t".join(head)] + [
        f"{name}\t{_line(value)}" for name, value in pairs
    ]


_HELD = frozenset(
    {
        *("title", "public_title", "acronym", "secondary_ids", "conditions.name", "design.phase"),
        *("design.intervention_model", "design.allocation", "design.purpose", "design.planned_size"),
        *("design.enrolled", "blinding.label", "blinding.masked_roles", "blinding.method"),
        *("population.age_min", "population.age_max", "population.sex", "population.criteria.category"),
        *("population.criteria.text", "arms.name", "arms.kind", "arms.size", "arms.description"),
        *("arms.interventions", "interventions.name", "interventions.kind", "interventions.description"),
        *("outcomes.name", "outcomes.level", "outcomes.method", "sites.name", "sites.city", "sites.country"),
        *(
            "registrations.identifier",
            "registrations.registry",
            "funding.organisation",
            "sharing.description",
        ),
        *("randomisation.method", "randomisation.ratio", "randomisation.block_sizes"),
        *("randomisation.block_choice", "randomisation.factor", "randomisation.strata.name"),
        *("randomisation.strata.definition", "randomisation.generated_by", "randomisation.generated_with"),
        *("randomisation.enrolled_by", "randomisation.assigned_by", "randomisation.concealment"),
        *("randomisation.envelope_kept_by", "randomisation.envelope_properties"),
        "randomisation.assignment_order",
    }
)


def _losses(study: Study) -> Iterator[Loss]:
    yield from derive_form_losses(
        study, lambda leaf: _is_held(study, leaf), why="the submission has no attribute for it"
    )
    for item in ("ReleaseDate", "Files"):
        why = "BioStudies asks for it and a study file does not hold it: add it before the submission"
        yield Loss(item=item, prints="not stated", why=why, place=Place(path=item))


def _is_held(study: Study, leaf: Leaf) -> bool:
    if leaf.kind in _HELD:
        return True
    entry, name = leaf.path.split("."), leaf.kind.rpartition(".")[2]
    if leaf.kind == "organisations.name":
        funders = {one.organisation for one in study.funding}
        return any(
            one.id == entry[1] and ({"sponsor", "funder"} & set(one.roles) or one.id in funders)
            for one in study.organisations
        )
    if leaf.kind in ("outcomes.time_frame", "outcomes.encounters", "outcomes.horizon"):
        outcome = next(one for one in study.outcomes if one.id == entry[1])
        printed = "time_frame" if outcome.time_frame else "encounters" if outcome.encounters else "horizon"
        return name == printed
    return False


PAGETAB_JSON = ProtocolWriter(
    name="pagetab-json",
    title="BioStudies: PageTab as JSON",
    suffix=".pagetab.json",
    citation="EBI BioStudies, PageTab specification, https://github.com/EBIBioStudies/page-tab-specification",
    write=write_json,
    reads_back="pagetab",
)
PAGETAB_TSV = ProtocolWriter(
    name="pagetab-tsv",
    title="BioStudies: PageTab, tab-separated",
    suffix=".pagetab.tsv",
    citation="EBI BioStudies, PageTab specification, https://github.com/EBIBioStudies/page-tab-specification",
    write=write_tsv,
    reads_back="pagetab",
)
