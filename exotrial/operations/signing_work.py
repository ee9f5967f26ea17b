"""What waits for one's own signature: complete forms, casebooks that are done, and what a change has broken."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from pydantic import Field

from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.store.models import Participant, Query, Record, Signature


class ListToSign(Ask):
    """Forms of a site or a participant; only those of which a signature was broken, where `broken` says so."""

    site: str = Field(default="", max_length=40)
    participant: str = Field(default="", max_length=40)
    broken: bool = False
    after: int = Field(default=0, ge=0, le=2**62, description="The last record seen.")
    limit: int = Field(default=50, ge=1, le=200)


class FormToSign(Answer):
    """A complete form without a signature that holds; `broken` is whether it had one before it changed."""

    participant: str
    site: str
    form: str
    label: str
    encounter: str
    encounter_label: str
    repeat: int
    revision: int
    open_queries: bool
    broken: bool


class CasebookToSign(Answer):
    """A participant of whom every begun form is complete and no query is open, and whom one has not signed."""

    participant: str
    site: str
    status: str


class ToSign(Answer):
    """One page of forms, and the first casebooks (as many as `limit`)."""

    forms: tuple[FormToSign, ...]
    forms_in_all: int
    broken_in_all: int
    casebooks: tuple[CasebookToSign, ...]
    more_casebooks: bool
    next: int | None


@view(permission=Permission.SIGN)
def list_to_sign(act: Act, ask: ListToSign) -> ToSign:
    """Complete forms that nobody's signature holds on, and casebooks that are ready for one's own."""
    people = Participant.objects.filter(study=act.the_study)
    if act.actor.sites is not None:
        people = people.filter(site__code__in=act.actor.sites)
    if ask.site:
        people = people.filter(site=act.site(ask.site))
    if ask.participant:
        people = people.filter(pk=act.participant(ask.participant).pk)
    signed = Signature.objects.filter(record=OuterRef("pk"))
    asked = Query.objects.filter(record=OuterRef("pk")).exclude(status=Query.Status.CLOSED)
    waiting = Record.objects.filter(participant__in=people, status=Record.Status.COMPLETE).filter(
        ~Exists(signed.filter(broken_at=None))
    )
    # From the few that are broken, and not from the many that are not.
    ever = Signature.objects.filter(study=act.the_study).exclude(record=None).exclude(broken_at=None)
    broken = waiting.filter(pk__in=ever.values("record"))
    found = (broken if ask.broken else waiting).annotate(broken=Exists(signed), queried=Exists(asked))
    rows = list(
        found.filter(pk__gt=ask.after).select_related("participant__site").order_by("pk")[: ask.limit + 1]
    )
    page = rows[: ask.limit]
    ready = _ready(act, people, limit=ask.limit + 1)
    return ToSign(
        forms=tuple(_form(act, row) for row in page),
        forms_in_all=waiting.count(),
        broken_in_all=broken.count(),
        casebooks=tuple(
            CasebookToSign(participant=one.code, site=one.site.code, status=one.status)
            for one in ready[: ask.limit]
        ),
        more_casebooks=len(ready) > ask.limit,
        next=page[-1].pk if len(rows) > ask.limit else None,
    )


def _form(act: Act, record: Record) -> FormToSign:
    labels = {one.id: one.name for one in act.definition(record.version).encounters}
    return FormToSign(
        participant=record.participant.code,
        site=record.participant.site.code,
        form=record.form,
        label=act.forms(record.version)[record.form].label,
        encounter=record.encounter,
        encounter_label=labels.get(record.encounter, record.encounter),
        repeat=record.repeat,
        revision=record.revision,
        open_queries=bool(getattr(record, "queried", False)),
        broken=bool(getattr(record, "broken", False)),
    )


def _ready(act: Act, people: QuerySet[Participant], *, limit: int) -> list[Participant]:
    """The first participants whose casebook can be signed now."""
    records = Record.objects.filter(participant=OuterRef("pk"))
    asked = Query.objects.filter(record__participant=OuterRef("pk")).exclude(status=Query.Status.CLOSED)
    mine = Signature.objects.filter(
        study=act.the_study,
        subject=Concat(Value("participant:"), OuterRef("code")),
        signer=act.actor.username,
        broken_at=None,
    )
    found = people.filter(
        Exists(records),
        ~Exists(records.filter(status=Record.Status.DRAFT)),
        ~Exists(asked),
        ~Exists(mine),
    )
    return list(found.select_related("site").order_by("code")[:limit])
