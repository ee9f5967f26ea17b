"""The design of a study file as USDM's InterventionalStudyDesign: arms, cells, objectives, population, estimands."""

from __future__ import annotations

from typing import Any

from exotrial.registries.usdm.extensions import Values, write_extensions
from exotrial.registries.usdm.maker import Maker
from exotrial.registries.usdm.parts import (
    ANALYSIS_POPULATION,
    ARM,
    COHORT,
    CRITERION,
    CRITERION_ITEM,
    EPOCH,
    INTERVENTION,
    OBJECTIVE,
    OUTCOME,
    made_for,
    write_part,
)
from exotrial.registries.usdm.terms import Term, code_word
from exotrial.registries.usdm.write_schedule import (
    epoch_type,
    find_origin,
    write_activities,
    write_encounters,
    write_epochs,
    write_timelines,
)
from exotrial.study.definition import Study

ICD = "ICD-10"


def write_design(study: Study, values: Values, make: Maker) -> dict[str, Any]:
    """The design. What it writes is taken out of `values`, the study file's keys that are still to be written."""
    own = values.pop("design")
    own.pop("purpose", None)
    described = values.pop("population", {})
    criteria = described.pop("criteria", [])
    population = _write_population(study, described, values.pop("cohorts", []), make)
    if "planned_size" in own:
        population["plannedEnrollmentNumber"] = make("Quantity", value=own.pop("planned_size"))
    epochs = write_epochs(values.pop("epochs", []), make) or [_make_epoch(make)]
    elements, cells = _write_cells(study, make)
    phase = own.pop("phase")
    optional: dict[str, Any] = {}
    if phase != "not stated":
        optional["studyPhase"] = make.alias(code_word("phase", phase))
    if study.blinding is not None:
        label = values["blinding"].pop("label")
        optional["blindingSchema"] = make.alias(code_word("blinding", label))
    model = make.code(code_word("model", own.pop("intervention_model")))
    return make(
        "InterventionalStudyDesign",
        extensionAttributes=write_extensions(own, make),
        name="design",
        studyType=make.code(code_word("study type", "interventional")),
        characteristics=_write_characteristics(study, make),
        encounters=write_encounters(study, values.pop("encounters", []), make),
        activities=write_activities(study, values.pop("activities", []), make),
        arms=_write_arms(values.pop("arms"), make),
        studyCells=cells,
        rationale="",
        epochs=epochs,
        elements=elements,
        estimands=_write_estimands(study, make),
        indications=[_write_indication(entry, make) for entry in values.pop("conditions", [])],
        studyInterventionIds=[f"{INTERVENTION.kind}_{one.id}" for one in study.interventions],
        objectives=_write_objectives(study, values, make),
        population=population,
        scheduleTimelines=write_timelines(study, make),
        biospecimenRetentions=_write_retentions(study, make),
        eligibilityCriteria=_write_criteria(criteria, make),
        analysisPopulations=[
            write_part(ANALYSIS_POPULATION, entry, make) for entry in values.pop("analysis_populations", [])
        ],
        model=model,
        intentTypes=[make.code(code_word("purpose", study.design.purpose))],
        **optional,
    )


def write_criterion_items(values: Values, make: Maker) -> list[dict[str, Any]]:
    """The text of each criterion, which USDM keeps beside the design; it is taken out of `values`."""
    criteria = values.get("population", {}).get("criteria", [])
    if not criteria:
        return [make(CRITERION_ITEM.kind, _NO_CRITERION, name=_NO_CRITERION, text="Not stated")]
    return [
        write_part(CRITERION_ITEM, {"id": entry["id"], "text": entry.pop("text")}, make) for entry in criteria
    ]


_NO_CRITERION = "not-stated"


def _write_arms(entries: list[Values], make: Maker) -> list[dict[str, Any]]:
    return [
        write_part(
            ARM,
            entry,
            make,
            dataOriginDescription="Data collected in the study",
            dataOriginType=make.code(code_word("data origin", "within study")),
        )
        for entry in entries
    ]


