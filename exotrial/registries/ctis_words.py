"""The codes of CTIS, and what its portal prints for them.

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
    "1": "Human Pharmacology (Phase I) - First administration to humans",
    "2": "Human Pharmacology (Phase I) - Bioequivalence Study",
    "3": "Human Pharmacology (Phase I) - Other",
    "4": "Therapeutic exploratory (Phase II)",
    "5": "Therapeutic confirmatory (Phase III)",
    "6": "Therapeutic use (Phase IV)",
    "7": "Phase I and Phase II (Integrated) - First administration to humans",
    "8": "Phase I and Phase II (Integrated) - Bioequivalence Study",
    "9": "Phase I and Phase II (Integrated) - Other",
    "10": "Phase II and Phase III (Integrated)",
    "11": "Phase III and phase IV (Integrated)",
}
PURPOSES: Mapping[str, str] = {"Diagnosis": "diagnostic", "Prophylaxis": "prevention", "Therapy": "treatment"}
"""The scopes that are purposes; the others say what is measured."""
SCOPES: Mapping[str, str] = {
    "1": "Diagnosis",
    "2": "Prophylaxis",
    "3": "Therapy",
    "4": "Safety",
    "5": "Efficacy",
    "6": "Pharmacokinetic",
    "7": "Pharmacodynamic",
    "8": "Bioequivalence",
    "9": "Dose response",
    "10": "Pharmacogenetic",
    "11": "Pharmacogenomic",
    "12": "Pharmacoeconomic",
    "13": "Other",
}
GROUPS: Mapping[str, bool] = {"Healthy volunteers": True, "Patients": False}
"""Groups of participants, and whether they are healthy volunteers."""
PLACEBO = "Placebo"
"""The role of a product in the trial; the others are Test, Comparator and Auxiliary."""
