"""Forms, derived from the study file: what is asked of a participant, when, and in which range (ODM 2.0).

The items of outcome measures come from the measures themselves; this room stands below them, so that the
caller hands them in: `asks` maps a name that the study uses to what that measure asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from exotrial.study.definition import Study
from exotrial.study.definition.design import Encounter
from exotrial.study.definition.population import Criterion
from exotrial.study.double_entry import mark_double_entry
from exotrial.study.items import Code, Codelist, DataType, Form, Item, ItemGroup
from exotrial.study.rules import Rule

YES_NO = Codelist(oid="NY", label="Yes or no", codes=(Code("Y", "Yes"), Code("N", "No")))
YES_NO_UNKNOWN = Codelist(
    oid="NYU", label="Yes, no or unknown", codes=(Code("Y", "Yes"), Code("N", "No"), Code("U", "Unknown"))
)
SEX = Codelist(oid="SEX", label="Sex", codes=(Code("F", "Female"), Code("M", "Male")))
SEVERITY = Codelist(
    oid="AETOXGR",
    label="Grade (CTCAE 5.0)",
    codes=(
        Code("1", "1 mild"),
        Code("2", "2 moderate"),
        Code("3", "3 severe"),
        Code("4", "4 life-threatening"),
        Code("5", "5 death"),
    ),
)
RELATED = Codelist(
    oid="AEREL",
    label="Relation to the product",
    codes=(
        Code("NOT", "Not related"),
        Code("POSSIBLE", "Possibly related"),
        Code("PROBABLE", "Probably related"),
        Code("DEFINITE", "Definitely related"),
    ),
)


UNPLANNED = "F.UNPLANNED"
"""The form of the measures for which the study plans no encounter."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What one outcome measure asks: items once, and items in every row of a repeating group."""

    label: str
    items: tuple[Item, ...]
    row_items: tuple[Item, ...] = ()


def derive_forms(study: Study, asks: Mapping[str, Asked]) -> tuple[Form, ...]:
    """Every form of a study, in the order in which a participant meets them.

    `asks` holds an entry for every measure name of the study's outcomes and activities; a name without one
    asks nothing here (the caller has refused unknown names before). Refuses with FRM-001.
    """
    forms = [_eligibility(study), _consent(study), _demographics(study)]
    if study.randomisation is not None and study.randomisation.strata:
        forms.append(_stratification(study))
    forms += _encounter_forms(study, asks)
    forms += _exposure_forms(study)
    forms += [_adverse_events(study), _concomitant(), _disposition()]
    return mark_double_entry(forms, study.data_entry.double_entry)


def measure_names(study: Study) -> tuple[str, ...]:
    """Every name of an outcome measure that the study uses, in file order, each once."""
    names = [outcome.measure for outcome in study.outcomes if outcome.measure is not None]
    names += [name for activity in study.activities for name in activity.measures]
    return tuple(dict.fromkeys(names))


def measures_asked(study: Study, form: Form) -> tuple[str, ...]:
    """The names of the measures that a form of the study asks, in file order; none for a form of another kind.

    Two measures may rest on one item, and then only one of them has a group of its own in the form.
    """
    if form.oid == UNPLANNED:
        return tuple(name for name in measure_names(study) if not _when(study, name))
    return tuple(name for name in measure_names(study) if _when(study, name) & set(form.encounters))


def measure_group(name: str, asked: Asked) -> tuple[ItemGroup, ...]:
    """The item groups of one measure: its items, and its rows where it has any."""
    oid = name.upper().replace(" ", "_")
    groups = []
    if asked.items:
        groups.append(ItemGroup(oid=f"IG.{oid}", label=asked.label, items=asked.items))
    if asked.row_items:
        groups.append(
            ItemGroup(oid=f"IG.{oid}.ROWS", label=asked.label, items=asked.row_items, repeating=True)
        )
    return tuple(groups)


def _eligibility(study: Study) -> Form:
    groups = []
    for category, label in (("inclusion", "Inclusion criteria"), ("exclusion", "Exclusion criteria")):
        criteria = [criterion for criterion in study.population.criteria if criterion.category == category]
        items = tuple(_criterion_item(criterion) for criterion in criteria)
        if items:
            groups.append(ItemGroup(oid=f"IG.{category.upper()}", label=label, items=items))
    values = tuple(_value_items(study.population.criteria))
    if values:
        groups.append(
            ItemGroup(oid="IG.SCREENING", label="Values that the criteria are decided on", items=values)
        )
    return Form(oid="F.ELIGIBILITY", label="Eligibility", groups=tuple(groups))


def _criterion_item(criterion: Criterion) -> Item:
    return Item(
        oid=f"IE.{criterion.id.upper()}",
        label=criterion.text,
        data_type=DataType.CODED,
        codelist=YES_NO_UNKNOWN,
        question=criterion.asks or criterion.text,
    )


