"""Gates of Gating-ML 2.0 (section 7) and which events lie in them.

Rectangles and quadrants hold their lower bound and not the upper one; polygons and ellipsoids hold their edge. A
polygon whose edges cross counts by the even-odd rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding
from exotrial.product.cytometry.compensation import compensate, compensate_by_file
from exotrial.product.cytometry.events import Events, Flags, Floats
from exotrial.product.cytometry.scales import Scale
from exotrial.product.kernel import compiled

NO_GATE = ErrorCode(
    "FLO-004", "A gate refers to a gate that is not there.", "add the gate, or correct its id."
)
CIRCLE = ErrorCode("FLO-005", "Gates refer to each other in a circle.", "break the circle of references.")
FLAT = ErrorCode(
    "FLO-006",
    "The covariance matrix of an ellipsoid gate cannot be inverted.",
    "give a covariance matrix of full rank.",
)
NO_SPECTRA = ErrorCode(
    "FLO-007", "A gate is compensated by a matrix that is not there.", "add the matrix, or correct its id."
)

Compensation = str
"""`uncompensated`, `FCS` (the file's own matrix, none where it has none), or the id of a matrix."""


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """fratio: A (x - B) / (y - C) of two channels."""

    A: float
    B: float
    C: float
    x: str
    y: str


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """What one axis of a gate measures: a channel or stain, or a ratio; compensated, then scaled, then bounded."""

    of: str | Ratio
    compensation: Compensation
    scale: Scale | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Spectra:
    """A matrix by id: `stains` name what comes out, `detectors` what goes in."""

    stains: tuple[str, ...]
    detectors: tuple[str, ...]
    matrix: Floats
    inverted: bool = False


@dataclass(frozen=True, kw_only=True)
class Rectangle:
    """`bounds` are (min, max) of each dimension, None for open."""

    dimensions: tuple[Dimension, ...]
    bounds: tuple[tuple[float | None, float | None], ...]
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Polygon:
    dimensions: tuple[Dimension, Dimension]
    vertices: tuple[tuple[float, float], ...]
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Ellipsoid:
    dimensions: tuple[Dimension, ...]
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]
    distance_square: float
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Quadrant:
    """`intervals` are (from, to) of each dimension that the quadrant names."""

    dimensions: tuple[Dimension, ...]
    intervals: tuple[tuple[float, float], ...]
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Boolean:
    """`of` are gates by id, each with whether its complement is meant."""

    how: Literal["and", "or", "not"]
    of: tuple[tuple[str, bool], ...]
    parent: str = ""


Gate = Rectangle | Polygon | Ellipsoid | Quadrant | Boolean


@dataclass(frozen=True, kw_only=True)
class Gating:
    """Gates by id in the order of the file, the matrices they are compensated by, and doubts about both."""

    gates: Mapping[str, Gate]
    spectra: Mapping[str, Spectra] = field(default_factory=dict)
    place: Place
    findings: tuple[Finding, ...] = ()


def apply_gates(gating: Gating, events: Events) -> dict[str, Flags]:
    """Which events lie in each gate, by the gate's id (FLO-001, FLO-003 to FLO-007)."""
    work = _Work(gating, events)
    return {name: work.inside(name, ()) for name in gating.gates}


