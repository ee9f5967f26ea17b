"""Body weight: actual, and predicted from height and sex by the formula of the ARDS Network.

ARDS Network, N Engl J Med 2000;342:1301-8: men 50 + 0.91 (height in cm - 152.4) kg, women 45.5 + 0.91 (height in cm -
152.4) kg. The bedside table of the same network counts 2.3 kg an inch, which gives up to 0.2 kg less: a protocol should
name the form. The centimetre form is used here.
"""

from __future__ import annotations

from typing import Final, Literal

from exotrial.core.errors import ErrorCode, Place

Sex = Literal["F", "M"]

LEAST_KG, MOST_KG = 20.0, 350.0
LEAST_CM, MOST_CM = 100.0, 230.0
FORMULA_FROM_CM: Final = 152.4
"""Five feet, where the linear formula starts; below it the formula is an extrapolation."""

IMPLAUSIBLE_WEIGHT = ErrorCode(
    "ANT-001",
    "A body weight is not that of an adult.",
    f"weigh again; a weight in kilograms lies between {LEAST_KG:g} and {MOST_KG:g}.",
)
IMPLAUSIBLE_HEIGHT = ErrorCode(
    "ANT-002",
    "A height is not that of an adult.",
    f"measure again; a height in centimetres lies between {LEAST_CM:g} and {MOST_CM:g}.",
)
TOO_SHORT = ErrorCode(
    "ANT-003",
    "The height is below the range of the formula of predicted body weight.",
    f"dose by actual weight, or by a rule that the protocol states for heights below {FORMULA_FROM_CM} cm.",
)


def check_weight(weight_kg: float, *, path: str = "weight_kg") -> float:
    """The weight, if it can be one (ANT-001)."""
    if not LEAST_KG <= weight_kg <= MOST_KG:
        raise IMPLAUSIBLE_WEIGHT.refuse(
            f"a weight of {weight_kg:g} kg", place=Place(path=path), value=weight_kg
        )
    return weight_kg


def check_height(height_cm: float, *, path: str = "height_cm") -> float:
    """The height, if it can be one (ANT-002)."""
    if not LEAST_CM <= height_cm <= MOST_CM:
        raise IMPLAUSIBLE_HEIGHT.refuse(
            f"a height of {height_cm:g} cm", place=Place(path=path), value=height_cm
        )
    return height_cm


def compute_predicted_weight(height_cm: float, *, sex: Sex) -> float:
    """Predicted body weight in kg (ARDS Network 2000), for heights from 152.4 cm (ANT-002, ANT-003)."""
    check_height(height_cm)
    if height_cm < FORMULA_FROM_CM:
        raise TOO_SHORT.refuse(
            f"a height of {height_cm:g} cm is below {FORMULA_FROM_CM} cm",
            place=Place(path="height_cm"),
            value=height_cm,
        )
    return (50.0 if sex == "M" else 45.5) + 0.91 * (height_cm - FORMULA_FROM_CM)