def _make_epoch(make: Maker) -> dict[str, Any]:
    return make(
        EPOCH.kind,
        _NO_EPOCH,
        extensionAttributes=made_for("a study file that names no epoch", make),
        name=_NO_EPOCH,
        type=make.code(code_word("epoch", "not stated")),
    )


_NO_EPOCH = "not-stated"


def _write_cells(study: Study, make: Maker) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """An element for each arm and each epoch, and the cells: an arm's element stands where treatment is given."""
    names = [one.id for one in study.epochs] or [_NO_EPOCH]
    treated = {name for name in names if epoch_type(name) == "treatment"}
    if not treated:
        origin = find_origin(study)
        orders = {one.id: one.order for one in study.epochs}
        treated = {origin.epoch if origin is not None else min(names, key=lambda name: orders.get(name, 0))}
    elements = [
        make(
            "StudyElement",
            f"arm_{arm.id}",
            name=f"arm_{arm.id}",
            label=arm.name,
            studyInterventionIds=[f"{INTERVENTION.kind}_{name}" for name in arm.interventions],
        )
        for arm in study.arms
    ]
    elements += [
        make("StudyElement", f"epoch_{epoch.id}", name=f"epoch_{epoch.id}", label=epoch.name)
        for epoch in study.epochs
        if epoch.id not in treated
    ]
    cells = [
        make(
            "StudyCell",
            armId=f"{ARM.kind}_{arm.id}",
            epochId=f"{EPOCH.kind}_{name}",
            elementIds=[f"StudyElement_arm_{arm.id}" if name in treated else f"StudyElement_epoch_{name}"],
        )
        for arm in study.arms
        for name in names
    ]
    return elements, cells


def _write_characteristics(study: Study, make: Maker) -> list[dict[str, Any]]:
    """How participants are assigned: one term says it (DDF00258), and none where they are not randomised."""
    if study.design.allocation != "randomised":
        return []
    stratified = study.randomisation is not None and study.randomisation.strata
    word = "stratified randomisation" if stratified else "randomised"
    return [make.code(code_word("characteristic", word))]


def _write_indication(entry: Values, make: Maker) -> dict[str, Any]:
    rest = dict(entry)
    name, icd10 = rest.pop("name"), rest.pop("icd10", None)
    codes = []
    if icd10 is not None:
        term = Term(
            list="indication",
            word=icd10,
            code=icd10,
            decode=rest.pop("icd10_text", ""),
            version="not stated",
            system=ICD,
        )
        codes.append(make.code(term))
    return make(
        "Indication",
        extensionAttributes=write_extensions(rest, make),
        name=name,
        label=name,
        codes=codes,
        isRareDisease=False,
    )


def _write_objectives(study: Study, values: Values, make: Maker) -> list[dict[str, Any]]:
    """The objectives, each with the endpoints that it is the first to name.

    An outcome that no objective names goes to the first objective of its level, and where there is none, to an
    objective made for it.
    """
    objectives = [write_part(OBJECTIVE, entry, make, endpoints=[]) for entry in values.pop("objectives", [])]
    homes = {objective["name"]: objective for objective in objectives}
    for position, (outcome, entry) in enumerate(zip(study.outcomes, values.pop("outcomes"), strict=True)):
        named = (one.id for one in study.objectives if outcome.id in one.outcomes)
        alike = (one.id for one in study.objectives if one.level == outcome.level)
        home = next(named, None) or next(alike, None) or f"objective of level {outcome.level}"
        if home not in homes:
            homes[home] = _make_objective(home, outcome.level, make)
            objectives.append(homes[home])
        endpoint = write_part(OUTCOME, {**entry, "position": position}, make, purpose="")
        homes[home]["endpoints"].append(endpoint)
    return objectives


def _make_objective(name: str, level: str, make: Maker) -> dict[str, Any]:
    return make(
        "Objective",
        extensionAttributes=made_for("outcomes that no objective names", make),
        name=name,
        text="Not stated",
        level=make.code(code_word("objective", level)),
        endpoints=[],
    )


