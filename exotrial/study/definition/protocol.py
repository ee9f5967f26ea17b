"""What a protocol says in words and no other part of the study file holds, by item of SPIRIT 2025.

Chan A-W, et al. BMJ 2025;389:e081477. A text that is not there is missing from the protocol document, which says so;
one that declares that there is nothing (`no interim visits by a monitor, because ...`) answers its item.
"""

from __future__ import annotations

from exotrial.study.definition.base import Part, Text


class Protocol(Part):
    """The words of the protocol."""

    contributors: tuple[Text, ...] = ()
    """Who wrote the protocol, by role and affiliation, never by name (item 3a)."""
    oversight: tuple[Text, ...] = ()
    """Each committee or group that oversees the trial: who sits in it and what it does (item 3d)."""
    conflicts: Text | None = None
    """Interests of principal investigators and steering committee (item 7b)."""
    dissemination: Text | None = None
    """How participants, clinicians and the public learn the results (item 8)."""
    background: tuple[Text, ...] = ()
    """What is known of benefits and harms, and why the trial is needed: one text a paragraph (item 9a)."""
    comparator_reason: Text | None = None
    """Why this comparator (item 9b)."""
    public_involvement: Text | None = None
    """What part patients or the public have, or that they have none (item 11)."""
    provider_eligibility: Text | None = None
    """What is asked of sites and of those who give the intervention, or that nothing is (item 14b)."""
    adherence: Text | None = None
    """How adherence is furthered and watched (item 15c; TIDieR 11)."""
    recruitment: Text | None = None
    """How enough participants are to be found (item 20)."""
    sequence_access: Text | None = None
    """Whether those who enrol and those who assign can see the random sequence (item 23)."""
    data_quality: Text | None = None
    """How good data are made sure of: training, duplicate measurement, validity of instruments, forms (item 25a)."""
    retention: Text | None = None
    """How participants are kept, and what is still recorded of one who stops (item 25b)."""
    data_management: Text | None = None
    """Entry, coding, security and storage of data (item 26)."""
    additional_analyses: Text | None = None
    """Subgroup, sensitivity and other analyses, or that there are none (item 27d)."""
    monitoring: Text | None = None
    """How and how often the conduct is monitored, or why it is not (item 29)."""
    amendments: Text | None = None
    """How changes of the protocol are made known, and to whom (item 31)."""
    ancillary_consent: Text | None = None
    """What else is consented to for further use of data and samples, or that there is no such use (item 32b)."""
    confidentiality: Text | None = None
    """How personal data are collected, shared and kept (item 33)."""
    post_trial_care: Text | None = None
    """Care after the trial, and compensation of those who come to harm (item 34)."""
