"""How each dated event is marked: a shape and a colour of its own, so that either alone tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from exotrial.report.theme import BLUE, GREEN, INK, MUTED, ORANGE, PINK, YELLOW


@dataclass(frozen=True, kw_only=True)
class Mark:
    """`label` stands in the legend, `word` in a sentence; `shape` is Vega's name or a path within -1 to 1."""

    label: str
    word: str
    shape: str
    colour: str


_BAR = "M-0.35,-1H0.35V1H-0.35Z"
_PLATE = "M-1,-0.35H1V0.35H-1Z"
_PENTAGON = "M0,-1L0.95,-0.31L0.59,0.81L-0.59,0.81L-0.95,-0.31Z"
_STAR = (
    "M0,-1.4L0.36,-0.46L1.34,-0.42L0.57,0.21L0.83,1.17L0,0.63L-0.83,1.17L-0.57,0.21L-1.34,-0.42L-0.36,-0.46Z"
)
_TIMES = (
    "M-0.95,-0.6L-0.6,-0.95L0,-0.35L0.6,-0.95L0.95,-0.6L0.35,0"
    "L0.95,0.6L0.6,0.95L0,0.35L-0.6,0.95L-0.95,0.6L-0.35,0Z"
)
_DAGGER = "M-0.22,-1.1H0.22V-0.6H0.75V-0.15H0.22V1.1H-0.22V-0.15H-0.75V-0.6H-0.22Z"
_HOUSE = "M0,-1L1,-0.1H0.7V0.85H-0.7V-0.1H-1Z"
_HEXAGON = "M-0.5,-0.87H0.5L1,0L0.5,0.87H-0.5L-1,0Z"

MARKS: Mapping[str, Mark] = {
    "screened": Mark(label="Screening", word="screening", shape=_PLATE, colour=MUTED),
    "consent": Mark(label="Consent", word="consent", shape=_HEXAGON, colour=MUTED),
    "onset": Mark(label="Onset", word="onset", shape="triangle-right", colour=ORANGE),
    "diagnosis": Mark(label="Diagnosis", word="diagnosis", shape="circle", colour=INK),
    "admission": Mark(label="Admission", word="admission", shape=_BAR, colour=MUTED),
    "randomised": Mark(label="Randomisation", word="randomisation", shape=_PENTAGON, colour=PINK),
    "first dose": Mark(label="First dose", word="first dose", shape="triangle-down", colour=BLUE),
    "last dose": Mark(label="Last dose", word="last dose", shape="triangle-up", colour=BLUE),
    "ct": Mark(label="CT", word="CT", shape="diamond", colour=PINK),
    "lesion absorbed": Mark(label="Lesion absorbed", word="absorption", shape=_STAR, colour=ORANGE),
    "pcr negative": Mark(label="PCR negative", word="negative PCR", shape="cross", colour=YELLOW),
    "recovery": Mark(label="Recovery", word="recovery", shape="square", colour=GREEN),
    "discharge": Mark(label="Discharge", word="discharge", shape=_HOUSE, colour=YELLOW),
    "lost to follow-up": Mark(
        label="Lost to follow-up", word="loss to follow-up", shape="triangle-left", colour=ORANGE
    ),
    "withdrawal": Mark(label="Withdrawal", word="withdrawal", shape=_TIMES, colour=ORANGE),
    "death": Mark(label="Death", word="death", shape=_DAGGER, colour=INK),
}