class _Work:
    """One pass over one file: each matrix is solved, each axis and each gate computed once."""

    def __init__(self, gating: Gating, events: Events) -> None:
        self.gating, self.events = gating, events
        self.done: dict[str, Flags] = {}
        self.solved: dict[str, dict[str, Floats]] = {}
        self.axes: dict[Dimension, Floats] = {}

    def inside(self, name: str, above: tuple[str, ...]) -> Flags:
        if name in self.done:
            return self.done[name]
        if name in above:
            raise CIRCLE.refuse(" -> ".join((*above, name)), place=self.gating.place, value=name)
        if name not in self.gating.gates:
            raise NO_GATE.refuse(f"there is no gate {name!r}", place=self.gating.place, value=name)
        gate = self.gating.gates[name]
        found = self._members(gate, (*above, name))
        if gate.parent:
            found = found & self.inside(gate.parent, (*above, name))
        self.done[name] = found
        return found

    def _members(self, gate: Gate, above: tuple[str, ...]) -> Flags:
        if isinstance(gate, Boolean):
            parts = [self.inside(ref, above) ^ complement for ref, complement in gate.of]
            if gate.how == "not":
                return ~parts[0]
            joined: Flags = np.logical_and.reduce(parts) if gate.how == "and" else np.logical_or.reduce(parts)
            return joined
        axes = [self.axis(dimension) for dimension in gate.dimensions]
        if isinstance(gate, Polygon):
            inside: Flags = _in_polygon(axes[0], axes[1], np.array(gate.vertices, dtype=np.float64))
            return inside
        if isinstance(gate, Ellipsoid):
            return self._in_ellipsoid(gate, axes)
        found: Flags = np.ones(len(self.events), dtype=np.bool_)
        limits = gate.bounds if isinstance(gate, Rectangle) else gate.intervals
        for values, (low, high) in zip(axes, limits, strict=True):
            if low is not None:
                found &= values >= low
            if high is not None:
                found &= values < high
        return found

    def _in_ellipsoid(self, gate: Ellipsoid, axes: list[Floats]) -> Flags:
        covariance = np.array(gate.covariance, dtype=np.float64)
        if np.linalg.matrix_rank(covariance) < len(axes):
            raise FLAT.refuse(f"the matrix {covariance.tolist()} is singular", place=self.gating.place)
        away = np.column_stack(axes) - np.array(gate.mean)
        distance: Floats = np.einsum("ni,ij,nj->n", away, np.linalg.inv(covariance), away)
        return distance <= gate.distance_square

    def axis(self, dimension: Dimension) -> Floats:
        """The values of one axis: compensated, then scaled, then bounded."""
        if dimension not in self.axes:
            of = dimension.of
            if isinstance(of, Ratio):
                x, y = self.light(of.x, dimension.compensation), self.light(of.y, dimension.compensation)
                with np.errstate(divide="ignore", invalid="ignore"):
                    values = of.A * (x - of.B) / (y - of.C)
            else:
                values = self.light(of, dimension.compensation)
            if dimension.scale is not None:
                values = dimension.scale.apply(values)
            if dimension.least is not None or dimension.most is not None:
                values = np.clip(values, dimension.least, dimension.most)
            self.axes[dimension] = values
        return self.axes[dimension]

    def light(self, name: str, compensation: Compensation) -> Floats:
        if compensation == "uncompensated":
            return self.events.column(name)
        if compensation not in self.solved:
            self.solved[compensation] = self._solve(compensation)
        solved = self.solved[compensation]
        # A channel that the matrix does not name (scatter, time) is as it was measured.
        return solved[name] if name in solved else self.events.column(name)

    def _solve(self, compensation: Compensation) -> dict[str, Floats]:
        if compensation == "FCS":
            spill = self.events.spill
            if self.events.spill_problem:
                raise NO_SPECTRA.refuse(
                    f"the file's own matrix cannot be used: {self.events.spill_problem}",
                    place=self.events.place,
                    remedy="export the FCS file again, or give the matrix in the Gating-ML file.",
                )
            if spill is None:
                return {}
            true = compensate_by_file(self.events, spill)
            return {name: true[:, k] for k, name in enumerate(spill.detectors)}
        if compensation not in self.gating.spectra:
            raise NO_SPECTRA.refuse(
                f"there is no matrix {compensation!r}", place=self.gating.place, value=compensation
            )
        spectra = self.gating.spectra[compensation]
        true = compensate(self.events, spectra.matrix, detectors=spectra.detectors, inverted=spectra.inverted)
        return {name: true[:, k] for k, name in enumerate(spectra.stains)}


@compiled
def _in_polygon(xs: Floats, ys: Floats, corners: Floats) -> Flags:
    """Even-odd rule, edges included."""
    found = np.zeros(xs.size, dtype=np.bool_)
    n = corners.shape[0]
    for k in range(xs.size):
        x, y = xs[k], ys[k]
        inside = False
        j = n - 1
        for i in range(n):
            xi, yi, xj, yj = corners[i, 0], corners[i, 1], corners[j, 0], corners[j, 1]
            cross = (x - xi) * (yj - yi) - (y - yi) * (xj - xi)
            if cross == 0 and min(xi, xj) <= x <= max(xi, xj) and min(yi, yj) <= y <= max(yi, yj):
                inside = True
                break
            if (yi > y) != (yj > y) and x < (xj - xi) * (y - yi) / (yj - yi) + xi:
                inside = not inside
            j = i
        found[k] = inside
    return found
