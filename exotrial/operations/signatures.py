"""Electronic signatures: printed name, time and meaning, bound to what was signed (21 CFR 11.50, 11.70, 11.200)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db.models import Q, QuerySet
from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._operation import COLLECTING, Answer, Ask, Status, operation, view
from exotrial.operations._signed import Contents, add_signature, find_faults
from exotrial.operations.access import MATRIX, Permission
from exotrial.operations.authenticate import Proven, prove_again
from exotrial.operations.verification import CHANGED_SINCE, check_done
from exotrial.store.models import Participant, Record, Signature

DRAFT = ErrorCode("SGN-001", "A draft cannot be signed.", "complete the form first.")
OPEN_ENDS = ErrorCode(
    "SGN-002",
    "What is to be signed is not done.",
    "complete the drafts and close the queries first; see `list_records` and `list_queries`.",
)
SIGNED_ALREADY = ErrorCode(
    "SGN-003",
    "The person has signed this already, with this meaning, and the signature holds.",
    "there is nothing to sign again.",
)
NOTHING = ErrorCode("SGN-004", "There is nothing to sign.", "record the forms first.")
WHOSE_SITE = ErrorCode(
    "SGN-005",
    "A person whose rights are at a site signs for that site, and others for the study.",
    "name the site in `site`, or leave it out where the role is of the whole study.",
)

BEFORE_ARCHIVE = frozenset({Status.RUNNING, Status.SUSPENDED, Status.LOCKED, Status.UNBLINDED})


class Meaning(StrEnum):
    """What a signature means (21 CFR 11.50(a)(3))."""

    AUTHORSHIP = "authorship"
    REVIEW = "review"
    APPROVAL = "approval"
    RESPONSIBILITY = "responsibility"


class Milestone(StrEnum):
    """At which point of the study its data are signed (ICH E6(R3) 3.16.1(o))."""

    INTERIM = "interim analysis"
    SAFETY_BOARD = "review by the safety board"
    BEFORE_LOCK = "before lock"
    AFTER_LOCK = "after lock"
    REPORT = "report"


class SignForm(Proven):
    """The form that is signed, at the revision that the signer saw, and what the signature means."""

    participant: str = Field(max_length=40)
    form: str = Field(max_length=80)
    encounter: str = Field(default="", max_length=60)
    repeat: int = Field(default=1, ge=1, le=9999)
    revision: int = Field(ge=1, description="The revision that was on the screen.")
    meaning: Meaning


class Signed(Answer):
    """A signature as it is printed."""

    signature: int
    subject: str
    name: str
    signed_at: datetime
    meaning: str
    digest: str


@operation(permission=Permission.SIGN, when=COLLECTING)
def sign_form(act: Act, ask: SignForm) -> Signed:
    """Sign a complete form; a later change breaks the signature, which stays on record."""
    prove_again(act, ask)
    record = act.record(act.participant(ask.participant), ask.form, ask.encounter, ask.repeat)
    if record.status == Record.Status.DRAFT:
        raise DRAFT.refuse(f"{record.form} is a draft", value=record.form)
    if record.revision != ask.revision:
        raise CHANGED_SINCE.refuse(
            f"you saw revision {ask.revision}, and there is revision {record.revision}",
            place=Place(path="revision"),
            value=record.revision,
        )
    signed = _sign(act, f"record:{record.pk}", ask.meaning.value, participant=ask.participant, record=record)
    if record.status != Record.Status.SIGNED:
        act.change(record, status=Record.Status.SIGNED)
    return signed


class SignParticipant(Proven):
    """The participant whose whole casebook is signed."""

    participant: str = Field(max_length=40)
    meaning: Meaning


@operation(permission=Permission.SIGN, when=BEFORE_ARCHIVE)
def sign_participant(act: Act, ask: SignParticipant) -> Signed:
    """Sign everything that is recorded of a participant, once it is complete and no query is open."""
    prove_again(act, ask)
    participant = act.participant(ask.participant)
    records = list(Record.objects.filter(participant=participant).order_by("pk"))
    if not records:
        raise NOTHING.refuse(f"nothing is recorded of {participant.code}", value=participant.code)
    check_done(records, participant, code=OPEN_ENDS)
    return _sign(act, f"participant:{participant.code}", ask.meaning.value, participant=participant.code)


class SignStudy(Proven):
    """The milestone at which the data are signed: of a site, or of the whole study where none is named."""

    milestone: Milestone
    meaning: Meaning
    site: str = Field(default="", max_length=40)


@operation(permission=Permission.SIGN, when=BEFORE_ARCHIVE)
def sign_study(act: Act, ask: SignStudy) -> Signed:
    """Sign the data of a site or of the study as they stand at a milestone."""
    prove_again(act, ask)
    if bool(ask.site) != MATRIX[act.actor.role].by_site:
        raise WHOSE_SITE.refuse(
            f"{act.actor.role.value} signs for {'a site' if not ask.site else 'the study'}",
            place=Place(path="site"),
            value=ask.site,
        )
    subject = f"site:{act.site(ask.site).code}" if ask.site else "study"
    return _sign(act, subject, f"{ask.meaning.value}: {ask.milestone.value}")


class ListSignatures(Ask):
    """The signatures of a participant, or of all where empty; `after` is the last number seen."""

    participant: str = Field(default="", max_length=40)
    after: int = Field(default=0, ge=0, le=2**62)
    limit: int = Field(default=100, ge=1, le=500)


class ShownSignature(Answer):
    """A signature: printed name, UTC time and meaning; `state` is whole, broken or (where checked) invalid."""

    signature: int
    subject: str
    form: str
    encounter: str
    participant: str
    name: str
    signer: str
    signed_at: datetime
    meaning: str
    digest: str
    state: str
    broken_at: datetime | None
    why: str


class ListedSignatures(Answer):
    signatures: tuple[ShownSignature, ...]
    next: int | None


@view(permission=Permission.READ_DATA)
def list_signatures(act: Act, ask: ListSignatures) -> ListedSignatures:
    """The signatures, those that a change broke too, with printed name, time and meaning."""
    page, following = _page(act, ask)
    return ListedSignatures(signatures=tuple(show_signature(row) for row in page), next=following)


@view(permission=Permission.READ_DATA)
def check_signatures(act: Act, ask: ListSignatures) -> ListedSignatures:
    """Hold each signature to what it is on now and to the trail; one that was copied or moved is found invalid."""
    page, following = _page(act, ask)
    faults = find_faults(page, Contents(act, participant=ask.participant))
    return ListedSignatures(
        signatures=tuple(show_signature(row, fault=faults.get(row.pk, "")) for row in page), next=following
    )


def show_signature(row: Signature, *, fault: str = "") -> ShownSignature:
    """A signature as it is shown."""
    broken = "what was signed was changed; it is to be signed again" if row.broken_at else ""
    return ShownSignature(
        signature=row.pk,
        subject=row.subject,
        form=row.record.form if row.record else "",
        encounter=row.record.encounter if row.record else "",
        participant=row.record.participant.code if row.record else _participant_of(row.subject),
        name=row.signer_name,
        signer=row.signer,
        signed_at=row.signed_at,
        meaning=row.meaning,
        digest=row.content_digest,
        state="invalid" if fault else "broken" if row.broken_at else "whole",
        broken_at=row.broken_at,
        why=fault or broken,
    )


def signatures_in_reach(act: Act) -> QuerySet[Signature]:
    """The signatures that the person may see: all, or those over the study and the sites where the right holds."""
    found = Signature.objects.filter(study=act.the_study)
    sites = act.actor.sites
    if sites is None:
        return found
    codes = Participant.objects.filter(study=act.the_study, site__code__in=sites)
    mine = [f"participant:{code}" for code in codes.values_list("code", flat=True)]
    mine += ["study", *(f"site:{site}" for site in sites)]
    return found.filter(Q(record__participant__site__code__in=sites) | Q(subject__in=mine))


def _participant_of(subject: str) -> str:
    kind, _, name = subject.partition(":")
    return name if kind == "participant" else ""


def _page(act: Act, ask: ListSignatures) -> tuple[list[Signature], int | None]:
    found = signatures_in_reach(act).select_related("record__participant").filter(pk__gt=ask.after)
    if ask.participant:
        code = act.participant(ask.participant).code
        found = found.filter(Q(record__participant__code=code) | Q(subject=f"participant:{code}"))
    rows = list(found.order_by("pk")[: ask.limit + 1])
    page = rows[: ask.limit]
    return page, page[-1].pk if len(rows) > ask.limit else None


def _sign(
    act: Act, subject: str, meaning: str, *, participant: str = "", record: Record | None = None
) -> Signed:
    there = Signature.objects.filter(
        study=act.the_study, subject=subject, meaning=meaning, signer=act.actor.username, broken_at=None
    )
    if there.exists():
        raise SIGNED_ALREADY.refuse(f"{act.actor.name} signed it ({meaning})", value=subject)
    content = Contents(act, participant=participant).of(subject)
    row = add_signature(act, subject, meaning, content, record=record)
    return Signed(
        signature=row.pk,
        subject=subject,
        name=row.signer_name,
        signed_at=row.signed_at,
        meaning=meaning,
        digest=row.content_digest,
    )
