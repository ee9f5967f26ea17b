"""Participants as a list and one by one; neither costs more where there are more participants."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from pydantic import Field

from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.record_views import ListedRecord, ListRecords, list_records
from exotrial.operations.signatures import ShownSignature, show_signature
from exotrial.store.models import Consent, Participant, Query, Signature


class ListParticipants(Ask):
    """Participants of a site or a status, all where empty, by code; `after` is the last code seen."""

    site: str = Field(default="", max_length=40)
    status: str = Field(default="", max_length=30)
    after: str = Field(default="", max_length=40)
    limit: int = Field(default=50, ge=1, le=200)


class ListedParticipant(Answer):
    code: str
    site: str
    status: str
    frozen: bool
    study_version: int
    screened_at: datetime
    enrolled_at: datetime | None
    randomised_at: datetime | None
    ended_at: datetime | None
    open_queries: int


class ListedParticipants(Answer):
    """One page; `next` is what to give as `after` for the next, "" on the last."""

    participants: tuple[ListedParticipant, ...]
    next: str


@view(permission=Permission.READ_DATA)
def list_participants(act: Act, ask: ListParticipants) -> ListedParticipants:
    """The participants by code, page by page."""
    found = Participant.objects.select_related("site").filter(study=act.the_study, code__gt=ask.after)
    if ask.site:
        found = found.filter(site=act.site(ask.site))
    if ask.status:
        found = found.filter(status=ask.status)
    if act.actor.sites is not None:
        found = found.filter(site__code__in=act.actor.sites)
    asked = (
        Query.objects.filter(record__participant=OuterRef("pk"))
        .exclude(status=Query.Status.CLOSED)
        .order_by()
        .values("record__participant")
        .annotate(number=Count("pk"))
        .values("number")
    )
    rows = list(found.annotate(open_queries=Coalesce(Subquery(asked), 0)).order_by("code")[: ask.limit + 1])
    page = rows[: ask.limit]
    return ListedParticipants(
        participants=tuple(
            ListedParticipant(
                code=row.code,
                site=row.site.code,
                status=row.status,
                frozen=row.frozen,
                study_version=row.version,
                screened_at=row.screened_at,
                enrolled_at=row.enrolled_at,
                randomised_at=row.randomised_at,
                ended_at=row.ended_at,
                open_queries=row.open_queries,
            )
            for row in page
        ),
        next=page[-1].code if len(rows) > ask.limit else "",
    )


class ShownConsent(Answer):
    """One event of consent."""

    kind: str
    version: str
    language: str
    signed_at: datetime


class ShownParticipant(Answer):
    """All that a participant's page shows: state, consents, forms and the signatures of the casebook."""

    code: str
    site: str
    site_name: str
    zone: str
    status: str
    stage: str
    stratum: str
    study_version: int
    screened_at: datetime
    enrolled_at: datetime | None
    randomised_at: datetime | None
    ended_at: datetime | None
    end_reason: str
    frozen: bool
    consents: tuple[ShownConsent, ...]
    records: tuple[ListedRecord, ...]
    open_queries: int
    signatures: tuple[ShownSignature, ...]


@view(permission=Permission.READ_DATA)
def show_participant(act: Act, ask: ListRecords) -> ShownParticipant:
    """One participant's page: state, consents, forms with their queries, and who signed the casebook."""
    participant = act.participant(ask.participant)
    records = list_records.function(act, ask).records
    consents = Consent.objects.filter(participant=participant).order_by("pk")
    signatures = Signature.objects.filter(study=act.the_study, subject=f"participant:{participant.code}")
    return ShownParticipant(
        code=participant.code,
        site=participant.site.code,
        site_name=participant.site.name,
        zone=participant.site.zone,
        status=participant.status,
        stage=participant.stage,
        stratum=participant.stratum,
        study_version=participant.version,
        screened_at=participant.screened_at,
        enrolled_at=participant.enrolled_at,
        randomised_at=participant.randomised_at,
        ended_at=participant.ended_at,
        end_reason=participant.end_reason,
        frozen=participant.frozen,
        consents=tuple(
            ShownConsent(kind=row.kind, version=row.version, language=row.language, signed_at=row.signed_at)
            for row in consents
        ),
        records=records,
        open_queries=sum(record.open_queries for record in records),
        signatures=tuple(show_signature(row) for row in signatures.order_by("pk")),
    )
