"""Cells printed as TH19: no subset of lymphocytes has this name, so that the value is kept and not explained."""

from exotrial.outcomes.measure import Direction, Measure

TH19 = Measure(
    paramcd="TH19PCT",
    param="Cells printed as TH19",
    unit="%",
    low=0,
    high=100,
    direction=Direction.NEITHER,
    citation="none: the name is that of ChiCTR2000030261, Table 3; CD19 (B cells) and Th17 are known, TH19 is not",
    convention="Neither CD19 nor Th17 is assumed; only the source can say which was stained.",
)
