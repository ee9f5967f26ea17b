"""A draft of any record that a reader can make: a study file that reads, or a refusal; nothing of people, all told.

Records are made up here field by field: with empty words, control characters, two things of one name, numbers that no
study has, months without a day, words that no study file knows.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from exotrial.core.dates import PartialDate
from exotrial.core.errors import Place
from exotrial.core.provenance import compute_source
from exotrial.registries.draft import draft_study
from exotrial.registries.record import (
    Age,
    RecordedArm,
    RecordedCondition,
    RecordedContact,
    RecordedCriterion,
    RecordedEthics,
    RecordedIntervention,
    RecordedOutcome,
    RecordedSharing,
    RecordedSite,
    RecordedSponsor,
    RegistryRecord,
    Stated,
)
from exotrial.study.file import parse_study
from exotrial.study.rules import Rule

SIGNS = "aB1 .,:;\"'\\[]{}#=\n\r\t\x00\x1f\x7f\x85 ­‏ß漢😀½"
WORDS = st.text(alphabet=SIGNS, min_size=1, max_size=12)
NAMES = st.sampled_from(("Vesicles", "Saline", "vesicles", "Vesicles ", "生理盐水", "1 mL", "—", "a" * 300))
COUNTS = st.sampled_from((-1, 0, 1, 13, 10**20))
PLACES = st.builds(
    Place, file=st.just("x.csv"), line=st.none() | st.integers(1, 99), path=st.sampled_from(("", "row 1"))
)


def stated(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Stated[Any]]:
    return st.builds(Stated, value=values, prints=WORDS | st.just(""), place=PLACES)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | stated(values)


def several(values: st.SearchStrategy[Any], *, least: int = 0) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, min_size=least, max_size=3).map(tuple)


def among(*words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words) | WORDS


DAYS = st.sampled_from(
    (
        PartialDate(year=2020, month=2, day=29),
        PartialDate(year=2020, month=2),
        PartialDate(year=2020),
        PartialDate(year=1, month=1, day=1),
        PartialDate(year=9999, month=12, day=31),
    )
)
AGES = st.builds(
    Age, value=st.sampled_from((-1.0, 0.0, 18.0, 18.5, 65.0, 120.0, 121.0)), unit=among("a", "mo", "d")
)
RULES = st.sampled_from(
    (
        None,
        Rule(item="age", at_least=18, unit="a"),
        Rule.model_validate(
            {
                "all_of": (
                    {"item": "sex", "one_of": ("female",)},
                    {"not": {"item": "pregnant", "equals": True}},
                )
            }
        ),
    )
)
TEXT = WORDS | NAMES
ROLES = st.lists(
    st.sampled_from(("participant", "care provider", "investigator", "outcome assessor", "data analyst")),
    max_size=3,
).map(tuple)

RECORDS = st.builds(
    RegistryRecord,
    registry=among("nct", "irct"),
    identifier=stated(among("NCT99999999", "—", "x" * 200)),
    reader=st.just("made up"),
    source=st.just(compute_source(b"x", name='x "\\.csv')),
    as_of=st.none() | st.just(date(2021, 7, 5)),
    url=maybe(TEXT),
    secondary_ids=several(stated(TEXT)),
    registered=maybe(DAYS),
    updated=maybe(DAYS),
    update_count=maybe(COUNTS),
    timing_label=maybe(st.sampled_from(("prospective", "retrospective", "registered while recruiting"))),
    status=maybe(TEXT),
    public_title=maybe(TEXT),
    scientific_title=stated(TEXT),
    acronym=maybe(TEXT),
    summary=maybe(TEXT),
    sponsors=several(
        st.builds(
            RecordedSponsor,
            name=stated(TEXT),
            role=st.sampled_from(("sponsor", "funder", "collaborator")),
            kind=maybe(TEXT),
            share=maybe(st.sampled_from((-5.0, 0.0, 33.3, 100.0, 120.0, 1e-9))),
        )
    ),
    contacts=several(
        st.builds(
            RecordedContact,
            role=among("public inquiries", "registrant"),
            name=st.just("Nobody Atall"),
            telephone=st.just("+00 000 0000"),
            email=st.just("nobody@example.org"),
            affiliation=TEXT | st.just(""),
        )
    ),
    countries=several(stated(TEXT)),
    sites=several(st.builds(RecordedSite, name=stated(TEXT), city=maybe(TEXT), country=maybe(TEXT))),
    ethics=several(
        st.builds(
            RecordedEthics,
            committee=maybe(TEXT),
            reference=maybe(TEXT),
            approved=maybe(DAYS),
            status=maybe(TEXT),
            address=maybe(TEXT),
        )
    ),
    conditions=several(
        st.builds(
            RecordedCondition, name=stated(TEXT), code=maybe(among("U07.1", "J80")), code_text=maybe(TEXT)
        )
    ),
    study_type=maybe(among("interventional", "observational")),
    phase=maybe(among("1-2", "2a", "pilot", "0", "4")),
    model=maybe(among("single group", "parallel", "crossover")),
    allocation=maybe(among("randomised", "not applicable")),
    purpose=maybe(among("treatment", "screening")),
    masking=maybe(among("open label", "double blind", "masked")),
    masked_roles=maybe(ROLES),
    masking_description=maybe(TEXT),
    placebo=maybe(st.booleans()),
    randomisation=maybe(
        among("Block randomisation with blocks of 4 and 6.", "Simple randomization by coin.")
    ),
    block_sizes=maybe(st.lists(st.sampled_from((0, 2, 4)), max_size=2).map(tuple)),
    strata=several(stated(TEXT)),
    arms=several(
        st.builds(
            RecordedArm,
            name=stated(TEXT),
            kind=maybe(among("experimental", "sham")),
            size=maybe(COUNTS),
            description=maybe(TEXT),
            interventions=several(TEXT),
        ),
        least=1,
    ),
    interventions=several(
        st.builds(
            RecordedIntervention,
            name=stated(TEXT),
            kind=maybe(among("drug", "biological", "genetic")),
            description=maybe(TEXT),
        )
    ),
    age_min=maybe(AGES),
    age_max=maybe(AGES),
    sex=maybe(st.sampled_from(("all", "female", "male"))),
    healthy_volunteers=maybe(st.booleans()),
    criteria=several(
        st.builds(
            RecordedCriterion,
            category=st.sampled_from(("inclusion", "exclusion")),
            text=stated(TEXT),
            proposed=RULES,
        )
    ),
    start=maybe(DAYS),
    start_actual=st.none() | st.booleans(),
    recruitment_end=maybe(DAYS),
    primary_completion=maybe(DAYS),
    completion=maybe(DAYS),
    target_size=maybe(COUNTS),
    actual_size=maybe(COUNTS),
    outcomes=several(
        st.builds(
            RecordedOutcome,
            level=st.sampled_from(("primary", "secondary", "exploratory", "safety")),
            name=stated(TEXT),
            time_frame=maybe(TEXT),
            method=maybe(TEXT),
            days=st.lists(st.sampled_from((-40000, -1, 0, 1, 28, 40000)), max_size=3).map(tuple),
            horizon_days=st.none() | COUNTS,
        ),
        least=1,
    ),
    sharing=st.none()
    | st.builds(
        RecordedSharing,
        participant_data=maybe(st.none() | st.booleans()),
        description=maybe(TEXT),
        documents=several(stated(among("Protocol", "ICF", "SAP"))),
        period=maybe(TEXT),
        audience=maybe(TEXT),
        obtainable_from=maybe(TEXT),
    ),
)


@settings(max_examples=30, deadline=None)
@given(RECORDS)
def test_a_record_becomes_a_study_file_that_reads_or_is_refused(record: RegistryRecord) -> None:
    draft = draft_study(record)
    assert parse_study(draft.text.encode(), name="again") == draft.study
    for words in ("Nobody", "+00 000", "nobody@"):
        assert words not in draft.text
    assert len(draft.study.outcomes) == len(record.outcomes)
    assert len(draft.study.population.criteria) == len(record.criteria)
