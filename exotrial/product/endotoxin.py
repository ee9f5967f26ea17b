"""The endotoxin limit of a product: K / M (USP <85>; Ph. Eur. 5.1.10)."""

from __future__ import annotations

from decimal import Decimal

from exotrial.core.errors import ErrorCode
from exotrial.core.quantities import Quantity

BAD_DOSE = ErrorCode(
    "REL-001",
    "A threshold, a body weight or a volume of which an endotoxin limit is made is not above zero.",
    "give the threshold of the route in IU per kg and hour, the body weight and the volume given in an hour.",
)


def compute_endotoxin_limit(
    threshold_iu_per_kg_h: float, *, body_weight: Quantity, volume_per_hour: Quantity
) -> Quantity:
    """The most endotoxin that the product may hold, in IU/mL: K divided by M, the largest dose per kg and hour.

    K is the threshold of the route (5 IU/kg per hour intravenously, USP <85>), M the volume given in an hour per kg
    of body weight. One endotoxin unit (EU) is one IU. Refuses REL-001 and, for other units, QTY-007.
    """
    weight, volume = body_weight.to("kg").value, volume_per_hour.to("mL").value
    threshold = Decimal(f"{threshold_iu_per_kg_h:.12g}")
    for name, value in (("threshold", threshold), ("body weight", weight), ("volume", volume)):
        if not value.is_finite() or value <= 0:
            raise BAD_DOSE.refuse(f"the {name} is {value}", value=value)
    return Quantity(value=threshold * weight / volume, unit="IU/mL")
