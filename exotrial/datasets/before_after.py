"""Pairs of values before and after treatment, from captured measurements."""

from __future__ import annotations

import polars as pl

from exotrial.datasets.captured import Captured


def derive_before_after(captured: Captured) -> pl.DataFrame:
    """USUBJID, PARAMCD, BEFORE, AFTER (Float64, null where not captured), measures in order of capture.

    Only measures with both values in at least two participants: one participant is no sample. A participant
    with several values of a measure at one visit has no pair of it, since nothing says which one counts.
    """
    values = captured.measurements.filter(pl.col("AVISIT").is_in(["BEFORE", "AFTER"]))
    before, after = (
        values.filter(pl.col("AVISIT") == visit)
        .group_by("USUBJID", "PARAMCD", maintain_order=True)
        .agg(pl.len().alias("N"), pl.col("AVALN").first().alias(visit))
        .filter(pl.col("N") == 1)
        .select("USUBJID", "PARAMCD", visit)
        for visit in ("BEFORE", "AFTER")
    )
    pairs = before.join(
        after, on=["USUBJID", "PARAMCD"], how="full", coalesce=True, maintain_order="left_right"
    )
    counts = pairs.drop_nulls(["BEFORE", "AFTER"]).group_by("PARAMCD").len()
    complete = counts.filter(pl.col("len") >= 2)["PARAMCD"].to_list()
    order = {code: position for position, code in enumerate(values["PARAMCD"].unique(maintain_order=True))}
    return (
        pairs.filter(pl.col("PARAMCD").is_in(complete))
        .with_columns(pl.col("PARAMCD").replace_strict(order, return_dtype=pl.Int32).alias("_ORDER"))
        .sort("_ORDER", maintain_order=True)
        .drop("_ORDER")
    )
