"""The names of sections and attributes under which a study stands in a BioStudies submission.

PageTab leaves them to whoever submits; those that BioStudies' own collections use (Title, Organization, Publication,
Description, Name) are used where there is one.
"""

from __future__ import annotations

STUDY_TYPE, PUBLIC_TITLE, ACRONYM = "Study Type", "Public Title", "Acronym"
PHASE, MODEL, ALLOCATION, PURPOSE = "Phase", "Intervention Model", "Allocation", "Primary Purpose"
MASKING, MASKED, MASKING_METHOD = "Masking", "Masked Role", "Masking Description"
RANDOMISATION, PLANNED, ENROLLED = "Randomisation", "Planned Size", "Enrolled"
CONDITION, OTHER_NUMBER = "Condition", "Other Identifier"
AGE_MIN, AGE_MAX, SEX = "Minimum Age", "Maximum Age", "Sex"
ORGANISATION, ROLE, SITE = "Organization", "Role", "Site"
INTERVENTION, ARM, CRITERION, OUTCOME = "Intervention", "Arm", "Criterion", "Outcome"
KIND, SIZE, GIVEN, CATEGORY = "Kind", "Size", "Receives", "Category"
LEVEL, TIME_FRAME, METHOD = "Level", "Time Frame", "Method"
SHARING = "Data Sharing"

ROLES = ("participant", "care provider", "investigator", "outcome assessor", "data analyst")
LEVELS = ("primary", "secondary", "exploratory", "safety")
