"""Could these printed numbers have come from real data? Checks of summaries against their own precision."""

from exotrial.statistics.consistency.debit import DebitResult, debit
from exotrial.statistics.consistency.feasibility import QuantileResult, quantile_feasible
from exotrial.statistics.consistency.grim import GrimResult, grim
from exotrial.statistics.consistency.grimmer import GrimmerResult, SpreadVerdict, grimmer
from exotrial.statistics.consistency.group_sizes import (
    GroupSizeSearch,
    GroupSizeSolution,
    search_group_sizes,
)
from exotrial.statistics.consistency.p_range import PValueRange, p_value_range_from_summary
from exotrial.statistics.consistency.printed import (
    PrintedNumber,
    PrintedP,
    read_printed,
    read_printed_p,
)
from exotrial.statistics.consistency.sd_range import SdBounds, sd_bounds

__all__ = [
    "DebitResult",
    "GrimResult",
    "GrimmerResult",
    "GroupSizeSearch",
    "GroupSizeSolution",
    "PValueRange",
    "PrintedNumber",
    "PrintedP",
    "QuantileResult",
    "SdBounds",
    "SpreadVerdict",
    "debit",
    "grim",
    "grimmer",
    "p_value_range_from_summary",
    "quantile_feasible",
    "read_printed",
    "read_printed_p",
    "sd_bounds",
    "search_group_sizes",
]
