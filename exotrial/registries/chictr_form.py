"""ChiCTR's form: its headings in the order of the page of a trial (chictr.org.cn, English page as printed in 2020)."""

from __future__ import annotations

from typing import Final

TITLE: Final = "Chinese Clinical Trial Registry: registration form"
NOTHING: Final = "(nothing stated)"

HEAD: Final = (
    "Registration number",
    "Date of Last Refreshed on",
    "Date of Registration",
    "Registration Status",
    "Public title",
    "English Acronym",
    "Scientific title",
    "Study subject ID",
    "The registration number of the Partner Registry or other register",
    "Applicant's institution",
    "Study leader's institution",
)
PEOPLE: Final = "Applicant, study leader, contacts: names, telephones and e-mail addresses"
"""What the person who registers enters; the form asks for it between the titles and the committee."""

ETHICS: Final = (
    "Approved by ethic committee",
    "Approved No. of ethic committee",
    "Name of the ethic committee",
    "Date of approved by ethic committee",
)
SPONSORS: Final = ("Primary sponsor", "Secondary sponsor", "Source(s) of funding")
STUDY: Final = (
    "Target disease",
    "Target disease code",
    "Study type",
    "Study phase",
    "Study design",
    "Objectives of Study",
    "Description for medicine or protocol of treatment in detail",
    "Inclusion criteria",
    "Exclusion criteria",
    "Study execute time",
    "Recruiting time",
)
GROUPS: Final = ("Group", "Sample size", "Intervention", "Intervention code")
TOTAL: Final = "Total sample size"
SITES: Final = ("Country", "City", "Institution/hospital")
OUTCOMES: Final = ("Outcome", "Type", "Measure time point of outcome", "Measure method")
SAMPLES: Final = ("Sample Name", "Fate of sample", "Note")
END: Final = (
    "Recruiting status",
    "Participant age",
    "Gender",
    "Randomization Procedure",
    "Blinding",
    "Sign the informed consent",
    "Statistical method",
    "The time of sharing IPD",
    "The way of sharing IPD",
    "Data collection and Management",
    "Data and Safety Monitoring Committee",
)