def _value_items(criteria: tuple[Criterion, ...]) -> Iterator[Item]:
    """The numbers that executable criteria compare, each once, so that the criterion can be decided from them."""
    seen: set[str] = set()
    for criterion in criteria:
        for rule in _leaves(criterion.rule):
            limits = [rule.at_least, rule.more_than, rule.at_most, rule.less_than]
            if rule.item is not None and rule.item not in seen and any(limit is not None for limit in limits):
                seen.add(rule.item)
                yield Item(
                    oid=f"SV.{rule.item.upper()}",
                    label=rule.item.replace("_", " "),
                    data_type=DataType.DECIMAL,
                    unit=rule.unit or "",
                )


def _leaves(rule: Rule | None) -> Iterator[Rule]:
    if rule is None:
        return
    if rule.item is not None:
        yield rule
    for part in rule.parts():
        yield from _leaves(part)


def _consent(study: Study) -> Form:
    consent = study.consent
    items = [
        Item(oid="IC.VERSION", label="Version of the consent form", data_type=DataType.TEXT),
        Item(oid="IC.LANGUAGE", label="Language of the consent form", data_type=DataType.TEXT),
        Item(oid="IC.SIGNED", label="Signed on, date and time", data_type=DataType.DATETIME),
        Item(
            oid="IC.WITNESS",
            label="Witness or legal representative present",
            data_type=DataType.CODED,
            codelist=YES_NO,
            required=False,
        ),
    ]
    if consent is not None and "family" in consent.from_whom:
        items.append(
            Item(oid="IC.FAMILY", label="Family informed", data_type=DataType.CODED, codelist=YES_NO)
        )
    group = ItemGroup(oid="IG.CONSENT", label="Informed consent", items=tuple(items), repeating=True)
    return Form(oid="F.CONSENT", label="Informed consent", groups=(group,))


def _demographics(study: Study) -> Form:
    population = study.population
    items = (
        Item(oid="DM.SEX", label="Sex", data_type=DataType.CODED, codelist=SEX),
        Item(
            oid="DM.AGE",
            label="Age at consent",
            data_type=DataType.INTEGER,
            unit="a",
            low=population.age_min,
            high=population.age_max,
            hard_low=0,
            hard_high=120,
        ),
        Item(
            oid="DM.HEIGHT",
            label="Height",
            data_type=DataType.DECIMAL,
            unit="cm",
            low=120,
            high=220,
            required=False,
        ),
        Item(
            oid="DM.WEIGHT",
            label="Weight",
            data_type=DataType.DECIMAL,
            unit="kg",
            low=30,
            high=250,
            required=False,
        ),
    )
    group = ItemGroup(oid="IG.DM", label="Demographics", items=items)
    return Form(oid="F.DEMOGRAPHICS", label="Demographics", groups=(group,))


def _stratification(study: Study) -> Form:
    assert study.randomisation is not None
    plan = study.randomisation
    levels = plan.factor_levels or tuple(level for stratum in plan.strata for level in stratum.levels)
    codelist = Codelist(
        oid="STRATUM",
        label=plan.factor or "Stratification factor",
        codes=tuple(Code(level, level) for level in levels),
    )
    item = Item(
        oid="DS.STRATUM",
        label=plan.factor or "Stratification factor",
        data_type=DataType.CODED,
        codelist=codelist,
    )
    group = ItemGroup(oid="IG.STRATUM", label="Stratification", items=(item,))
    return Form(oid="F.STRATIFICATION", label="Before randomisation", groups=(group,))


def _encounter_forms(study: Study, asks: Mapping[str, Asked]) -> Iterator[Form]:
    """One form for each set of measures that is asked together, with the encounters at which it is."""
    together: dict[tuple[str, ...], list[Encounter]] = {}
    for encounter in sorted(study.encounters, key=lambda encounter: encounter.day):
        names = tuple(name for name in measure_names(study) if encounter.id in _when(study, name))
        if names:
            together.setdefault(names, []).append(encounter)
    for names, encounters in together.items():
        groups = _asked_once(
            group for name in names if name in asks for group in measure_group(name, asks[name])
        )
        days = ", ".join(encounter.name for encounter in encounters)
        if groups:
            yield Form(
                oid=f"F.VISIT.{encounters[0].id.upper()}",
                label=f"Measurements: {days}",
                groups=(_visit_group(), *groups),
                encounters=tuple(encounter.id for encounter in encounters),
            )
    unplanned = [name for name in measure_names(study) if not _when(study, name) and name in asks]
    if unplanned:
        yield Form(
            oid=UNPLANNED,
            label="Measurements without a planned day",
            groups=(
                _visit_group(),
                *_asked_once(group for name in unplanned for group in measure_group(name, asks[name])),
            ),
        )


def _asked_once(groups: Iterable[ItemGroup]) -> tuple[ItemGroup, ...]:
    """The groups of one form without an item that a group before them asks; required where any group needs it.

    Two measures may rest on one reading: PaO2 goes into PaO2/FiO2 and into the Murray score.
    """
    given = tuple(groups)
    needed = {item.oid for group in given if not group.repeating for item in group.items if item.required}
    seen: set[str] = set()
    kept = []
    for group in given:
        if group.repeating:
            kept.append(group)
            continue
        items = tuple(
            replace(item, required=item.oid in needed) for item in group.items if item.oid not in seen
        )
        seen |= {item.oid for item in items}
        if items:
            kept.append(replace(group, items=items))
    return tuple(kept)


