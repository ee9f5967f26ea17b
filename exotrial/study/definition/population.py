"""Who may take part: eligibility as text and as executable rule, and consent (SPIRIT 2025 items 14 and 32)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from exotrial.study.definition.base import Named, Part, Text
from exotrial.study.rules import Rule

Age = Annotated[int, Field(ge=0, le=120)]
"""Whole years."""


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

    age_min: Age | None = None
    age_max: Age | None = None
    sex: Literal["all", "female", "male"] | None = None
    healthy_volunteers: bool = False
    case_definition: Literal["confirmed", "suspected", "confirmed or suspected"] | None = None
    criteria: tuple[Criterion, ...] = ()

    @model_validator(mode="after")
    def _ages_rise(self) -> Self:
        if self.age_min is not None and self.age_max is not None and self.age_min > self.age_max:
            raise ValueError(
                f"age_min {self.age_min} is above age_max {self.age_max}; correct the one that is wrong."
            )
        return self


class Consent(Part):
    written: bool | None = None
    from_whom: tuple[Literal["participant", "family", "legal representative", "witness"], ...] = ()
    languages: tuple[Text, ...] = ()
    versions: tuple[Text, ...] = ()
    process: Text | None = None
    obtained_by: Text | None = None
    """Who obtains it, by role (SPIRIT 2025 item 32a)."""


class AnalysisPopulation(Named):
    """A set of participants for analysis (ICH E9)."""

    name: Text
    definition: Text
