"""What is doubtful in the picture of a blot before anything is measured: its depth, and pixels that are full."""

from __future__ import annotations

from collections.abc import Sequence

from exotrial.core.findings import Finding, Severity
from exotrial.product.picture import Picture, compute_saturated


def check_blot_picture(picture: Picture, *, tones: Sequence[bool]) -> tuple[Finding, ...]:
    """An 8-bit blot (IMF-001), full pixels (IMF-002) and pixels at zero, full where bands are dark (IMF-003).

    `tones` are those that bands may have, True for dark: both where nobody has said which.
    """
    found = []
    if picture.bits == 8:
        found.append(
            find_in_picture(
                "IMF-001",
                "The picture has 8 bits: 256 steps of grey.",
                "A weak band and its background may fall into one step, and the export may have been adjusted.",
                "Export the picture of the imager at its full depth (16 bits).",
            )
        )
    for rule, dark, what in (("IMF-002", False, "full"), ("IMF-003", True, "at zero")):
        count = int(compute_saturated(picture, dark=dark).sum()) if dark in tones else 0
        if count:
            found.append(
                find_in_picture(
                    rule,
                    f"{count} pixels are {what}.",
                    "A band that holds saturated pixels has more signal than the picture tells.",
                    "Expose for a shorter time; a band with such pixels is not quantified.",
                )
            )
    return tuple(found)


def find_in_picture(
    rule: str, says: str, why: str, settle: str, *, subject: str = "", severity: Severity = Severity.WARNING
) -> Finding:
    """A finding on a picture, a warning unless said otherwise."""
    return Finding(
        rule=rule, subject=subject, severity=severity, kind="picture", says=says, why=why, settle=settle
    )
