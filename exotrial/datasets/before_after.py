"""Pairs of values before and after treatment, from captured measurements."""

from __future__ import annotations

import polars as pl

from exotrial.datasets.captured import Captured


def derive_before_after(captured: Captured) -> pl.DataFrame:
    """USUBJID, PARAMCD, BEFORE, AFTER (Float64, null where not captured), measures in order of capture.

    Only measures with a value at AVISIT BEFORE and one at AVISIT AFTER in somebody.
    """
    values = captured.measurements.filter(pl.col("AVISIT").is_in(["BEFORE", "AFTER"]))
    before, after = (
        values.filter(pl.col("AVISIT") == visit).select("USUBJID", "PARAMCD", pl.col("AVALN").alias(visit))
        for visit in ("BEFORE", "AFTER")
    )
    pairs = before.join(
        after, on=["USUBJID", "PARAMCD"], how="full", coalesce=True, maintain_order="left_right"
    )
    complete = pairs.drop_nulls(["BEFORE", "AFTER"])["PARAMCD"].unique().to_list()
    order = {code: position for position, code in enumerate(values["PARAMCD"].unique(maintain_order=True))}
    return (
        pairs.filter(pl.col("PARAMCD").is_in(complete))
        .with_columns(pl.col("PARAMCD").replace_strict(order, return_dtype=pl.Int32).alias("_ORDER"))
        .sort("_ORDER", maintain_order=True)
        .drop("_ORDER")
    )
