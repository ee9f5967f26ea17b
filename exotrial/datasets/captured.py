"""The captured data of a study: five CSV tables with CDISC columns, read whole or refused with their line.

participants.csv     USUBJID SITEID ARMCD SEX AGE            one row a participant
characteristics.csv  USUBJID CHAR VALUE SRC                   baseline facts, long
measurements.csv     USUBJID PARAMCD ADT AVISIT AVAL AVALU REASND SRC   values as captured, long
events.csv           USUBJID EVENT ADT SRC                    dated events
adverse_events.csv   USUBJID AETERM AESEV AESER AEREL ASTDT AENDT SRC
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from exotrial.core.provenance import SourceFile


@dataclass(frozen=True, kw_only=True)
class Captured:
    """The tables of a study's `data` folder, checked.

    Dates are Date, AGE is Int64, everything else String; AVAL stays as captured (text) with its number in
    AVALN (Float64, null where AVAL is empty or no number) in the measure's own unit. A missing file is an
    empty frame with its columns. `files` says what was read.
    """

    participants: pl.DataFrame
    characteristics: pl.DataFrame
    measurements: pl.DataFrame
    events: pl.DataFrame
    adverse_events: pl.DataFrame
    files: tuple[SourceFile, ...]
