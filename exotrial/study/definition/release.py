"""The release specification: what a batch is tested for, by which method, against which limit (ICH Q6B 2.2, 4)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from exotrial.study.definition.base import (
    Duration,
    Identifier,
    Mass,
    Part,
    Positive,
    ReleaseLimit,
    Text,
    Volume,
)


class Sampling(Part):
    """How much of the batch a test looks at: how many vials, and of each how many videos at least."""

    vials: Positive = 1
    videos: Positive | None = None


class EndotoxinLimit(Part):
    """The parts of the limit K / M: the threshold dose, a body weight, the volume given in an hour (USP <85>).

    `source` says where the threshold is from; 5 IU/kg per hour is that of the intravenous route and of no other.
    """

    threshold_iu_per_kg_h: float = Field(gt=0)
    body_weight: Mass
    volume_per_hour: Volume
    source: Text


class ReleaseTest(Part):
    """One test of the release specification; what the source leaves out is left out.

    `name`, `method` and `limit` are as printed. A test with an `id` is one that a batch is held to: `assay` says what
    kind of file shows it, `measures` the number or result in it (`D50`, `particle concentration`, `sterility`).
    """

    name: Text
    method: Text | None = None
    limit: Text | None = None
    id: Identifier | None = None
    assay: (
        Literal[
            "size distribution",
            "particle tracks",
            "zeta potential",
            "flow cytometry",
            "Western blot",
            "electron microscopy",
            "result entered by hand",
            "process record",
            "temperature log",
        ]
        | None
    ) = None
    reader: Text | None = None
    """The one reader whose files count, where it matters which instrument it is."""
    measures: Text | None = None
    at_least: ReleaseLimit | None = None
    at_most: ReleaseLimit | None = None
    requires: Text | None = None
    """The outcome in words that the test must have, such as `no growth`."""
    endotoxin: EndotoxinLimit | None = None
    sampling: Sampling = Sampling()
    calibrated_within: Duration | None = None
    """How long before the measurement the instrument may have been calibrated; left out where nothing is calibrated."""
    required: bool = True
    answerable: tuple[Literal["instrument warning"], ...] = ()
    """What a reasoned and signed deviation may answer; nothing, where it is left out."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        bounds = (self.at_least, self.at_most)
        limits = (any(bounds), self.requires is not None, self.endotoxin is not None)
        if self.id is None:
            told = (self.assay, self.reader, self.measures, self.calibrated_within, *self.answerable)
            if any(limits) or any(told) or self.sampling != Sampling() or not self.required:
                raise ValueError(
                    f"the test {self.name!r} is told how to be judged and has no id; give it one."
                )
            return self
        missing = [name for name in ("assay", "measures") if getattr(self, name) is None]
        if missing:
            raise ValueError(
                f"the test {self.id!r} has no {' and no '.join(missing)}; a test with an id needs both."
            )
        if sum(limits) != 1:
            raise ValueError(
                f"the test {self.id!r} needs one limit: at_least and at_most, or requires, or endotoxin; "
                "leave the id out where the source gives none."
            )
        return self
