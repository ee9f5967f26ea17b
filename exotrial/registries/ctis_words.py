"""The codes of CTIS and exotrial's words for them.

Source: the code lists of the portal as the R package ctrdata gives them (Herold, Res Synth Methods 2025,
doi:10.1017/rsm.2025.10061; f.statusRecruitment, f.trialPhase, f.trialObjectives). EMA publishes no description of the
JSON. The codes of blinding, allocation and age groups are in no list that could be trusted, and are not read.
"""

from __future__ import annotations

from collections.abc import Mapping

STATUSES: Mapping[str, str] = {
    "1": "Under evaluation",
    "2": "Authorised, recruitment pending",
    "3": "Authorised, recruiting",
    "4": "Ongoing, recruiting",
    "5": "Ongoing, recruitment ended",
    "6": "Temporarily halted",
    "7": "Suspended",
    "8": "Ended",
    "9": "Expired",
    "10": "Revoked",
    "11": "Not authorised",
    "12": "Cancelled",
}
PHASES: Mapping[str, str] = {
    "1": "1",  # first administration to humans
    "2": "1",  # bioequivalence study
    "3": "1",  # other
    "4": "2",
    "5": "3",
    "6": "4",
    "7": "1-2",  # as 1 to 3
    "8": "1-2",
    "9": "1-2",
    "10": "2-3",
    "11": "3-4",
}
PURPOSES: Mapping[str, str] = {"1": "diagnostic", "2": "prevention", "3": "treatment"}
"""The scopes that are purposes; the others (safety, efficacy, dose response …) say what is measured."""
SCOPES: Mapping[str, str] = {
    "1": "diagnosis",
    "2": "prophylaxis",
    "3": "therapy",
    "4": "safety",
    "5": "efficacy",
    "6": "pharmacokinetic",
    "7": "pharmacodynamic",
    "8": "bioequivalence",
    "9": "dose response",
    "10": "pharmacogenetic",
    "11": "pharmacogenomic",
    "12": "pharmacoeconomic",
    "13": "other",
}
GROUPS: Mapping[str, bool] = {"Healthy volunteers": True, "Patients": False}
"""Groups of participants, and whether they are healthy volunteers."""
PLACEBO = "Placebo"
"""The role of a product in the trial; the others are Test, Comparator and Auxiliary."""