def _write_population(study: Study, values: Values, cohorts: list[Values], make: Maker) -> dict[str, Any]:
    values.pop("healthy_volunteers", None)
    optional: dict[str, Any] = {}
    sex = values.pop("sex", None)
    if sex is not None:
        sexes = ("female", "male") if sex == "all" else (sex,)  # one term each, and never "both" (DDF00188)
        optional["plannedSex"] = [make.code(code_word("sex", one)) for one in sexes]
    if "age_min" in values and "age_max" in values:  # USDM has no range that is open on one side
        ages = [_write_age(values.pop(key), make) for key in ("age_min", "age_max")]
        optional["plannedAge"] = make("Range", minValue=ages[0], maxValue=ages[1], isApproximate=False)
    healthy = study.population.healthy_volunteers
    return make(
        "StudyDesignPopulation",
        extensionAttributes=write_extensions(values, make),
        name="population",
        includesHealthySubjects=healthy,
        criterionIds=[f"{CRITERION.kind}_{one.id}" for one in study.population.criteria],
        cohorts=[_write_cohort(entry, make, healthy=healthy) for entry in cohorts],
        **optional,
    )


def _write_age(years: int, make: Maker) -> dict[str, Any]:
    return make("Quantity", value=years, unit=make.alias(code_word("age unit", "a")))


def _write_cohort(entry: Values, make: Maker, *, healthy: bool) -> dict[str, Any]:
    rest = dict(entry)
    size = rest.pop("size", None)
    sized = {} if size is None else {"plannedEnrollmentNumber": make("Quantity", value=size)}
    return write_part(COHORT, rest, make, includesHealthySubjects=healthy, **sized)


def _write_criteria(entries: list[Values], make: Maker) -> list[dict[str, Any]]:
    written = []
    for number, entry in enumerate(entries, start=1):
        item = f"{CRITERION_ITEM.kind}_{entry['id']}"
        written.append(write_part(CRITERION, entry, make, identifier=str(number), criterionItemId=item))
    return written or [
        make(
            CRITERION.kind,
            _NO_CRITERION,
            extensionAttributes=made_for("a study file that states no criterion", make),
            name=_NO_CRITERION,
            category=make.code(code_word("criterion", "not stated")),
            identifier="",
            criterionItemId=f"{CRITERION_ITEM.kind}_{_NO_CRITERION}",
        )
    ]


def _write_estimands(study: Study, make: Maker) -> list[dict[str, Any]]:
    """An estimand for each analysis that names all that one consists of (ICH E9(R1) A.3).

    That is the outcome, the population, the treatment, and how intercurrent events are handled.
    """
    populations = {one.id: one for one in study.analysis_populations}
    outcomes = {one.id: one for one in study.outcomes}
    given = [f"{INTERVENTION.kind}_{one.id}" for one in study.interventions if one.role == "investigational"]
    written = []
    for analysis in study.analyses:
        if analysis.variable is None or analysis.population is None or not given:
            continue
        population, rule = populations[analysis.population], outcomes[analysis.variable].intercurrent_rule
        if rule is None:
            continue
        written.append(
            make(
                "Estimand",
                analysis.id,
                name=analysis.id,
                populationSummary=population.definition,
                analysisPopulationId=f"{ANALYSIS_POPULATION.kind}_{population.id}",
                interventionIds=given,
                variableOfInterestId=f"{OUTCOME.kind}_{analysis.variable}",
                intercurrentEvents=[_write_event(analysis.id, rule, make)],
            )
        )
    return written


def _write_event(analysis: str, rule: str, make: Maker) -> dict[str, Any]:
    return make(
        "IntercurrentEvent",
        name=f"intercurrent_events_of_{analysis}",
        text="Not stated apart from the rule",
        strategy=rule,
    )


def _write_retentions(study: Study, make: Maker) -> list[dict[str, Any]]:
    """The samples that are kept: whether another sample is destroyed, a study file does not say."""
    return [
        make("BiospecimenRetention", one.id, name=one.id, label=one.name, isRetained=True)
        for one in study.samples
        if one.kept_for is not None
    ]
