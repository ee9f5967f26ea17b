"""What every step of a participant's life asks of the store: the state, the time, the site, a consent that holds.

The order of the states is in `participants.disposition`, what a consent can be in `participants.consent`.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.participants import consent, disposition
from exotrial.participants.consent import Kind
from exotrial.participants.disposition import State
from exotrial.store.models import Activation, Consent, Participant, Site

FUTURE = ErrorCode("LIF-002", "Something is dated in the future.", "enter it when it has happened.")
BEFORE_BIRTH = ErrorCode(
    "LIF-003",
    "Something is dated before the participant was born.",
    "correct the date, or the year of birth.",
)
SITE_NOT_ACTIVE = ErrorCode(
    "LIF-004",
    "The site is not active.",
    "record the site's approval with `activate_site`; a suspended site is taken up again with `change_site`.",
)


def check_step(participant: Participant, to: State) -> None:
    """Refuse with LIF-007 any step where data are frozen, with LIF-001 one that the state does not allow."""
    disposition.check_step(participant.code, now=State(participant.status), frozen=participant.frozen, to=to)


def check_active(site: Site) -> None:
    """Refuse with LIF-004 a site that is not active."""
    if site.status != Site.Status.ACTIVE:
        raise SITE_NOT_ACTIVE.refuse(f"the site {site.code} is {site.status}", value=site.status)


def check_past(act: Act, at: datetime, *, path: str) -> None:
    """Refuse with LIF-002 a moment that is still to come."""
    if at > act.now:
        raise FUTURE.refuse(
            f"{at.isoformat()} is still to come", place=Place(path=path), value=at.isoformat()
        )


def check_past_day(act: Act, day: date, site: Site, *, path: str) -> None:
    """Refuse with LIF-002 a day that has not begun at the site."""
    if day > local_day(act.now, site):
        raise FUTURE.refuse(f"{day} is still to come", place=Place(path=path), value=day)


def check_born(participant: Participant, day: date, *, path: str) -> None:
    """Refuse with LIF-003 a day before the year or month of birth; where that is not known, nothing can be said."""
    born = participant.born_on
    if born and day.isoformat()[: len(born)] < born:
        raise BEFORE_BIRTH.refuse(
            f"{day} is before the birth in {born}", place=Place(path=path), value=day.isoformat()
        )


def local_day(at: datetime, site: Site) -> date:
    """The day that a moment falls on at the site."""
    return at.astimezone(ZoneInfo(site.zone)).date()


def last_consent(participant: Participant) -> Consent | None:
    """The newest consent on record, given or withdrawn."""
    return Consent.objects.filter(participant=participant).order_by("-pk").first()


def version_of_consent(given: Consent, site: Site) -> int:
    """The newest study version that the site had approved on the day of a consent; 0 where it had none."""
    day = local_day(given.signed_at, site)
    versions = Activation.objects.filter(site=site, approved_on__lte=day).order_by("-version")
    return versions.values_list("version", flat=True).first() or 0


def check_consent(participant: Participant) -> None:
    """Refuse with LIF-005 where no consent holds, with LIF-006 where an amendment asks for it anew."""
    newest, site = last_consent(participant), participant.site
    consent.check_consent(
        participant.code,
        newest=Kind(newest.kind) if newest else None,
        consented=version_of_consent(newest, site) if newest else 0,
        in_force=site.version,
        site=site.code,
    )


def is_randomised(act: Act, participant: Participant) -> bool:
    """Whether the participant's study version randomises."""
    return act.definition(participant.version).design.allocation == "randomised"
