"""Who may do and know what: roles, blindness and permissions as one matrix (ICH E6(R3) 4.1, 4.3.8; 21 CFR 11.10(d)).

Nothing else in exotrial decides this. A role not named for a permission does not have it. Blindness is told here
by role; that no arm can be read without the one permission that opens envelopes follows from where arms are kept:
sealed, with a key outside the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is in a study. One person may be several; each request is made as one."""

    COORDINATOR = "coordinator"
    INVESTIGATOR = "investigator"
    CARE_PROVIDER = "care provider"
    OUTCOME_ASSESSOR = "outcome assessor"
    PHARMACIST = "pharmacist"
    UNBLINDED_STATISTICIAN = "unblinded statistician"
    BLINDED_STATISTICIAN = "blinded statistician"
    MONITOR = "monitor"
    SPONSOR = "sponsor"
    SAFETY_BOARD = "safety board"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What an operation or a view asks for; each names exactly one."""

    MANAGE_ACCOUNTS = "manage accounts and rights"
    MANAGE_STUDY = "load and amend the study, open and suspend sites"
    APPROVE_AT_SITE = "approve a study version at a site"
    SCREEN = "screen, record consent, enrol, correct a stratum"
    RANDOMISE = "randomise"
    RECORD = "record forms"
    RECORD_DOSE = "record a dose"
    SECOND_ENTRY = "key a form a second time"
    READ_DATA = "read recorded data"
    READ_IDENTITY = "read who a participant is"
    QUERY = "raise and close queries"
    ANSWER_QUERY = "answer queries"
    VERIFY_SOURCE = "verify source data"
    FREEZE = "freeze records"
    SIGN = "sign"
    DEVIATION = "report a protocol deviation"
    END_PARTICIPATION = "end a participant's treatment or participation"
    LOCK = "lock, unlock and suspend the study"
    MAKE_LIST = "make, contribute to and seal the randomisation list"
    CONTRIBUTE = "contribute randomness as the second party"
    HANDLE_PRODUCT = "register and release batches, pack kits"
    READ_KITS = "read where kits are, by number"
    KNOW_ARMS = "read arms before the end"
    UNBLIND_EMERGENCY = "unblind one participant in an emergency"
    UNBLIND_PLANNED = "unblind the study after lock"
    READ_UNBLINDINGS = "read the register of unblindings"
    READ_TRAIL = "read the audit trail"
    REDACT = "redact personal data typed by mistake"
    EXPORT = "export and archive"
    READ_STUDY = "read the study, its schedule, forms and sites"
    OWN_ACCOUNT = "look after one's own account"


@dataclass(frozen=True)
class Standing:
    """One row of the matrix. `blind` is whether the role must not know an arm before planned unblinding.

    `by_site` is whether the role's rights are held at named sites; otherwise they hold for the whole study.
    """

    blind: bool
    by_site: bool
    may: frozenset[Permission]


P = Permission
EVERYBODY = frozenset({P.READ_STUDY, P.OWN_ACCOUNT})
_READERS = {P.READ_DATA, P.READ_TRAIL, P.READ_UNBLINDINGS}

MATRIX: dict[Role, Standing] = {
    role: Standing(blind=blind, by_site=by_site, may=frozenset(may | EVERYBODY))
    for role, blind, by_site, may in (
        (
            Role.COORDINATOR,
            True,
            True,
            {
                P.SCREEN,
                P.RANDOMISE,
                P.RECORD,
                P.RECORD_DOSE,
                P.SECOND_ENTRY,
                P.READ_DATA,
                P.READ_IDENTITY,
                P.READ_KITS,
            }
            | {P.ANSWER_QUERY, P.DEVIATION, P.END_PARTICIPATION, P.READ_TRAIL},
        ),
        (
            Role.INVESTIGATOR,
            True,
            True,
            {
                P.SCREEN,
                P.RANDOMISE,
                P.RECORD,
                P.RECORD_DOSE,
                P.READ_KITS,
                P.READ_IDENTITY,
                P.ANSWER_QUERY,
                P.SIGN,
                P.DEVIATION,
            }
            | {P.END_PARTICIPATION, P.APPROVE_AT_SITE, P.UNBLIND_EMERGENCY, P.EXPORT}
            | _READERS,
        ),
        (
            Role.CARE_PROVIDER,
            True,
            True,
            {P.RECORD, P.RECORD_DOSE, P.READ_DATA, P.READ_IDENTITY, P.READ_KITS, P.ANSWER_QUERY, P.DEVIATION}
            | {P.UNBLIND_EMERGENCY},
        ),
        (Role.OUTCOME_ASSESSOR, True, True, {P.RECORD, P.READ_DATA, P.ANSWER_QUERY, P.SIGN}),
        (
            Role.PHARMACIST,
            False,
            True,
            {P.HANDLE_PRODUCT, P.KNOW_ARMS, P.READ_KITS, P.DEVIATION, P.RECORD_DOSE},
        ),
        (Role.UNBLINDED_STATISTICIAN, False, False, {P.MAKE_LIST, P.KNOW_ARMS, P.EXPORT, P.SIGN} | _READERS),
        (Role.BLINDED_STATISTICIAN, True, False, {P.EXPORT, P.QUERY, P.SIGN} | _READERS),
        (
            Role.MONITOR,
            True,
            True,
            {P.QUERY, P.VERIFY_SOURCE, P.FREEZE, P.SIGN, P.DEVIATION, P.CONTRIBUTE, P.READ_KITS} | _READERS,
        ),
        (
            Role.SPONSOR,
            True,
            False,
            {P.MANAGE_STUDY, P.LOCK, P.UNBLIND_PLANNED, P.SIGN, P.EXPORT, P.CONTRIBUTE, P.READ_KITS}
            | _READERS,
        ),
        (Role.SAFETY_BOARD, False, False, {P.KNOW_ARMS, P.READ_DATA, P.READ_UNBLINDINGS}),
        (Role.AUDITOR, True, False, {P.EXPORT, P.READ_KITS} | _READERS),
        (Role.ADMINISTRATOR, True, False, {P.MANAGE_ACCOUNTS, P.READ_TRAIL, P.REDACT}),
    )
}
"""The matrix. A sponsor never writes a participant's data (ICH E6(R3) 3.16.1(i)), an administrator never reads it."""


def may(role: Role, permission: Permission) -> bool:
    """Whether a role has a permission."""
    return permission in MATRIX[role].may


def is_blind(role: Role) -> bool:
    """Whether a role must not know an arm before the planned unblinding."""
    return MATRIX[role].blind


def roles_with(permission: Permission) -> tuple[Role, ...]:
    """The roles that have a permission, in the order of `Role`."""
    return tuple(role for role in Role if may(role, permission))
