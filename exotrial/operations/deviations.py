"""Protocol deviations: what happened, how grave it is and what was done (ICH E6(R3) 2.5.3; ICH E3 10.2).

What an unblinded person writes may tell an arm, so it is sealed until the study is unblinded.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import _life, arms
from exotrial.operations._act import Act
from exotrial.operations._operation import COLLECTING, Answer, Ask, operation, view
from exotrial.operations.access import Permission, is_blind
from exotrial.store.models import Deviation

NO_PLACE = ErrorCode(
    "DEV-001",
    "A deviation is of a participant or of a site, and neither is named.",
    "give `participant`, or `site` where it concerns nobody alone.",
)
BEFORE_SCREENING = ErrorCode(
    "DEV-002",
    "The deviation is dated before the participant was screened.",
    "look at the day; what happened before screening is no deviation of this participant.",
)

SEALED = "sealed:"
KEPT = "kept sealed until the study is unblinded"


class Category(StrEnum):
    """What the deviation is of (ICH E3 10.2, and what a trial of a product asks besides)."""

    ELIGIBILITY = "eligibility"
    CONSENT = "consent"
    RANDOMISATION = "randomisation"
    TREATMENT = "treatment or dose"
    PRODUCT = "product handling"
    MEDICATION = "excluded medication"
    VISIT = "visit missed or out of its window"
    ASSESSMENT = "assessment not done or done otherwise"
    BLINDING = "blinding"
    PRIVACY = "privacy"
    OTHER = "other"


class Importance(StrEnum):
    """Important: it may affect data, rights, safety or well-being (ICH E3 Q&A R1)."""

    IMPORTANT = "important"
    MINOR = "minor"


class ReportDeviation(Ask):
    """What happened, at a site or with a participant."""

    participant: str = ""
    site: str = ""
    happened_on: date
    category: Category
    importance: Importance
    text: str = Field(min_length=1, max_length=4000, description="What happened; no names of people.")
    action: str = Field(default="", max_length=4000, description="What was done about it.")


class ReportedDeviation(Answer):
    number: int


@operation(permission=Permission.DEVIATION, when=COLLECTING)
def report_deviation(act: Act, ask: ReportDeviation) -> ReportedDeviation:
    """Report a protocol deviation; it is never taken back, only followed by another report."""
    if not ask.participant and not ask.site:
        raise NO_PLACE.refuse("neither a participant nor a site is named")
    participant = act.participant(ask.participant) if ask.participant else None
    site = participant.site if participant is not None else act.site(ask.site)
    if participant is not None and ask.site not in ("", site.code):
        raise NO_PLACE.refuse(
            f"{participant.code} is of the site {site.code}", place=Place(path="site"), value=ask.site
        )
    _life.check_past_day(act, ask.happened_on, site, path="happened_on")
    if participant is not None and ask.happened_on < _life.local_day(participant.screened_at, site):
        raise BEFORE_SCREENING.refuse(
            f"{participant.code} was screened on {_life.local_day(participant.screened_at, site)}",
            place=Place(path="happened_on"),
            value=ask.happened_on,
        )
    number = Deviation.objects.filter(study=act.the_study).count() + 1
    seal = not is_blind(act.actor.role) and not arms.is_open_label(act)
    act.add(
        Deviation(
            study=act.the_study,
            site=site,
            participant=participant,
            happened_on=ask.happened_on,
            category=ask.category.value,
            importance=ask.importance.value,
            text=_kept(act, ask.text) if seal else ask.text,
            action=_kept(act, ask.action) if seal and ask.action else ask.action,
            at=act.now,
        )
    )
    return ReportedDeviation(number=number)


class ListDeviations(Ask):
    """All, or those of one participant."""

    participant: str = ""


class ShownDeviation(Answer):
    """`number` counts the study's deviations in the order of reporting, from 1."""

    number: int
    site: str
    participant: str
    happened_on: date
    category: str
    importance: str
    text: str
    action: str
    reported_at: datetime


class ShownDeviations(Answer):
    deviations: tuple[ShownDeviation, ...]


@view(permission=Permission.READ_DATA)
def list_deviations(act: Act, ask: ListDeviations) -> ShownDeviations:
    """The deviations of the sites where one has rights, in the order in which they were reported."""
    wanted = act.participant(ask.participant).pk if ask.participant else None
    rows = Deviation.objects.filter(study=act.the_study).select_related("site", "participant").order_by("pk")
    return ShownDeviations(
        deviations=tuple(
            _show(act, row, number)
            for number, row in enumerate(rows, start=1)
            if act.actor.holds_at(row.site.code) and wanted in (None, row.participant_id)
        )
    )


def _show(act: Act, row: Deviation, number: int) -> ShownDeviation:
    return ShownDeviation(
        number=number,
        site=row.site.code,
        participant=row.participant.code if row.participant is not None else "",
        happened_on=row.happened_on,
        category=row.category,
        importance=row.importance,
        text=_told(act, row.text),
        action=_told(act, row.action),
        reported_at=row.at,
    )


def _kept(act: Act, text: str) -> str:
    return SEALED + arms.seal_text(act, text, where="deviation")


def _told(act: Act, text: str) -> str:
    if not text.startswith(SEALED):
        return text
    if not arms.may_see_arms(act):
        return KEPT
    return arms.open_text(act, text.removeprefix(SEALED), where="deviation", purpose="knowing arms")
