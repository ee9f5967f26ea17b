"""The file of marks of a picture: how it is to be measured, and every mark that a person made, in the order made.

A TOML file (docs/how-to/measure-images.md shows one). Marks are numbered 1, 2, 3 and only ever added: one that was
wrong is replaced or withdrawn by a later one, which says who did so, when and why. The file names the picture by its
SHA-256. Each mark has a digest over itself and all before it, beginning with the picture's; a result keeps them, so
that marks which were changed after they were measured are found (`check_continued`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from exotrial.core.errors import ErrorCode, Place
from exotrial.core.provenance import SourceFile
from exotrial.product.assay import AssayFile
from exotrial.product.blot import POSITIVE, Ground, Mark
from exotrial.product.toml_text import Table, read_toml

OTHER_MARKS = ErrorCode(
    "IMG-004",
    "A file of marks is of another picture, or of another kind of picture.",
    "give the picture whose SHA-256 stands in the marks; `exotrial image start` begins marks for a picture.",
)
BAD_ORDER = ErrorCode(
    "IMG-005",
    "Marks are not numbered in order, go back in time, or replace what cannot be replaced.",
    "number marks 1, 2, 3 as they are made; a mark replaces an earlier one of its kind that still stands.",
)
MARKS_CHANGED = ErrorCode(
    "IMG-006",
    "Marks that were measured before are changed or gone.",
    "put them back as they were, and add a mark that replaces or withdraws the wrong one.",
)


class Shows(StrEnum):
    """What a picture shows."""

    BLOT = "blot"
    MICROGRAPH = "electron micrograph"


class Tone(StrEnum):
    """Whether bands or vesicles are darker or brighter than the ground."""

    DARK = "dark"
    BRIGHT = "bright"


class Kind(StrEnum):
    """What a mark says."""

    LANE = "lane"
    BAND = "band"
    LADDER = "ladder"
    REJECT = "reject"
    SCALE = "scale"
    REMOVE = "remove"
    ADD = "add"
    WITHDRAW = "withdraw"


_TEXTS: Final = {
    Kind.LANE: ("name",),
    Kind.BAND: ("marker", "lane"),
    Kind.REJECT: ("lane",),
    Kind.SCALE: ("read_from",),
}
_NUMBERS: Final = {
    Kind.LANE: ("left", "right"),
    Kind.BAND: ("top", "bottom"),
    Kind.LADDER: ("row", "kda"),
    Kind.REJECT: ("row",),
    Kind.SCALE: ("nm_per_pixel",),
    Kind.REMOVE: ("row", "column"),
    Kind.ADD: ("row", "column", "diameter_nm"),
}
_OF: Final = {
    Shows.BLOT: (Kind.LANE, Kind.BAND, Kind.LADDER, Kind.REJECT, Kind.WITHDRAW),
    Shows.MICROGRAPH: (Kind.SCALE, Kind.REMOVE, Kind.ADD, Kind.WITHDRAW),
}


@dataclass(frozen=True, kw_only=True)
class HandMark:
    """One mark: its number, kind, who, when and why; `texts` and `numbers` (px, kDa or nm) are what it says.

    `digest` is over this mark and all before it.
    """

    number: int
    kind: Kind
    mark: Mark
    replaces: int | None
    texts: dict[str, str]
    numbers: dict[str, float]
    place: Place
    digest: str

    @property
    def tells(self) -> str:
        """The mark in words, as a result prints it."""
        said = [*self.texts.values(), *(f"{name} {value:g}" for name, value in self.numbers.items())]
        return f"{self.kind} {', '.join(said)}".strip()


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Between which weights, kDa, a marker's band is looked for."""

    marker: str
    from_kda: float
    to_kda: float


@dataclass(frozen=True, kw_only=True)
class BlotPlan:
    """How a blot is measured: lanes by name, the ground taken away, which markers should be there and which not."""

    ground: Ground
    radius_px: int
    lane_names: tuple[str, ...]
    sample_lane: str
    control_lane: str
    ladder_lane: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    loading_control: str
    expected: tuple[Expected, ...]


@dataclass(frozen=True, kw_only=True)
class MicrographPlan:
    """How a micrograph is measured: diameters looked for and the width of a bin, nm."""

    smallest_nm: float
    largest_nm: float
    bin_nm: float


