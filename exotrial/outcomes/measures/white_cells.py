"""White cell (leucocyte) count in blood (Chabot-Richards & George 2015)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

WHITE_CELLS = Measure(
    paramcd="WBC",
    param="White cell count",
    unit="10*9/L",
    low=0,
    high=100,
    direction=Direction.NEITHER,
    citation=(
        "Chabot-Richards DS, George TI. White blood cell counts: reference methodology. Clin Lab "
        "Med 2015;35:11-24"
    ),
    aliases=(
        "White blood cells",
        "White blood cell count",
        "Total white blood cell count",
        "Leukocytes",
        "Leucocytes",
    ),
    loinc="6690-2",
    examples=(
        WorkedExample(
            inputs={"wbc": "5.28 10*9/L"}, expected=5.28, source="ChiCTR2000030261, Table 2, patient 1 before"
        ),
        WorkedExample(
            inputs={"wbc": "5280 cells/uL"}, expected=5.28, source="units: 10*9/L is 1000 cells/uL"
        ),
    ),
)
