"""B cells (CD19 positive) as a share of lymphocytes, by flow cytometry (Maecker 2012)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

CD19 = Measure(
    paramcd="CD19PCT",
    param="CD19+ B cells of lymphocytes",
    unit="%",
    low=0,
    high=100,
    direction=Direction.NEITHER,
    citation=(
        "Maecker HT, McCoy JP, Nussenblatt R. Standardizing immunophenotyping for the Human "
        "Immunology Project. Nat Rev Immunol 2012;12:191-200"
    ),
    aliases=("CD19", "CD19+"),
    convention=(
        "The gate is lymphocytes; a share of another parent population is another variable. A "
        "column headed TH19 names no known subset and is not taken for this one."
    ),
    examples=(
        WorkedExample(
            inputs={"cd19pct": 12},
            expected=12.0,
            source="definition: a bare number is in the unit of the measure",
        ),
    ),
)
