"""What every step of a participant's life asks: the state, the time, the site and a consent that still holds.

The states and their order are one table; a step that the table does not have is refused (ICH E6(R3) 2.8, 2.9).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.store.models import Activation, Consent, Participant, Site

WRONG_STEP = ErrorCode(
    "LIF-001",
    "The participant's state does not allow this step.",
    "see `show_participant` for the state; the order is screen, consent, enrol, randomise, dose, end.",
)
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
CONSENT_MISSING = ErrorCode(
    "LIF-005",
    "No consent that holds is recorded.",
    "record it with `record_consent`; who has withdrawn consent is asked anew first.",
)
CONSENT_AGAIN = ErrorCode(
    "LIF-006",
    "The site works by a newer study version than the participant consented to.",
    "ask for consent by the new version and record it with `record_consent`.",
)
FROZEN = ErrorCode(
    "LIF-007", "The participant's data are frozen.", "ask the monitor to unfreeze them, with a reason."
)


class State(StrEnum):
    """Where a participant stands."""

    SCREENING = "in screening"
    FAILURE = "screen failure"
    ENROLLED = "enrolled"
    RANDOMISED = "randomised"
    TREATED = "on treatment"
    TREATMENT_ENDED = "treatment ended"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"
    LOST = "lost to follow-up"
    DIED = "died"


_S = State
_LEAVES = frozenset({_S.WITHDRAWN, _S.LOST, _S.DIED})

NEXT: dict[State, frozenset[State]] = {
    _S.SCREENING: _LEAVES | {_S.SCREENING, _S.FAILURE, _S.ENROLLED},
    _S.FAILURE: frozenset({_S.SCREENING, _S.FAILURE}),
    _S.ENROLLED: _LEAVES | {_S.RANDOMISED, _S.TREATED, _S.TREATMENT_ENDED},
    _S.RANDOMISED: _LEAVES | {_S.TREATED, _S.TREATMENT_ENDED},
    _S.TREATED: _LEAVES | {_S.TREATED, _S.TREATMENT_ENDED},
    _S.TREATMENT_ENDED: _LEAVES | {_S.COMPLETED},
    _S.COMPLETED: frozenset(),
    _S.WITHDRAWN: frozenset({_S.DIED}),
    _S.LOST: frozenset({_S.DIED}),
    _S.DIED: frozenset(),
}
"""The states that may follow each. A death is still recorded of who was lost or withdrew; else an end is an end."""

ENDED = frozenset({_S.COMPLETED, _S.WITHDRAWN, _S.LOST, _S.DIED})


def check_step(participant: Participant, to: State) -> None:
    """Refuse with LIF-001 a step that the state does not allow, and with LIF-007 any step where data are frozen."""
    if participant.frozen:
        raise FROZEN.refuse(f"the data of {participant.code} are frozen", value=participant.code)
    if to not in NEXT[State(participant.status)]:
        raise WRONG_STEP.refuse(
            f"{participant.code} is {participant.status} and cannot become {to.value}",
            value=participant.status,
        )


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


def version_of_consent(consent: Consent, site: Site) -> int:
    """The newest study version that the site had approved on the day of a consent; 0 where it had none."""
    day = local_day(consent.signed_at, site)
    versions = Activation.objects.filter(site=site, approved_on__lte=day).order_by("-version")
    return versions.values_list("version", flat=True).first() or 0


def check_consent(participant: Participant) -> Consent:
    """The consent that holds. Refuses with LIF-005, and with LIF-006 where an amendment asks for it anew."""
    consent = last_consent(participant)
    if consent is None or consent.kind == WITHDRAWN:
        what = "has withdrawn consent" if consent is not None else "has not consented"
        raise CONSENT_MISSING.refuse(f"{participant.code} {what}", value=participant.code)
    site = participant.site
    if version_of_consent(consent, site) < site.version:
        raise CONSENT_AGAIN.refuse(
            f"{participant.code} consented before {site.code} approved version {site.version}",
            value=participant.code,
        )
    return consent


GIVEN = "given"
AGAIN = "given again"
WITHDRAWN = "withdrawn"


def is_randomised(act: Act, participant: Participant) -> bool:
    """Whether the participant's study version randomises."""
    return act.definition(participant.version).design.allocation == "randomised"
