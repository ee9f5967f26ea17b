"""Time to clinical improvement: two categories down an ordinal scale, or discharge alive, whichever comes first.

The scale is named, because trials use several: seven categories in Cao et al. 2020, six in Wang et al. 2020.
"""

from exotrial.outcomes.answers import Answers
from exotrial.outcomes.course import (
    DEATH,
    DISCHARGE,
    INDEX,
    LAST_KNOWN,
    days_from,
    died_on_day,
    index_of,
    known_alive_day,
)
from exotrial.outcomes.measure import (
    Computed,
    Direction,
    Measure,
    WorkedExample,
    choice,
    day,
    not_computable,
)

HORIZON = 28
DECLINE = 2

SEVEN = {
    "1": "not in hospital, normal activities resumed",
    "2": "not in hospital, normal activities not resumed",
    "3": "in hospital, no oxygen",
    "4": "in hospital, oxygen",
    "5": "in hospital, high-flow oxygen or non-invasive ventilation",
    "6": "in hospital, invasive ventilation or ECMO",
    "7": "dead",
}
SIX = {
    "1": "discharged, or fit for discharge",
    "2": "in hospital, no oxygen",
    "3": "in hospital, oxygen",
    "4": "in hospital, high-flow oxygen or non-invasive ventilation",
    "5": "in hospital, invasive ventilation or ECMO",
    "6": "dead",
}

ASSESSED = day("assessed_on", "Date of the assessment")


def compute_time_to_improvement(answers: Answers, *, baseline: str, category: str, dead: str) -> Computed:
    """Days from the index date to improvement by day 28; else censored, a death at day 28.

    `baseline` and `category` are the oids of the category at the index date and in each row; `dead` is the code
    of death, which counts as a death on the day of its row.
    """
    index = index_of(answers)
    start = answers.code(baseline)
    assert start is not None, "the baseline category is a required item"
    reached: list[int] = []
    seen: list[int] = []
    deaths: list[int] = []
    for row in answers.rows:
        on, now = row.day(ASSESSED.oid), row.code(category)
        assert on is not None, "the date of an assessment is a required item"
        assert now is not None, "the category is a required item"
        seen.append(days_from(index, on, of="an assessment"))
        if now == dead:
            deaths.append(seen[-1])
        if int(now) <= int(start) - DECLINE:
            reached.append(seen[-1])
    discharge = answers.day(DISCHARGE.oid)
    if discharge is not None:
        seen.append(days_from(index, discharge, of="discharge"))
        reached.append(seen[-1])
    dated = died_on_day(answers, index=index)
    died = dated if dated is not None else min(deaths, default=None)
    alive = known_alive_day(answers, index=index)
    if alive is not None:
        seen.append(alive)
    first = min(reached, default=None)
    if first is not None and first <= HORIZON:
        return Computed(value=float(first), event=True)
    if died is not None and died <= HORIZON:
        note = f"died on day {died} without improvement: censored at day {HORIZON}"
        return Computed(value=float(HORIZON), event=False, notes=(note,))
    last = max(seen, default=None) if died is None else HORIZON
    if last is None:
        return not_computable("never assessed after the index date")
    return Computed(value=float(min(last, HORIZON)), event=False)


def _measure(
    *, paramcd: str, label: str, codes: dict[str, str], citation: str, aliases: tuple[str, ...]
) -> Measure:
    count = len(codes)
    living = {code: text for code, text in codes.items() if text != "dead"}
    baseline = choice(f"baseline_category_{count}", f"Category at the index date, {label}", living)
    category = choice(f"category_{count}", f"Category, {label}", codes)
    start = {"index_date": "2020-03-01", baseline.oid: "5"}
    rows = [
        {"assessed_on": "2020-03-08", category.oid: "4"},
        {"assessed_on": "2020-03-15", category.oid: "3"},
    ]
    return Measure(
        paramcd=paramcd,
        param=f"Time to clinical improvement, {label}",
        unit="d",
        low=0,
        high=HORIZON,
        direction=Direction.HIGHER_IS_WORSE,
        citation=citation,
        items=(INDEX, baseline, DISCHARGE, DEATH, LAST_KNOWN),
        row_items=(ASSESSED, category),
        compute=lambda answers: compute_time_to_improvement(
            answers, baseline=baseline.oid, category=category.oid, dead=str(count)
        ),
        convention=(
            f"Improvement is a decline of {DECLINE} categories or discharge alive. Days elapse from the index date. "
            f"A death without improvement is censored at day {HORIZON}; one lost to follow-up when last seen. An "
            "improvement is known on the day of an assessment only."
        ),
        aliases=aliases,
        examples=(
            WorkedExample(
                inputs={**start, "rows": rows}, expected=14.0, event=True, source="5 to 3 on 15 March, day 14"
            ),
            WorkedExample(
                inputs={**start, "rows": rows[:1], "death_date": "2020-03-12"},
                expected=28.0,
                event=False,
                source="Cao 2020: deaths before day 28 are censored at day 28",
            ),
            WorkedExample(
                inputs={**start, "rows": rows[:1], "discharge_date": "2020-03-12"},
                expected=11.0,
                event=True,
                source="discharge alive on day 11",
            ),
        ),
    )


TIME_TO_IMPROVEMENT_7 = _measure(
    paramcd="TTCI7",
    label="seven-category scale (Cao 2020)",
    codes=SEVEN,
    citation=(
        "Cao B et al. A trial of lopinavir-ritonavir in adults hospitalized with severe Covid-19. N Engl J Med "
        "2020;382:1787-99"
    ),
    aliases=("Time to clinical improvement", "TTCI"),
)
TIME_TO_IMPROVEMENT_6 = _measure(
    paramcd="TTCI6",
    label="six-category scale (Wang 2020)",
    codes=SIX,
    citation=(
        "Wang Y et al. Remdesivir in adults with severe COVID-19: a randomised, double-blind, placebo-controlled, "
        "multicentre trial. Lancet 2020;395:1569-78"
    ),
    aliases=("Time to clinical improvement, six categories",),
)
