"""Every table of the store."""

from exotrial.store.models.accounts import Account, Grant, Session, Token
from exotrial.store.models.allocation import (
    Allocation,
    AllocationList,
    Batch,
    Dose,
    DosePlan,
    Envelope,
    Kit,
    Unblinding,
)
from exotrial.store.models.audit import Act, Change
from exotrial.store.models.base import Audited
from exotrial.store.models.evidence import BatchEvidence, BatchRelease, EvidenceFile, EvidenceReview
from exotrial.store.models.kits import KitMovement, StockCount
from exotrial.store.models.materials import MaterialEntry
from exotrial.store.models.participants import Consent, Deviation, Identity, Participant, Screening
from exotrial.store.models.records import Query, Record, SecondEntry, Signature, Verification
from exotrial.store.models.studies import Activation, Chain, Site, Study, StudyVersion

__all__ = [
    "Account",
    "Act",
    "Activation",
    "Allocation",
    "AllocationList",
    "Audited",
    "Batch",
    "BatchEvidence",
    "BatchRelease",
    "Chain",
    "Change",
    "Consent",
    "Deviation",
    "Dose",
    "DosePlan",
    "Envelope",
    "EvidenceFile",
    "EvidenceReview",
    "Grant",
    "Identity",
    "Kit",
    "KitMovement",
    "MaterialEntry",
    "Participant",
    "Query",
    "Record",
    "Screening",
    "SecondEntry",
    "Session",
    "Signature",
    "Site",
    "StockCount",
    "Study",
    "StudyVersion",
    "Token",
    "Unblinding",
    "Verification",
]
