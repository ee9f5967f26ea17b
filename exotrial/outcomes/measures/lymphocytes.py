"""Lymphocyte count in blood (Chabot-Richards & George 2015)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

LYMPHOCYTES = Measure(
    paramcd="LYM",
    param="Lymphocyte count",
    unit="10*9/L",
    low=0,
    high=50,
    direction=Direction.HIGHER_IS_BETTER,
    citation=(
        "Chabot-Richards DS, George TI. White blood cell counts: reference methodology. Clin Lab "
        "Med 2015;35:11-24"
    ),
    aliases=("Lymphocytes", "Total lymphocyte count", "Absolute lymphocyte count"),
    loinc="731-0",
    convention=(
        "Higher is better holds for the lymphopenia of severe viral pneumonia, not for a lymphocytosis."
    ),
    examples=(
        WorkedExample(
            inputs={"lym": "1.61 10*9/L"}, expected=1.61, source="MEXCOVID abstract, median before"
        ),
        WorkedExample(
            inputs={"lym": "1780 cells/uL"},
            expected=1.78,
            source="MEXCOVID abstract, median after; 10*9/L is 1000 cells/uL",
        ),
    ),
)
