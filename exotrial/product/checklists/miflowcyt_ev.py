"""MIFlowCyt-EV: what a report of flow cytometry of vesicles tells (not of the cells they come from).

Welsh JA, et al. MIFlowCyt-EV: a framework for standardized reporting of extracellular vesicle flow cytometry
experiments. J Extracell Vesicles 2020;9:1713526.
"""

from __future__ import annotations

from importlib.resources import files

from exotrial.product.checklist import Answer, Checklist, ProductRecord, not_applicable, not_on_record
from exotrial.product.vesicle_record import find_method, has_word, vesicle_markers

_FLOW = ("flow cytometry", "flow analy")


def _applies(record: ProductRecord) -> Answer | None:
    """An answer for every item where vesicles were not measured by flow cytometry, or nobody says how."""
    markers = vesicle_markers(record, "positive", "negative", "loading control")
    if find_method(record, _FLOW) or any(has_word(one.method, _FLOW) for one in markers):
        return None
    if markers or record.product.characterised_by:
        return not_applicable("No flow cytometry of vesicles is among the methods named.")
    missing = record.path("characterised_by")
    return not_on_record("How the vesicles were characterised is not told.", missing=missing)


MIFLOWCYT_EV = Checklist(
    name="miflowcyt-ev",
    title="MIFlowCyt-EV",
    source="Welsh JA, et al. J Extracell Vesicles 2020;9:1713526",
    table=files("exotrial.product.checklists").joinpath("miflowcyt_ev.csv"),
    applies=_applies,
)
