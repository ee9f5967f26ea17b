"""The words of ClinicalTrials.gov's API v2 and those of exotrial for them, both ways.

Source: the enumerations of the API's data model, https://clinicaltrials.gov/data-api/about-api/study-data-structure.
"""

from __future__ import annotations

from collections.abc import Mapping

from exotrial.registries.record import MaskedRole

STATUSES: Mapping[str, str] = {
    "ACTIVE_NOT_RECRUITING": "Active, not recruiting",
    "COMPLETED": "Completed",
    "ENROLLING_BY_INVITATION": "Enrolling by invitation",
    "NOT_YET_RECRUITING": "Not yet recruiting",
    "RECRUITING": "Recruiting",
    "SUSPENDED": "Suspended",
    "TERMINATED": "Terminated",
    "WITHDRAWN": "Withdrawn",
    "AVAILABLE": "Available",
    "NO_LONGER_AVAILABLE": "No longer available",
    "TEMPORARILY_NOT_AVAILABLE": "Temporarily not available",
    "APPROVED_FOR_MARKETING": "Approved for marketing",
    "WITHHELD": "Withheld",
    "UNKNOWN": "Unknown status",
}
STUDY_TYPES: Mapping[str, str] = {
    "INTERVENTIONAL": "Interventional",
    "OBSERVATIONAL": "Observational",
    "EXPANDED_ACCESS": "Expanded access",
}
PHASES: Mapping[tuple[str, ...], str] = {
    ("EARLY_PHASE1",): "0",
    ("PHASE1",): "1",
    ("PHASE1", "PHASE2"): "1-2",
    ("PHASE2",): "2",
    ("PHASE2", "PHASE3"): "2-3",
    ("PHASE3",): "3",
    ("PHASE4",): "4",
}
ALLOCATIONS: Mapping[str, str] = {
    "RANDOMIZED": "randomised",
    "NON_RANDOMIZED": "non-randomised",
    "NA": "not applicable",
}
MODELS: Mapping[str, str] = {
    "SINGLE_GROUP": "single group",
    "PARALLEL": "parallel",
    "CROSSOVER": "crossover",
    "FACTORIAL": "factorial",
    "SEQUENTIAL": "sequential",
}
PURPOSES: Mapping[str, str] = {
    "TREATMENT": "treatment",
    "PREVENTION": "prevention",
    "DIAGNOSTIC": "diagnostic",
    "ECT": "educational, counselling or training",
    "SUPPORTIVE_CARE": "supportive care",
    "SCREENING": "screening",
    "HEALTH_SERVICES_RESEARCH": "health services research",
    "BASIC_SCIENCE": "basic science",
    "DEVICE_FEASIBILITY": "device feasibility",
    "OTHER": "other",
}
MASKINGS: Mapping[str, str] = {
    "NONE": "open label",
    "SINGLE": "single blind",
    "DOUBLE": "double blind",
    "TRIPLE": "triple blind",
    "QUADRUPLE": "quadruple blind",
}
ROLES: Mapping[str, MaskedRole] = {
    "PARTICIPANT": "participant",
    "CARE_PROVIDER": "care provider",
    "INVESTIGATOR": "investigator",
    "OUTCOMES_ASSESSOR": "outcome assessor",
}
ARMS: Mapping[str, str] = {
    "EXPERIMENTAL": "experimental",
    "ACTIVE_COMPARATOR": "active comparator",
    "PLACEBO_COMPARATOR": "placebo comparator",
    "SHAM_COMPARATOR": "sham comparator",
    "NO_INTERVENTION": "no intervention",
    "OTHER": "other",
}
INTERVENTIONS: Mapping[str, str] = {
    "BEHAVIORAL": "behavioral",
    "BIOLOGICAL": "biological",
    "COMBINATION_PRODUCT": "combination product",
    "DEVICE": "device",
    "DIAGNOSTIC_TEST": "diagnostic test",
    "DIETARY_SUPPLEMENT": "dietary supplement",
    "DRUG": "drug",
    "GENETIC": "genetic",
    "PROCEDURE": "procedure",
    "RADIATION": "radiation",
    "OTHER": "other",
}
DOCUMENTS: Mapping[str, str] = {
    "STUDY_PROTOCOL": "protocol",
    "SAP": "statistical analysis plan",
    "ICF": "informed consent form",
    "CSR": "clinical study report",
    "ANALYTIC_CODE": "analytic code",
}
