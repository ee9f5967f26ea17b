"""The design of a USDM document as fields of a registry record."""

from __future__ import annotations

from typing import Any, Literal, cast

from exotrial.registries.record import (
    Age,
    Level,
    RecordedArm,
    RecordedCondition,
    RecordedCriterion,
    RecordedIntervention,
    RecordedOutcome,
    Stated,
)
from exotrial.registries.rule_text import propose_rule
from exotrial.registries.time_text import read_time_points
from exotrial.registries.usdm.parts import is_made
from exotrial.registries.usdm.read_own import (
    read_own_ages,
    read_own_allocation,
    read_own_arm,
    read_own_outcome,
)
from exotrial.registries.usdm.reading import Json, Reading
from exotrial.registries.usdm.terms import read_word

_LEVELS: tuple[Level, ...] = ("primary", "secondary", "exploratory", "safety")
_SEXES: dict[str, Literal["all", "female", "male"]] = {"all": "all", "female": "female", "male": "male"}


def read_design(version: Json, design: Json, reading: Reading) -> dict[str, Any]:
    """The fields of a `RegistryRecord` that the design holds, by name."""
    population = design["population"]
    arms = _read_arms(version, design, reading)
    return {
        "study_type": reading.coded(design, "studyType", "study type"),
        "phase": reading.coded(design, "studyPhase", "phase"),
        "model": reading.coded(design, "model", "model"),
        "allocation": _read_allocation(design, reading),
        "purpose": _read_purpose(design, reading),
        "masking": reading.coded(design, "blindingSchema", "blinding"),
        "placebo": _read_placebo(design, reading),
        "arms": arms,
        "interventions": _read_interventions(version, design, reading),
        "conditions": tuple(_read_condition(one, reading) for one in design.get("indications", [])),
        "criteria": _read_criteria(version, design, reading),
        "outcomes": _read_outcomes(design, reading),
        "healthy_volunteers": reading.state(
            bool(population["includesHealthySubjects"]), population, "includesHealthySubjects"
        ),
        "sex": _read_sex(population, reading),
        "target_size": _read_size(population, reading),
        **_read_ages(population, reading),
    }


def _read_allocation(design: Json, reading: Reading) -> Stated[str] | None:
    """Randomised where the design says so; not applicable with one arm (CDISC's map to ClinicalTrials.gov)."""
    for code in design.get("characteristics", []):
        if (read_word("characteristic", code) or "").endswith(("randomised", "randomisation")):
            return reading.state("randomised", code, "decode", prints=code["decode"])
    if (own := read_own_allocation(design, reading)) is not None:
        return own
    if len(design["arms"]) == 1:
        return reading.state("not applicable", design, "arms", prints="1 arm")
    return None


def _read_purpose(design: Json, reading: Reading) -> Stated[str] | None:
    intents = design.get("intentTypes", [])
    for further in intents[1:]:
        reading.leave("intentTypes", further["decode"], "a record holds one purpose: the first", design)
    return reading.term(intents[0], "purpose") if intents else None


def _read_placebo(design: Json, reading: Reading) -> Stated[bool] | None:
    for arm in design["arms"]:
        if read_word("arm", arm["type"]) == "placebo comparator":
            return reading.state(True, arm["type"], "decode", prints=arm["type"]["decode"])
    return None


def _read_arms(version: Json, design: Json, reading: Reading) -> tuple[RecordedArm, ...]:
    names = {one["id"]: one.get("label") or one["name"] for one in version.get("studyInterventions", [])}
    elements = {one["id"]: one for one in design.get("elements", [])}
    arms = []
    for arm in design["arms"]:
        given = dict.fromkeys(
            names[intervention]
            for cell in design["studyCells"]
            if cell["armId"] == arm["id"]
            for element in cell["elementIds"]
            for intervention in elements[element].get("studyInterventionIds", [])
        )
        name = reading.words(arm, "label", "name")
        assert name is not None  # a name has at least one letter
        kind = reading.term(arm["type"], "arm")
        described = reading.words(arm, "description")
        recorded = RecordedArm(name=name, kind=kind, description=described, interventions=tuple(given))
        arms.append(read_own_arm(arm, recorded, reading))
    return tuple(arms)


def _read_interventions(version: Json, design: Json, reading: Reading) -> tuple[RecordedIntervention, ...]:
    wanted = design.get("studyInterventionIds", [])
    found = []
    for one in version.get("studyInterventions", []):
        if wanted and one["id"] not in wanted:
            continue
        name = reading.words(one, "label", "name")
        assert name is not None  # a name has at least one letter
        kind = reading.term(one["type"], "intervention type")
        found.append(
            RecordedIntervention(name=name, kind=kind, description=reading.words(one, "description"))
        )
    return tuple(found)


