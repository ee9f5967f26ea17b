"""Prespecified inhalation-associated events: how many, and whether any (after Zhu et al. 2022, MEXCOVID)."""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.measure import (
    Computed,
    Direction,
    Measure,
    WorkedExample,
    choice,
    day,
    not_computable,
    yes_no,
)
from exotrial.outcomes.values import Missing

CITATION = (
    "Zhu YG et al. Nebulized exosomes derived from allogenic adipose tissue mesenchymal stromal cells in patients "
    "with severe COVID-19: a pilot study. Stem Cell Res Ther 2022;13:220"
)
CONVENTION = (
    "No event is zero only where the participant was watched during and after inhalation; otherwise it is missing. "
    "Every event counts, also a second one of a kind on the same day. The list of kinds is this project's; a "
    "protocol that prespecifies others counts them as other."
)

WATCHED = yes_no("inhalation_watched", "Watched during and after every inhalation")
EVENT = choice(
    "inhalation_event",
    "Inhalation-associated event",
    {
        "bronchospasm": "bronchospasm or wheeze",
        "desaturation": "fall of oxygen saturation",
        "cough": "cough that interrupts the inhalation",
        "dyspnoea": "new or worse shortness of breath",
        "hypersensitivity": "rash, angio-oedema or anaphylaxis",
        "hypotension": "fall of blood pressure",
        "arrhythmia": "new arrhythmia",
        "other": "another prespecified event",
    },
)
OCCURRED = day("inhalation_event_on", "Date of the event", required=False)


def _count(answers: Answers) -> int | None:
    if answers.flag(WATCHED.oid) or answers.rows:
        return len(answers.rows)
    return None


def _compute_count(answers: Answers) -> Computed:
    events = _count(answers)
    if events is None:
        return not_computable("not watched: no report is not no event")
    if answers.flag(WATCHED.oid) is not True:
        return Computed(value=float(events), notes=("not watched throughout: at least this many",))
    return Computed(value=float(events))


def _compute_any(answers: Answers) -> Computed:
    events = _count(answers)
    if events is None:
        return not_computable("not watched: no report is not no event")
    return Computed(value=float(events > 0), text="Yes" if events else "No")


_TWO = [{"inhalation_event": "cough"}, {"inhalation_event": "desaturation"}]
_SOURCE = "definition: events are counted"

INHALATION_EVENTS = Measure(
    paramcd="INHEVTN",
    param="Prespecified inhalation-associated events, number",
    unit="",
    low=0,
    high=1000,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=(WATCHED,),
    row_items=(EVENT, OCCURRED),
    compute=_compute_count,
    convention=CONVENTION,
    aliases=(
        "Inhalation events",
        "Inhalation-associated events",
        "Prespecified inhalation-associated events",
    ),
    examples=(
        WorkedExample(inputs={"inhalation_watched": True, "rows": _TWO}, expected=2.0, source=_SOURCE),
        WorkedExample(
            inputs={"inhalation_watched": True},
            expected=0.0,
            source="MEXCOVID abstract: no prespecified event",
        ),
        WorkedExample(
            inputs={"inhalation_watched": False},
            expected=Missing.NOT_COMPUTABLE,
            source="the convention of this measure",
        ),
    ),
)

ANY_INHALATION_EVENT = Measure(
    paramcd="INHEVT",
    param="Any prespecified inhalation-associated event",
    unit="",
    low=0,
    high=1,
    direction=Direction.HIGHER_IS_WORSE,
    citation=CITATION,
    items=(WATCHED,),
    row_items=(EVENT, OCCURRED),
    compute=_compute_any,
    classes=("No", "Yes"),
    convention=CONVENTION,
    aliases=("Incidence of inhalation-associated events",),
    examples=(
        WorkedExample(inputs={"inhalation_watched": True, "rows": _TWO}, expected="Yes", source=_SOURCE),
        WorkedExample(inputs={"inhalation_watched": True}, expected="No", source=_SOURCE),
    ),
)
