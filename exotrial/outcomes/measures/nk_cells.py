"""Natural killer cells (CD3 negative, CD16 or CD56 positive) as a share of lymphocytes (Maecker 2012)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

NK_CELLS = Measure(
    paramcd="NKPCT",
    param="Natural killer cells of lymphocytes",
    unit="%",
    low=0,
    high=100,
    direction=Direction.NEITHER,
    citation=(
        "Maecker HT, McCoy JP, Nussenblatt R. Standardizing immunophenotyping for the Human "
        "Immunology Project. Nat Rev Immunol 2012;12:191-200"
    ),
    aliases=("NK", "NK cells"),
    convention="The gate is lymphocytes; a share of another parent population is another variable.",
    examples=(
        WorkedExample(
            inputs={"nkpct": "31.04 %"},
            expected=31.04,
            source="ChiCTR2000030261, Table 3, patient 6, 30 March",
        ),
    ),
)
