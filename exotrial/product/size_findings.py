"""Doubts that every reader of size distributions has about them, whatever the instrument."""

from __future__ import annotations

from exotrial.core.findings import Finding, Severity
from exotrial.product.assay_text import assay_finding
from exotrial.product.size_distribution import DilutionState, SizeDistribution


def check_dilution(distribution: SizeDistribution) -> list[Finding]:
    """A finding where the dilution is not recorded."""
    if distribution.dilution.state is not DilutionState.NOT_RECORDED:
        return []
    return [
        assay_finding(
            "ASF-006",
            "dilution",
            Severity.ERROR,
            says="the dilution is not recorded.",
            why="The concentration may be of the sample or of a dilution of it, a thousandfold apart.",
            settle="State the dilution from the laboratory's record, signed by who made it, or measure again.",
            place=distribution.place,
        )
    ]