def _read_condition(indication: Json, reading: Reading) -> RecordedCondition:
    """The condition with its ICD code where it has one, and otherwise the first code given."""
    name = reading.words(indication, "label", "description", "name")
    assert name is not None  # a name has at least one letter
    codes = sorted(indication.get("codes", []), key=lambda code: not code["codeSystem"].startswith("ICD"))
    if not codes:
        return RecordedCondition(name=name)
    for further in codes[1:]:
        prints = f"{further['codeSystem']} {further['code']}"
        reading.leave("indications.codes", prints, "a record holds one code of a condition", indication)
    return RecordedCondition(
        name=name,
        code=reading.words(codes[0], "code"),
        code_text=reading.words(codes[0], "decode"),
    )


def _read_criteria(version: Json, design: Json, reading: Reading) -> tuple[RecordedCriterion, ...]:
    items = {one["id"]: one for one in version.get("eligibilityCriterionItems", [])}
    found = []
    for criterion in design["eligibilityCriteria"]:
        if is_made(criterion):
            continue
        category = read_word("criterion", criterion["category"])
        text = reading.template(items[criterion["criterionItemId"]])
        if category not in ("inclusion", "exclusion") or text is None:
            prints = f"{criterion['category']['decode']}: {criterion['name']}"
            reading.leave(
                "eligibilityCriteria", prints, "neither inclusion nor exclusion, or no text", criterion
            )
            continue
        proposed = propose_rule(text.value)
        found.append(RecordedCriterion(category=cast("Any", category), text=text, proposed=proposed))
    return tuple(found)


def _read_outcomes(design: Json, reading: Reading) -> tuple[RecordedOutcome, ...]:
    encounters = {one["name"]: one for one in design.get("encounters", [])}
    found = []
    for objective in design.get("objectives", []):
        for endpoint in objective.get("endpoints", []):
            word = read_word("endpoint", endpoint["level"])
            level = next((one for one in _LEVELS if one == word), None)
            name = reading.template(endpoint)
            if level is None or name is None:
                prints = f"{endpoint['level']['decode']}: {endpoint['name']}"
                reading.leave(
                    "endpoints", prints, "a level that a record does not know, or no text", endpoint
                )
                continue
            days, horizon = read_time_points(
                name.value
            )  # an endpoint has no other place to name its time points
            recorded = RecordedOutcome(level=level, name=name, days=days, horizon_days=horizon)
            found.append(read_own_outcome(endpoint, encounters, recorded, reading))
    return tuple(found)


def _read_sex(population: Json, reading: Reading) -> Stated[Literal["all", "female", "male"]] | None:
    codes = population.get("plannedSex", [])
    sexes = {_SEXES.get(read_word("sex", code) or "") for code in codes}
    if len(sexes) == 2 and sexes == {"female", "male"}:
        return reading.state(
            "all", population, "plannedSex", prints=", ".join(one["decode"] for one in codes)
        )
    if len(codes) != 1 or None in sexes:
        return None
    (sex,) = sexes
    assert sex is not None
    return reading.state(sex, codes[0], "decode", prints=codes[0]["decode"])


def _read_ages(population: Json, reading: Reading) -> dict[str, Stated[Age]]:
    ages = population.get("plannedAge")
    if not ages:
        return read_own_ages(population, reading)
    found = {}
    for field, end in (("age_min", "minValue"), ("age_max", "maxValue")):
        quantity = ages[end]
        unit = quantity.get("unit")
        word = None if unit is None else read_word("age unit", unit["standardCode"])
        if word is None:
            decoded = "no unit" if unit is None else unit["standardCode"]["decode"]
            reading.leave(f"plannedAge.{end}", f"{quantity['value']:g} {decoded}", "no unit of age", quantity)
            continue
        prints = f"{quantity['value']:g} {unit['standardCode']['decode']}"
        found[field] = reading.state(
            Age(value=float(quantity["value"]), unit=word), quantity, "value", prints=prints
        )
    return found


def _read_size(population: Json, reading: Reading) -> Stated[int] | None:
    """The number planned; of a range its upper end (CDISC's map to ClinicalTrials.gov)."""
    number = population.get("plannedEnrollmentNumber")
    if not number:
        return None
    quantity = number["maxValue"] if number["instanceType"] == "Range" else number
    value = float(quantity["value"])
    if not value.is_integer() or value < 0:
        reading.leave("plannedEnrollmentNumber", f"{value:g}", "no whole number of participants", quantity)
        return None
    return reading.state(int(value), quantity, "value", prints=f"{value:g}")
