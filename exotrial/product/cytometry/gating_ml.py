"""Reads Gating-ML 2.0 (ISAC recommendation, 2013): transformations, spectrum matrices and gates.

Entities are not expanded and nothing is fetched. What the file holds beyond the standard's gates (annotations) is
passed over; a gate or transformation that is not understood is refused with its line, since a gate that is left out
changes every count below it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from lxml import etree

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.findings import Finding, Quote, Severity
from exotrial.product.cytometry.gates import (
    Boolean,
    Dimension,
    Ellipsoid,
    Gate,
    Gating,
    Polygon,
    Quadrant,
    Ratio,
    Rectangle,
    Spectra,
)
from exotrial.product.cytometry.scales import Asinh, Hyperlog, Linear, Logarithmic, Logicle, Scale

NOT_XML = ErrorCode(
    "GML-001", "The file is no XML that can be read.", "export the gates again as Gating-ML 2.0."
)
NOT_GATING = ErrorCode(
    "GML-002",
    "The file is XML and no Gating-ML 2.0.",
    "export the gates as Gating-ML 2.0; 1.5 and workspaces are not read.",
)
NOT_UNDERSTOOD = ErrorCode(
    "GML-003",
    "A part of a Gating-ML file is not understood, or something it needs is missing.",
    "look at the line; what a gate needs is in section 7 of the standard.",
)
TWICE = ErrorCode(
    "GML-004", "Two parts of a Gating-ML file have one id.", "give each gate and transformation its own id."
)
ENTITIES = ErrorCode(
    "GML-005",
    "The file declares entities, which are not expanded here.",
    "remove the document type declaration.",
)

_ROOT = "http://www.isac-net.org/std/Gating-ML/v2.0/"
GATING, TRANSFORMS, DATA = f"{{{_ROOT}gating}}", f"{{{_ROOT}transformations}}", f"{{{_ROOT}datatypes}}"
Element = Any
"""An element of lxml, which has no types."""


def read_gating_ml(data: bytes, *, name: str) -> Gating:
    """The gates of a file (GML-001 to GML-005, FLO-002)."""
    try:
        root = etree.fromstring(
            data,
            parser=etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False),
        )
    except etree.XMLSyntaxError as wrong:
        line = wrong.lineno if wrong.lineno else None
        raise NOT_XML.refuse(f"{wrong.msg}", place=Place(file=name, line=line)) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ENTITIES.refuse("there is a document type declaration", place=Place(file=name, line=1))
    if root.tag != f"{GATING}Gating-ML":
        raise NOT_GATING.refuse(f"its root is {root.tag}", place=Place(file=name, line=1), value=root.tag)
    return _Reader(name).read(root)


class _Reader:
    """One file: first what gates refer to, then the gates, since the order of a file is free."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.scales: dict[str, tuple[Scale, float | None, float | None]] = {}
        self.ratios: dict[str, Ratio] = {}
        self.spectra: dict[str, Spectra] = {}
        self.gates: dict[str, Gate] = {}
        self.findings: list[Finding] = []

    def read(self, root: Element) -> Gating:
        elements = [one for one in root if isinstance(one.tag, str)]
        for one in elements:
            if one.tag == f"{TRANSFORMS}transformation":
                self._transformation(one)
            elif one.tag == f"{TRANSFORMS}spectrumMatrix":
                self._matrix(one)
        readers: dict[str, Callable[[Element], None]] = {
            "RectangleGate": self._rectangle,
            "PolygonGate": self._polygon,
            "EllipsoidGate": self._ellipsoid,
            "QuadrantGate": self._quadrants,
            "BooleanGate": self._boolean,
        }
        for one in elements:
            if not str(one.tag).startswith(GATING):
                continue
            kind = str(one.tag).removeprefix(GATING)
            if kind not in readers:
                raise self.refuse(one, f"a gate of the kind {kind}")
            readers[kind](one)
        return Gating(
            gates=self.gates,
            spectra=self.spectra,
            place=Place(file=self.name),
            findings=tuple(self.findings),
        )

    def refuse(self, element: Element, problem: str) -> Exception:
        return NOT_UNDERSTOOD.refuse(problem, place=Place(file=self.name, line=element.sourceline))

    def _named(self, element: Element, prefix: str) -> str:
        name = str(element.get(f"{prefix}id", ""))
        if not name:
            raise self.refuse(element, f"{_short(element)} has no id")
        if name in self.gates or name in self.scales or name in self.ratios or name in self.spectra:
            raise TWICE.refuse(
                f"{name!r} is there already", place=Place(file=self.name, line=element.sourceline), value=name
            )
        return name

    def _number(self, element: Element, attribute: str) -> float:
        text = element.get(attribute)
        try:
            value = float(text) if text is not None else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            said = "missing" if text is None else repr(text)
            raise self.refuse(
                element, f"{attribute.rpartition('}')[2]} of {_short(element)} is {said}, no number"
            )
        return value

    def _maybe(self, element: Element, attribute: str) -> float | None:
        return None if element.get(attribute) is None else self._number(element, attribute)

    def _transformation(self, element: Element) -> None:
        name = self._named(element, TRANSFORMS)
        least = self._maybe(element, f"{TRANSFORMS}boundMin")
        most = self._maybe(element, f"{TRANSFORMS}boundMax")
        kinds = [one for one in element if isinstance(one.tag, str) and str(one.tag).startswith(TRANSFORMS)]
        if len(kinds) != 1:
            raise self.refuse(element, f"the transformation {name!r} has {len(kinds)} formulas")
        (kind,) = kinds
        what = str(kind.tag).removeprefix(TRANSFORMS)

        def of(*letters: str) -> dict[str, float]:
            return {letter: self._number(kind, f"{TRANSFORMS}{letter}") for letter in letters}

        if what == "fratio":
            channels = [self._channel(one) for one in kind.iter(f"{DATA}fcs-dimension")]
            if len(channels) != 2:
                raise self.refuse(kind, f"a ratio of {len(channels)} channels")
            self.ratios[name] = Ratio(**of("A", "B", "C"), x=channels[0], y=channels[1])
            return
        scales: dict[str, Callable[[], Scale]] = {
            "flin": lambda: Linear(**of("T", "A")),
            "flog": lambda: Logarithmic(**of("T", "M")),
            "fasinh": lambda: Asinh(**of("T", "M", "A")),
            "logicle": lambda: Logicle(**of("T", "W", "M", "A")),
            "hyperlog": lambda: Hyperlog(**of("T", "W", "M", "A")),
        }
        if what not in scales:
            raise self.refuse(kind, f"a transformation of the kind {what}")
        self.scales[name] = (scales[what](), least, most)

    def _matrix(self, element: Element) -> None:
        name = self._named(element, TRANSFORMS)

        def names(of: str) -> tuple[str, ...]:
            listed = element.find(f"{TRANSFORMS}{of}")
            return (
                ()
                if listed is None
                else tuple(self._channel(one) for one in listed.iter(f"{DATA}fcs-dimension"))
            )

        rows = [
            [self._number(one, f"{TRANSFORMS}value") for one in row.iter(f"{TRANSFORMS}coefficient")]
            for row in element.iter(f"{TRANSFORMS}spectrum")
        ]
        stains, detectors = names("fluorochromes"), names("detectors")
        inverted = element.get(f"{TRANSFORMS}matrix-inverted-already", "false") == "true"
        wide = len(stains) if inverted else len(detectors)
        tall = len(detectors) if inverted else len(stains)
        if not rows or len(rows) != tall or any(len(row) != wide for row in rows):
            raise self.refuse(element, f"the matrix {name!r} has not {tall} rows of {wide}")
        self.spectra[name] = Spectra(
            stains=stains, detectors=detectors, matrix=np.array(rows, dtype=np.float64), inverted=inverted
        )

    def _channel(self, element: Element) -> str:
        name = element.get(f"{DATA}name", "")
        if not name:
            raise self.refuse(element, "a dimension has no name")
        return str(name)

    def _dimension(self, element: Element) -> Dimension:
        scale, least, most = None, None, None
        ref = element.get(f"{GATING}transformation-ref")
        if ref is not None:
            if ref not in self.scales:
                raise self.refuse(element, f"there is no transformation {ref!r}")
            scale, least, most = self.scales[ref]
        compensation = element.get(f"{GATING}compensation-ref")
        if compensation is None:
            raise self.refuse(element, f"{_short(element)} has no compensation-ref")
        plain, new = element.find(f"{DATA}fcs-dimension"), element.find(f"{DATA}new-dimension")
        if plain is not None:
            of: str | Ratio = self._channel(plain)
        elif new is not None:
            ratio = new.get(f"{DATA}transformation-ref", "")
            if ratio not in self.ratios:
                raise self.refuse(new, f"there is no ratio {ratio!r}")
            of = self.ratios[ratio]
        else:
            raise self.refuse(element, f"{_short(element)} names no channel")
        return Dimension(of=of, compensation=str(compensation), scale=scale, least=least, most=most)

    def _dimensions(self, element: Element, *, exactly: int | None = None) -> tuple[Dimension, ...]:
        found = tuple(self._dimension(one) for one in element.iterchildren(f"{GATING}dimension"))
        if not found or (exactly is not None and len(found) != exactly):
            raise self.refuse(element, f"{_short(element)} has {len(found)} dimensions")
        return found

    def _rectangle(self, element: Element) -> None:
        name = self._named(element, GATING)
        dimensions = self._dimensions(element)
        self.gates[name] = Rectangle(
            dimensions=dimensions,
            bounds=tuple(
                (self._maybe(one, f"{GATING}min"), self._maybe(one, f"{GATING}max"))
                for one in element.iterchildren(f"{GATING}dimension")
            ),
            parent=_parent(element),
        )

    def _polygon(self, element: Element) -> None:
        name = self._named(element, GATING)
        x, y = self._dimensions(element, exactly=2)
        vertices = tuple(tuple(self._coordinates(one)) for one in element.iterchildren(f"{GATING}vertex"))
        if len(vertices) < 3 or any(len(vertex) != 2 for vertex in vertices):
            raise self.refuse(
                element, f"the polygon {name!r} has not three or more corners of two coordinates"
            )
        self.gates[name] = Polygon(
            dimensions=(x, y), vertices=tuple((v[0], v[1]) for v in vertices), parent=_parent(element)
        )

    def _coordinates(self, element: Element) -> Iterator[float]:
        for one in element.iterchildren(f"{GATING}coordinate"):
            yield self._number(one, f"{DATA}value")

    def _ellipsoid(self, element: Element) -> None:
        name = self._named(element, GATING)
        dimensions = self._dimensions(element)
        mean, square = element.find(f"{GATING}mean"), element.find(f"{GATING}distanceSquare")
        rows = tuple(
            tuple(self._number(one, f"{DATA}value") for one in row.iterchildren(f"{GATING}entry"))
            for row in element.iter(f"{GATING}row")
        )
        middle = () if mean is None else tuple(self._coordinates(mean))
        n = len(dimensions)
        if square is None or len(middle) != n or len(rows) != n or any(len(row) != n for row in rows):
            raise self.refuse(element, f"the ellipsoid {name!r} lacks its mean, covariance or distance")
        covariance = np.array(rows)
        if not np.allclose(covariance, covariance.T) or np.any(np.linalg.eigvalsh(covariance) <= 0):
            self.findings.append(self._no_ellipsoid(element, name))
        self.gates[name] = Ellipsoid(
            dimensions=dimensions,
            mean=middle,
            covariance=rows,
            distance_square=self._number(square, f"{DATA}value"),
            parent=_parent(element),
        )

    def _no_ellipsoid(self, element: Element, name: str) -> Finding:
        return Finding(
            rule="FLF-010",
            subject=name,
            severity=Severity.WARNING,
            kind="plausibility",
            says=f"the covariance of {name!r} is not symmetric and positive: the gate is no ellipsoid",
            why="The formula of the standard is applied as it stands, and what it holds may be without bounds.",
            settle="the covariance matrix that was meant.",
            quotes=(Quote(source=self.name, prints=name, line=element.sourceline),),
        )

    def _quadrants(self, element: Element) -> None:
        self._named(element, GATING)
        dividers: dict[str, tuple[Dimension, list[float]]] = {}
        for one in element.iterchildren(f"{GATING}divider"):
            values = sorted(self._text_number(value) for value in one.iterchildren(f"{GATING}value"))
            if not values:
                raise self.refuse(one, "a divider has no value")
            dividers[one.get(f"{GATING}id", "")] = (self._dimension(one), values)
        for one in element.iterchildren(f"{GATING}Quadrant"):
            name = self._named(one, GATING)
            dimensions, intervals = [], []
            for position in one.iterchildren(f"{GATING}position"):
                ref = position.get(f"{GATING}divider_ref", "")
                if ref not in dividers:
                    raise self.refuse(position, f"there is no divider {ref!r}")
                dimension, values = dividers[ref]
                where = self._number(position, f"{GATING}location")
                edges = [-math.inf, *values, math.inf]
                at = next(k for k in range(len(edges) - 1) if edges[k] <= where < edges[k + 1])
                dimensions.append(dimension)
                intervals.append((edges[at], edges[at + 1]))
            if not dimensions:
                raise self.refuse(one, f"the quadrant {name!r} has no position")
            self.gates[name] = Quadrant(
                dimensions=tuple(dimensions), intervals=tuple(intervals), parent=_parent(element)
            )

    def _text_number(self, element: Element) -> float:
        try:
            value = float((element.text or "").strip())
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.refuse(element, f"{element.text!r} is no number")
        return value

    def _boolean(self, element: Element) -> None:
        name = self._named(element, GATING)
        for how in ("and", "or", "not"):
            part = element.find(f"{GATING}{how}")
            if part is None:
                continue
            of = tuple(
                (one.get(f"{GATING}ref", ""), one.get(f"{GATING}use-as-complement", "false") in ("true", "1"))
                for one in part.iterchildren(f"{GATING}gateReference")
            )
            if (how == "not" and len(of) != 1) or (how != "not" and len(of) < 2):
                raise self.refuse(part, f"{how} of {len(of)} gates")
            self.gates[name] = Boolean(how=how, of=of, parent=_parent(element))
            return
        raise self.refuse(element, f"the boolean gate {name!r} says neither and, or nor not")


def _parent(element: Element) -> str:
    return str(element.get(f"{GATING}parent_id", ""))


def _short(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