@dataclass(frozen=True, kw_only=True)
class Marks:
    """A file of marks. `plan` is how to measure; `marks` are all, `standing` those not replaced or withdrawn."""

    file: SourceFile
    picture_sha256: str
    sample: str
    measured_at: datetime | None
    dark: bool
    plan: BlotPlan | MicrographPlan
    marks: tuple[HandMark, ...]

    @property
    def standing(self) -> tuple[HandMark, ...]:
        gone = {each.replaces for each in self.marks}
        return tuple(each for each in self.marks if each.number not in gone and each.kind != Kind.WITHDRAW)

    @property
    def digests(self) -> tuple[str, ...]:
        """One a mark, each over all before it."""
        return tuple(each.digest for each in self.marks)

    def find(self, kind: Kind) -> tuple[HandMark, ...]:
        """The standing marks of a kind."""
        return tuple(each for each in self.standing if each.kind is kind)

    def replaced_by(self, mark: HandMark) -> str:
        """What a mark replaced, in words; "" where nothing."""
        return "" if mark.replaces is None else f"mark {mark.replaces}: {self.marks[mark.replaces - 1].tells}"


_SHARED: Final = ("shows", "picture", "sha256", "sample", "measured_at", "marks")
_BLOT: Final = (
    *("bands", "background", "radius_px", "lane_names", "sample_lane", "control_lane", "ladder_lane"),
    *("present", "absent", "loading_control", "expected"),
)
_MICROGRAPH: Final = ("vesicles", "smallest_nm", "largest_nm", "bin_nm")


def read_marks(file: AssayFile, *, picture: SourceFile, shows: Shows | None = None) -> Marks:
    """Read marks of this picture (IMG-004 for another, IMG-005 for marks out of order, TML-001 to 003, BLT-001)."""
    table = read_toml(file)
    meant = table.choice("shows", list(Shows))
    if shows is not None and meant is not shows:
        raise OTHER_MARKS.refuse(f"the marks are of a {meant}", place=table.at("shows"), value=meant)
    table.check_keys([*_SHARED, *(_BLOT if meant is Shows.BLOT else _MICROGRAPH)])
    digest = table.text("sha256").lower()
    if digest != picture.sha256:
        raise OTHER_MARKS.refuse(
            f"the marks are of a picture with SHA-256 {digest[:12]}, {picture.name} has {picture.sha256[:12]}",
            place=table.at("sha256"),
            value=digest,
        )
    tone = table.choice("bands" if meant is Shows.BLOT else "vesicles", list(Tone))
    return Marks(
        file=file.source,
        picture_sha256=digest,
        sample=table.text("sample", default=""),
        measured_at=table.moment("measured_at") if "measured_at" in table.values else None,
        dark=tone is Tone.DARK,
        plan=_read_blot_plan(table) if meant is Shows.BLOT else _read_micrograph_plan(table),
        marks=_read_hand_marks(table, meant, digest),
    )


def _read_blot_plan(table: Table) -> BlotPlan:
    ground = table.choice("background", list(Ground))
    expected = []
    for each in table.tables("expected") if "expected" in table.values else ():
        each.check_keys(["marker", "from_kda", "to_kda"])
        expected.append(
            Expected(
                marker=each.text("marker"), from_kda=each.number("from_kda"), to_kda=each.number("to_kda")
            )
        )
    return BlotPlan(
        ground=ground,
        radius_px=table.whole("radius_px") if ground is Ground.ROLLING_DISC else 0,
        lane_names=table.texts("lane_names") if "lane_names" in table.values else (),
        sample_lane=table.text("sample_lane", default=""),
        control_lane=table.text("control_lane", default=""),
        ladder_lane=table.text("ladder_lane", default=""),
        present=table.texts("present") if "present" in table.values else POSITIVE,
        absent=table.texts("absent") if "absent" in table.values else (),
        loading_control=table.text("loading_control", default=""),
        expected=tuple(expected),
    )


def _read_micrograph_plan(table: Table) -> MicrographPlan:
    return MicrographPlan(
        smallest_nm=table.number("smallest_nm"),
        largest_nm=table.number("largest_nm"),
        bin_nm=table.number("bin_nm"),
    )


