"""C-reactive protein in serum or plasma, the acute-phase protein (Pepys & Hirschfield 2003)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

CRP = Measure(
    paramcd="CRP",
    param="C-reactive protein",
    unit="mg/L",
    low=0,
    high=700,
    direction=Direction.HIGHER_IS_WORSE,
    citation=(
        "Pepys MB, Hirschfield GM. C-reactive protein: a critical update. J Clin Invest 2003;111:1805-12"
    ),
    aliases=("C reactive protein", "plasma CRP", "serum CRP", "CRP level"),
    loinc="1988-5",
    convention="A result below the limit of quantification keeps its sign and is not set to a number.",
    examples=(
        WorkedExample(
            inputs={"crp": "88.4 mg/L"}, expected=88.4, source="ChiCTR2000030261, Table 2, patient 1 before"
        ),
        WorkedExample(inputs={"crp": "1.2 mg/dL"}, expected=12.0, source="units: 1 mg/dL is 10 mg/L"),
    ),
)
