"""T cells (CD3 positive) as a share of lymphocytes, by flow cytometry (Maecker 2012)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

CD3 = Measure(
    paramcd="CD3PCT",
    param="CD3+ T cells of lymphocytes",
    unit="%",
    low=0,
    high=100,
    direction=Direction.NEITHER,
    citation=(
        "Maecker HT, McCoy JP, Nussenblatt R. Standardizing immunophenotyping for the Human "
        "Immunology Project. Nat Rev Immunol 2012;12:191-200"
    ),
    aliases=("CD3", "CD3+"),
    convention="The gate is lymphocytes; a share of another parent population is another variable.",
    examples=(
        WorkedExample(
            inputs={"cd3pct": "55.5 %"},
            expected=55.5,
            source="ChiCTR2000030261, Table 3, patient 6, 30 March",
        ),
    ),
)