def _read_hand_marks(table: Table, shows: Shows, digest: str) -> tuple[HandMark, ...]:
    marks: list[HandMark] = []
    for each in table.tables("marks") if "marks" in table.values else ():
        kind = each.choice("kind", _OF[shows])
        texts = _TEXTS.get(kind, ())
        numbers = _NUMBERS.get(kind, ())
        each.check_keys(["number", "kind", "who", "at", "why", "replaces", *texts, *numbers])
        digest = hashlib.sha256(f"{digest}\n{_canonical(each.values)}".encode()).hexdigest()
        made = HandMark(
            number=each.whole("number"),
            kind=kind,
            mark=Mark(who=each.text("who"), at=each.instant("at"), reason=each.text("why")),
            replaces=each.whole("replaces") if "replaces" in each.values else None,
            texts={name: each.text(name) for name in texts},
            numbers={name: each.number(name) for name in numbers},
            place=each.at(),
            digest=digest,
        )
        _check_order(made, marks)
        marks.append(made)
    return tuple(marks)


def _canonical(values: dict[str, Any]) -> str:
    return json.dumps(values, sort_keys=True, ensure_ascii=False, default=str)


def _check_order(made: HandMark, earlier: Sequence[HandMark]) -> None:
    if made.number != len(earlier) + 1:
        raise BAD_ORDER.refuse(
            f"mark {len(earlier) + 1} is numbered {made.number}", place=made.place, value=made.number
        )
    if earlier and made.mark.at < earlier[-1].mark.at:
        raise BAD_ORDER.refuse(
            f"mark {made.number} is of {made.mark.at}, before mark {earlier[-1].number}",
            place=made.place,
            value=made.mark.at,
        )
    if made.kind is Kind.WITHDRAW and made.replaces is None:
        raise BAD_ORDER.refuse(f"mark {made.number} withdraws nothing", place=made.place)
    if made.replaces is None:
        return
    old = next((each for each in earlier if each.number == made.replaces), None)
    gone = made.replaces in {each.replaces for each in earlier}
    fits = old is not None and made.kind in (old.kind, Kind.WITHDRAW) and old.kind is not Kind.WITHDRAW
    if gone or not fits:
        raise BAD_ORDER.refuse(
            f"mark {made.number} replaces {made.replaces}, which "
            + ("is replaced already" if gone else "is no earlier mark of its kind"),
            place=made.place,
            value=made.replaces,
        )


def check_continued(marks: Marks, measured: Sequence[str]) -> None:
    """Refuse marks of which those measured before (their digests) are not the beginning (IMG-006)."""
    for number, (before, now) in enumerate(zip(measured, marks.digests, strict=False), start=1):
        if before != now:
            raise MARKS_CHANGED.refuse(
                f"mark {number} is not what was measured before",
                place=marks.marks[number - 1].place,
                value=number,
            )
    if len(marks.marks) < len(measured):
        raise MARKS_CHANGED.refuse(
            f"{len(measured)} marks were measured before and {len(marks.marks)} are left",
            place=Place(file=marks.file.name),
            value=len(marks.marks),
        )


def begin_marks(picture: SourceFile, *, shows: Shows, tone: Tone) -> str:
    """The text of a file of marks without a mark, with every setting that has to be there."""
    head = f'shows = "{shows}"\npicture = {json.dumps(picture.name)}\nsha256 = "{picture.sha256}"\n'
    if shows is Shows.BLOT:
        return head + (
            f'bands = "{tone}"\nbackground = "{Ground.LOCAL_LINE}"\n'
            '# sample = "CORD-7"               which batch or vial the sample is of\n'
            "# measured_at = 2026-01-12T10:30:00   the imager's own time\n"
            '# lane_names = ["ladder", "vesicles", "cells"]   from left to right, where lanes are found\n'
            '# sample_lane = "vesicles"\n# control_lane = "cells"\n# ladder_lane = "ladder"\n'
            '# absent = ["calnexin"]\n# loading_control = "total protein"\n'
        )
    return head + (
        f'vesicles = "{tone}"\nsmallest_nm = 30\nlargest_nm = 200\nbin_nm = 10\n'
        '# sample = "CORD-7"               which batch or vial the sample is of\n'
        "# measured_at = 2026-01-12T10:30:00   the microscope's own time\n"
    )
