"""Alanine aminotransferase activity in serum or plasma (ACG guideline 2017)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

ALT = Measure(
    paramcd="ALT",
    param="Alanine aminotransferase",
    unit="U/L",
    low=0,
    high=5000,
    direction=Direction.HIGHER_IS_WORSE,
    citation=(
        "Kwo PY, Cohen SM, Lim JK. ACG clinical guideline: evaluation of abnormal liver "
        "chemistries. Am J Gastroenterol 2017;112:18-35"
    ),
    aliases=("ALT activity", "Alanine transaminase", "SGPT", "GPT"),
    loinc="1742-6",
    examples=(
        WorkedExample(
            inputs={"alt": "33 U/L"},
            expected=33.0,
            source="ACG guideline 2017: upper limit of normal for men 29 to 33 IU/L",
        ),
        WorkedExample(
            inputs={"alt": "1 ukat/L"}, expected=60.0, source="1 katal is 6e7 U (mol/s against umol/min)"
        ),
    ),
)
