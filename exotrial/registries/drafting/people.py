"""Who takes part and what is measured: population, encounters, outcomes, and what is shared of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.registries.drafting.cited import Cited, slug
from exotrial.registries.record import Age, RecordedCriterion, RecordedOutcome, Stated
from exotrial.study.rules import Rule

NO_OUTCOMES = ErrorCode(
    "DRF-003",
    "A registry record names no outcome.",
    "read the register's own record, or an export with its outcome columns.",
)

PROPOSED = "Proposed from the words of the record; not yet confirmed by a person."
"""What a criterion's `judgement` says of a rule that nobody has confirmed."""

_BOOLEANS = {"protocol": "protocol", "statistical analysis plan": "analysis_plan", "sap": "analysis_plan"}
_BOOLEANS |= {
    "informed consent form": "consent_form",
    "icf": "consent_form",
    "analytic code": "analytic_code",
}
_BOOLEANS |= {
    "clinical study report": "study_report",
    "csr": "study_report",
    "data dictionary": "data_dictionary",
}


def draft_population(cited: Cited) -> dict[str, Any]:
    """Ages, sex and criteria; rules are proposed and say so."""
    record = cited.record
    limits = {"population.age_min": record.age_min, "population.age_max": record.age_max}
    years = {path: _find_years(stated) for path, stated in limits.items()}
    low, high = years.values()
    cross = low is not None and high is not None and low > high
    for path, stated in limits.items():
        if cross:
            cited.lose(
                path, stated, "the lowest age is above the highest, and the record leaves open which is wrong"
            )
        elif years[path] is None:
            cited.lose(path, stated, "a study file's ages are whole years from 0 to 120")
    return {
        **{
            path.removeprefix("population."): None if cross else cited.cite(path, limits[path], age)
            for path, age in years.items()
            if age is not None
        },
        "sex": cited.cite("population.sex", record.sex),
        "healthy_volunteers": cited.cite("population.healthy_volunteers", record.healthy_volunteers),
        "criteria": list(_criteria(cited, record.criteria)),
    }


def _find_years(stated: Stated[Age] | None) -> int | None:
    """The age, where a study file can hold it."""
    if stated is None or stated.value.unit != "a" or stated.value.value not in range(121):
        return None
    return int(stated.value.value)


def _criteria(cited: Cited, criteria: Sequence[RecordedCriterion]) -> Iterator[dict[str, Any]]:
    numbers = {"inclusion": 0, "exclusion": 0}
    for one in criteria:
        numbers[one.category] += 1
        made = f"{one.category}_{numbers[one.category]}"
        cited.cite(f"population.criteria.{made}.text", one.text)
        yield {
            "id": made,
            "category": one.category,
            "text": one.text.value,
            "rule": _rule(one.proposed),
            "judgement": PROPOSED if one.proposed is not None else None,
        }


def draft_encounters(cited: Cited) -> Iterator[dict[str, Any]]:
    """One encounter for each day that an outcome names."""
    days = {day for outcome in cited.record.outcomes for day in outcome.days if _can_hold(day)}
    for day in sorted(days):
        yield {
            "id": _encounter(day),
            "name": "Baseline" if day == 0 else f"Day {day}",
            "epoch": "before" if day <= 0 else "after",
            "day": day,
        }


def draft_outcomes(cited: Cited) -> Iterator[dict[str, Any]]:
    """The outcomes in the order of the record (DRF-003 where there is none)."""
    if not cited.record.outcomes:
        raise NO_OUTCOMES.refuse("the record names no outcome", place=cited.record.identifier.place)
    taken: list[str] = []
    for outcome in cited.record.outcomes:
        made = slug(outcome.name.value, taken=taken, stem="outcome")
        taken.append(made)
        yield _outcome(cited, made, outcome)


def _outcome(cited: Cited, made: str, outcome: RecordedOutcome) -> dict[str, Any]:
    at = f"outcomes.{made}"
    frame = cited.cite(f"{at}.time_frame", outcome.time_frame)
    if not all(map(_can_hold, outcome.days)):
        cited.lose(f"{at}.encounters", outcome.time_frame, "it names a day more than a hundred years away")
    return {
        "id": made,
        "level": outcome.level,
        "name": cited.cite(f"{at}.name", outcome.name),
        "encounters": [_encounter(day) for day in outcome.days if _can_hold(day)] or None,
        "horizon": f"{outcome.horizon_days} d" if outcome.horizon_days is not None else None,
        "time_frame": frame,
        "method": cited.cite(f"{at}.method", outcome.method),
        "registered": True if outcome.level == "primary" and not cited.record.is_repository else None,
    }


def draft_sharing(cited: Cited) -> dict[str, Any] | None:
    """The statement on sharing data (TRDS 24)."""
    told = cited.record.sharing
    if told is None:
        return None
    decided = (
        told.participant_data if told.participant_data and told.participant_data.value is not None else None
    )
    if decided is None:
        cited.lose(
            "sharing of participant data", told.participant_data, "the record says that it is undecided"
        )
    values: dict[str, Any] = {
        "participant_data": cited.cite("sharing.participant_data", decided),
        "description": cited.cite("sharing.description", told.description),
        "starts": cited.cite("sharing.starts", told.period),
        "audience": cited.cite("sharing.audience", told.audience),
        "repository": cited.cite("sharing.repository", told.obtainable_from),
    }
    for document in told.documents:
        name = _BOOLEANS.get(document.value.lower())
        if name is None:
            cited.lose("document to share", document)
        else:
            values[name] = cited.cite(f"sharing.{name}", document, True)
    return values


def draft_epochs(encounters: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The epochs that encounters are in: up to the baseline, and after it."""
    used = {one["epoch"] for one in encounters}
    names = (("before", "Up to the baseline"), ("after", "After the baseline"))
    for order, (made, name) in enumerate(names, 1):
        if made in used:
            yield {"id": made, "name": name, "order": order}


def _can_hold(day: int) -> bool:
    """Whether a study file has room for a day: a hundred years before and after its origin."""
    return abs(day) <= 36525


def _encounter(day: int) -> str:
    return "baseline" if day == 0 else f"day_{day}" if day > 0 else f"day_minus_{-day}"


def _rule(rule: Rule | None) -> dict[str, Any] | None:
    return None if rule is None else rule.model_dump(mode="json", by_alias=True, exclude_none=True)