def _visit_group() -> ItemGroup:
    done = Item(oid="SV.DATE", label="Date of the visit", data_type=DataType.DATE)
    return ItemGroup(oid="IG.VISIT", label="Visit", items=(done,))


def _when(study: Study, name: str) -> frozenset[str]:
    outcomes = (outcome.encounters for outcome in study.outcomes if outcome.measure == name)
    activities = (activity.encounters for activity in study.activities if name in activity.measures)
    return frozenset(encounter for encounters in (*outcomes, *activities) for encounter in encounters)


def _exposure_forms(study: Study) -> Iterator[Form]:
    for intervention in study.interventions:
        if intervention.role not in ("investigational", "placebo"):
            continue
        volume = intervention.volume
        items = (
            Item(oid="EX.START", label="Begun, date and time", data_type=DataType.DATETIME),
            Item(oid="EX.END", label="Ended, date and time", data_type=DataType.DATETIME),
            Item(oid="EX.KIT", label="Kit or batch", data_type=DataType.TEXT),
            Item(
                oid="EX.VOLUME",
                label="Volume given",
                data_type=DataType.DECIMAL,
                unit="mL",
                hard_low=0,
                high=None if volume is None else float(volume.to("mL").value),
            ),
            Item(oid="EX.COMPLETE", label="Given completely", data_type=DataType.CODED, codelist=YES_NO),
            Item(oid="EX.WHY", label="If not, why", data_type=DataType.TEXT, required=False),
        )
        # One form serves product and placebo: a form of its own for either would tell the arm.
        group = ItemGroup(oid="IG.EX", label="Administration", items=items, repeating=True)
        yield Form(oid="F.EXPOSURE", label="Study treatment", groups=(group,))
        return


def _adverse_events(study: Study) -> Form:
    groups = []
    events = study.safety.prespecified_events if study.safety else ()
    if events:
        looked_for = tuple(
            Item(
                oid=f"AEPRE.{position}",
                label=event,
                data_type=DataType.CODED,
                codelist=YES_NO,
                question=f"{event}: did it occur?",
            )
            for position, event in enumerate(events, start=1)
        )
        groups.append(
            ItemGroup(oid="IG.AEPRE", label="Prespecified events", items=looked_for, repeating=True)
        )
    items = (
        Item(oid="AE.TERM", label="What happened", data_type=DataType.TEXT),
        Item(oid="AE.START", label="Begun on", data_type=DataType.DATE),
        Item(oid="AE.END", label="Ended on", data_type=DataType.DATE, required=False),
        Item(oid="AE.TOXGR", label="Grade", data_type=DataType.CODED, codelist=SEVERITY),
        Item(oid="AE.SER", label="Serious (ICH E2A)", data_type=DataType.CODED, codelist=YES_NO),
        Item(oid="AE.REL", label="Relation to the product", data_type=DataType.CODED, codelist=RELATED),
        Item(oid="AE.ACTION", label="What was done", data_type=DataType.TEXT, required=False),
    )
    groups.append(ItemGroup(oid="IG.AE", label="Adverse events", items=items, repeating=True))
    return Form(oid="F.AE", label="Adverse events", groups=tuple(groups))


def _concomitant() -> Form:
    items = (
        Item(oid="CM.TRT", label="Medication", data_type=DataType.TEXT),
        Item(oid="CM.DOSE", label="Dose and unit", data_type=DataType.TEXT, required=False),
        Item(oid="CM.START", label="Begun on", data_type=DataType.DATE),
        Item(oid="CM.END", label="Ended on", data_type=DataType.DATE, required=False),
        Item(oid="CM.WHY", label="Reason", data_type=DataType.TEXT, required=False),
    )
    group = ItemGroup(oid="IG.CM", label="Concomitant medication", items=items, repeating=True)
    return Form(oid="F.CM", label="Concomitant medication", groups=(group,))


_ENDS = Codelist(
    oid="DSDECOD",
    label="How participation ended",
    codes=(
        Code("COMPLETED", "Completed"),
        Code("WITHDRAWN", "Withdrew consent"),
        Code("LOST", "Lost to follow-up"),
        Code("DEATH", "Died"),
        Code("OTHER", "Other"),
    ),
)


def _disposition() -> Form:
    items = (
        Item(oid="DS.DATE", label="Date", data_type=DataType.DATE),
        Item(oid="DS.DECOD", label="How participation ended", data_type=DataType.CODED, codelist=_ENDS),
        Item(oid="DS.WHY", label="Reason", data_type=DataType.TEXT, required=False),
    )
    group = ItemGroup(oid="IG.DS", label="End of participation", items=items)
    return Form(oid="F.DISPOSITION", label="End of participation", groups=(group,))
