"""Looking at participants: who is where in the study, and one participant's steps with what is missing."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from exotrial.operations import _life
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.operations.screening import ShownReason
from exotrial.participants.consent import Kind
from exotrial.participants.disposition import ENDED, NEXT, State
from exotrial.store.models import Consent, Participant, Screening


class ListParticipants(Ask):
    """Participants of a site or a status, all where empty; `after` is the last code seen."""

    site: str = Field(default="", max_length=40)
    status: str = Field(default="", max_length=30)
    after: str = Field(default="", max_length=40)
    limit: int = Field(default=50, ge=1, le=200)


class ListedParticipant(Answer):
    participant: str
    site: str
    status: str
    version: int
    stage: str
    stratum: str
    screened_at: datetime
    enrolled_at: datetime | None
    randomised_at: datetime | None
    ended_at: datetime | None


class ListedParticipants(Answer):
    """One page; `next` is what to give as `after` for the next, "" on the last."""

    participants: tuple[ListedParticipant, ...]
    next: str


@view(permission=Permission.READ_DATA)
def list_participants(act: Act, ask: ListParticipants) -> ListedParticipants:
    """The participants of the sites where one has rights, by code, page by page."""
    found = Participant.objects.select_related("site").filter(study=act.the_study, code__gt=ask.after)
    if ask.site:
        found = found.filter(site=act.site(ask.site))
    if ask.status:
        found = found.filter(status=ask.status)
    if act.actor.sites is not None:
        found = found.filter(site__code__in=act.actor.sites)
    rows = list(found.order_by("code")[: ask.limit + 1])
    page = rows[: ask.limit]
    return ListedParticipants(
        participants=tuple(_listed(row) for row in page),
        next=page[-1].code if len(rows) > ask.limit else "",
    )


class ShowParticipant(Ask):
    """The participant's code."""

    participant: str


class ShownScreening(Answer):
    version: int
    eligible: bool
    at: datetime
    reasons: tuple[ShownReason, ...]


class ShownConsent(Answer):
    kind: str
    version: str
    language: str
    signed_at: datetime
    scope: str


class ShownParticipant(Answer):
    """`missing` says what stands between the participant and the next steps; `next` are the states that may follow."""

    listed: ListedParticipant
    born: str
    stratum_level: str
    data_use: str
    end_reason: str
    screenings: tuple[ShownScreening, ...]
    consents: tuple[ShownConsent, ...]
    missing: tuple[str, ...]
    next: tuple[str, ...]


@view(permission=Permission.READ_DATA)
def show_participant(act: Act, ask: ShowParticipant) -> ShownParticipant:
    """One participant: state, every screening and consent, and what is missing for the next step."""
    participant = act.participant(ask.participant)
    screenings = list(Screening.objects.filter(participant=participant).order_by("pk"))
    consents = list(Consent.objects.filter(participant=participant).order_by("pk"))
    state = State(participant.status)
    return ShownParticipant(
        listed=_listed(participant),
        born=participant.born_on,
        stratum_level=participant.stratum_level,
        data_use=participant.data_use,
        end_reason=participant.end_reason,
        screenings=tuple(
            ShownScreening(
                version=row.version,
                eligible=row.eligible,
                at=row.at,
                reasons=tuple(ShownReason(**reason) for reason in row.verdict["reasons"]),
            )
            for row in screenings
        ),
        consents=tuple(
            ShownConsent(
                kind=row.kind,
                version=row.version,
                language=row.language,
                signed_at=row.signed_at,
                scope=row.scope,
            )
            for row in consents
        ),
        missing=tuple(_missing(act, participant, screenings, consents)),
        next=tuple(to.value for to in State if to in NEXT[state]),
    )


def _missing(
    act: Act, participant: Participant, screenings: list[Screening], consents: list[Consent]
) -> list[str]:
    state, site = State(participant.status), participant.site
    if state in ENDED:
        return []
    missing = []
    if state in (State.SCREENING, State.FAILURE):
        last = screenings[-1] if screenings else None
        if last is None or not last.eligible or last.version != site.version:
            missing.append("a verdict of eligible by the site's version")
    if not consents or consents[-1].kind == Kind.WITHDRAWN:
        missing.append("consent")
    elif _life.version_of_consent(consents[-1], site) < site.version:
        missing.append("consent by the site's version")
    if state == State.ENROLLED and _life.is_randomised(act, participant):
        missing.append("randomisation")
    return missing


def _listed(row: Participant) -> ListedParticipant:
    return ListedParticipant(
        participant=row.code,
        site=row.site.code,
        status=row.status,
        version=row.version,
        stage=row.stage,
        stratum=row.stratum,
        screened_at=row.screened_at,
        enrolled_at=row.enrolled_at,
        randomised_at=row.randomised_at,
        ended_at=row.ended_at,
    )
