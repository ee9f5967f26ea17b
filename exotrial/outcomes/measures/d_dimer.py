"""D-dimer in plasma, in fibrinogen-equivalent units (Adam, Key & Greenberg 2009)."""

from exotrial.outcomes.measure import Direction, Measure, WorkedExample

D_DIMER = Measure(
    paramcd="DDIMER",
    param="D-dimer, fibrinogen-equivalent units",
    unit="mg/L",
    low=0,
    high=100,
    direction=Direction.HIGHER_IS_WORSE,
    citation=(
        "Adam SS, Key NS, Greenberg CS. D-dimer antigen: current concepts and future prospects. "
        "Blood 2009;113:2878-87"
    ),
    aliases=("D-dimer", "D dimer", "D-dimer FEU"),
    loinc="48065-7",
    convention=(
        "Fibrinogen-equivalent units (FEU). A result in D-dimer units (DDU) is about half of that"
        " and is not taken here: its unit looks the same."
    ),
    examples=(
        WorkedExample(inputs={"ddimer": "500 ng/mL"}, expected=0.5, source="units: 1 ng/mL is 0.001 mg/L"),
        WorkedExample(inputs={"ddimer": "0.5 ug/mL"}, expected=0.5, source="units: 1 ug/mL is 1 mg/L"),
    ),
)
