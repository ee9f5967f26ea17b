"""Who may take part: eligibility as text and as executable rule, and consent (SPIRIT 2025 items 14 and 32)."""

from __future__ import annotations

from typing import Literal

from exotrial.study.definition.base import Named, Part, Text
from exotrial.study.rules import Rule


class Criterion(Named):
    """One criterion. For an exclusion, the rule holds when the participant is to be excluded.

    `asks` is the question that a form puts; `rule` None means that only a person's judgement answers it, and
    then `judgement` says what is judged.
    """

    category: Literal["inclusion", "exclusion"]
    text: Text
    asks: Text | None = None
    rule: Rule | None = None
    judgement: Text | None = None
    topic: Text | None = None
    """What the criterion is about, in one or two words; two criteria about one topic are compared."""
    stated_in: tuple[Text, ...] = ()
    """The places of the source that state it (`summary`, `full record`), where there are several."""


class Population(Part):
    """Age, sex and the criteria (TRDS 14)."""

    age_min: int | None = None
    age_max: int | None = None
    sex: Literal["all", "female", "male"] | None = None
    healthy_volunteers: bool = False
    case_definition: Literal["confirmed", "suspected", "confirmed or suspected"] | None = None
    criteria: tuple[Criterion, ...] = ()


class Consent(Part):
    written: bool | None = None
    from_whom: tuple[Literal["participant", "family", "legal representative", "witness"], ...] = ()
    languages: tuple[Text, ...] = ()
    versions: tuple[Text, ...] = ()
    process: Text | None = None


class AnalysisPopulation(Named):
    """A set of participants for analysis (ICH E9)."""

    name: Text
    definition: Text
