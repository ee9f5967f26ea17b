"""Values of one measure at two or more dates in the same participant, from captured measurements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from exotrial.datasets.captured import Captured

_CAPTURED_UP_TO, _COMPUTED_TO = 8, 4
"""Digits: a number with more than the one was computed (60 / 0.53) and is shown with the other."""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One measure of one participant: rows of (date, value as shown, its number, why there is none), by date."""

    usubjid: str
    code: str
    name: str
    unit: str
    rows: tuple[tuple[date, str, float | None, str], ...]

    @property
    def values(self) -> tuple[tuple[date, str, float], ...]:
        """The rows that have a number."""
        return tuple((on, shown, number) for on, shown, number, _ in self.rows if number is not None)

    @property
    def ratio(self) -> float | None:
        """Last over first value; None from zero, and for degrees Celsius, whose zero is arbitrary."""
        first, last = self.values[0][2], self.values[-1][2]
        return None if first == 0 or self.unit == "degC" else last / first


def derive_serial(captured: Captured) -> list[Series]:
    """Every series with numbers on two dates at least, participants and measures in order of capture."""
    rows = _measured(captured)
    keys = ["USUBJID", "PARAMCD"]
    several = (
        rows.filter(pl.col("AVALN").is_not_null())
        .group_by(keys)
        .agg(pl.col("ADT").n_unique().alias("DATES"))
        .filter(pl.col("DATES") >= 2)
    )
    kept = rows.join(several.select(keys), on=keys, how="semi", maintain_order="left")
    people = captured.participants.select("USUBJID").with_row_index("PERSON")
    kept = kept.join(people, on="USUBJID", how="left", maintain_order="left").sort(
        "PERSON", maintain_order=True
    )
    return [
        Series(
            usubjid=str(group["USUBJID"][0]),
            code=str(group["PARAMCD"][0]),
            name=str(group["NAME"][0]),
            unit=str(group["UNIT"][0]),
            rows=tuple(
                group.sort("ADT", maintain_order=True).select("ADT", "SHOWN", "AVALN", "REASND").rows()
            ),
        )
        for _, group in kept.group_by(keys, maintain_order=True)
    ]


def _measured(captured: Captured) -> pl.DataFrame:
    """Dated measurements, shown as captured where in the unit of the measure and converted where not.

    A measure with numbers of more digits than anybody captures is shown with four.
    """
    names = {code: measure.param for code, measure in captured.measures.items()}
    digits = pl.col("AVAL").str.replace_all(r"\D", "").str.len_chars()
    computed = digits.max().over("PARAMCD") > _CAPTURED_UP_TO  # some divisions come out even
    units = {code: measure.unit for code, measure in captured.measures.items()}
    return (
        captured.measurements.filter(pl.col("ADT").is_not_null())
        .with_columns(
            pl.col("PARAMCD").replace_strict(names, return_dtype=pl.String).alias("NAME"),
            pl.col("PARAMCD").replace_strict(units, return_dtype=pl.String).alias("UNIT"),
        )
        .with_columns(
            pl.when((pl.col("AVALU") == pl.col("UNIT")) & ~computed)
            .then(pl.col("AVAL"))
            .when(computed)
            .then(pl.col("AVALN").round_sig_figs(_COMPUTED_TO).cast(pl.String))
            .otherwise(pl.col("AVALN").round_sig_figs(6).cast(pl.String))
            .fill_null("")
            .alias("SHOWN")
        )
        .select("USUBJID", "PARAMCD", "NAME", "UNIT", "ADT", "SHOWN", "AVALN", "REASND")
    )


def derive_first_doses(captured: Captured) -> dict[str, date]:
    """The date of the first dose of each participant who has one."""
    doses = captured.events.filter((pl.col("EVENT") == "first dose") & pl.col("ADT").is_not_null())
    return dict(doses.group_by("USUBJID", maintain_order=True).agg(pl.col("ADT").min()).rows())
