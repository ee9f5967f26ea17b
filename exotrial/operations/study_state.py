"""The study's state: suspended, resumed, locked, unlocked with a reason (ICH E6(R3) 4.2.7; 21 CFR 11.10(e))."""

from __future__ import annotations

from collections.abc import Iterable

from exotrial.core.errors import ErrorCode
from exotrial.core.verdict import Reason, Verdict
from exotrial.operations._act import Act
from exotrial.operations._operation import COLLECTING, RUNNING, Answer, Ask, operation, view
from exotrial.operations.access import Permission
from exotrial.operations.screening import ShownReason, shown_reasons
from exotrial.operations.signatures import signatures_in_reach
from exotrial.participants.disposition import ENDED, State
from exotrial.store.models import (
    Allocation,
    Dose,
    Participant,
    Query,
    Record,
    SecondEntry,
    Site,
    Study,
)

NOT_READY = ErrorCode(
    "STU-001",
    "The study cannot be locked yet.",
    "settle what is named; `show_lock_readiness` lists it at any time.",
)
UNBLINDED = ErrorCode(
    "STU-002",
    "The study is unblinded, and is not unlocked again.",
    "report a correction beside the data; data that arms are known of are not changed.",
)

_TOLD = 5
"""How many of a kind a refusal names; the count says the rest."""


class ChangeState(Ask):
    """Why, in `reason`."""


class ChangedState(Answer):
    study: str
    status: str


@operation(permission=Permission.LOCK, when=RUNNING, needs_reason=True)
def suspend_study(act: Act, ask: ChangeState) -> ChangedState:
    """Suspend the study: nobody is screened, enrolled, randomised; what was begun is recorded on."""
    return _change(act, Study.Status.SUSPENDED)


@operation(permission=Permission.LOCK, when=frozenset({Study.Status.SUSPENDED}), needs_reason=True)
def resume_study(act: Act, ask: ChangeState) -> ChangedState:
    """Take a suspended study up again."""
    return _change(act, Study.Status.RUNNING)


class LockedStudy(Answer):
    """`still_taking_part` counts who is enrolled and has not ended."""

    study: str
    status: str
    still_taking_part: int


@operation(permission=Permission.LOCK, when=COLLECTING, needs_reason=True)
def lock_study(act: Act, ask: ChangeState) -> LockedStudy:
    """Lock the study: from then on no data change. Refused while queries, drafts or broken signatures are left."""
    verdict = _decide_lock(act)
    if not verdict.holds:
        left = "; ".join(reason.why for reason in verdict.reasons if not reason.holds)
        raise NOT_READY.refuse(left, value=act.the_study.slug)
    act.change(act.the_study, status=Study.Status.LOCKED.value, locked_at=act.now)
    still = Participant.objects.filter(study=act.the_study).exclude(enrolled_at=None)
    return LockedStudy(
        study=act.the_study.slug,
        status=act.the_study.status,
        still_taking_part=still.exclude(status__in=[state.value for state in ENDED]).count(),
    )


@operation(permission=Permission.LOCK, when=frozenset({Study.Status.LOCKED}), needs_reason=True)
def unlock_study(act: Act, ask: ChangeState) -> ChangedState:
    """Unlock the study to correct data; it is suspended then, and is locked again. Never after unblinding."""
    if act.the_study.unblinded_at is not None:
        raise UNBLINDED.refuse(f"{act.the_study.slug} was unblinded", value=act.the_study.slug)
    act.change(act.the_study, locked_at=None)
    return _change(act, Study.Status.SUSPENDED)


class ShowLockReadiness(Ask):
    """Nothing to say."""


class LockReadiness(Answer):
    ready: bool
    reasons: tuple[ShownReason, ...]


@view(permission=Permission.READ_DATA)
def show_lock_readiness(act: Act, ask: ShowLockReadiness) -> LockReadiness:
    """What stands between the study and its lock, at the sites where one has rights."""
    verdict = _decide_lock(act)
    return LockReadiness(ready=verdict.holds, reasons=shown_reasons(verdict))


class ShowStatus(Ask):
    """Nothing to say."""


class ShownStatus(Answer):
    """Numbers are of the sites where one has rights; `participants` counts them by state."""

    study: str
    title: str
    status: str
    version: int
    sites_active: int
    participants: dict[str, int]
    randomised: int
    doses: int
    queries_open: int
    drafts: int


@view(permission=Permission.READ_STUDY)
def status(act: Act, ask: ShowStatus) -> ShownStatus:
    """How the study stands: its state, and how many participants are where."""
    study = act.the_study
    sites = [s for s in Site.objects.filter(study=study) if act.actor.holds_at(s.code)]
    theirs = Participant.objects.filter(site__in=sites)
    states = list(theirs.values_list("status", flat=True))
    return ShownStatus(
        study=study.slug,
        title=study.title,
        status=study.status,
        version=study.version,
        sites_active=sum(site.status == Site.Status.ACTIVE for site in sites),
        participants={state.value: states.count(state.value) for state in State},
        randomised=Allocation.objects.filter(participant__site__in=sites).count(),
        doses=Dose.objects.filter(participant__site__in=sites).count(),
        queries_open=Query.objects.filter(record__participant__site__in=sites)
        .exclude(status=Query.Status.CLOSED)
        .count(),
        drafts=Record.objects.filter(participant__site__in=sites, status=Record.Status.DRAFT).count(),
    )


def _change(act: Act, to: Study.Status) -> ChangedState:
    act.change(act.the_study, status=to.value)
    return ChangedState(study=act.the_study.slug, status=act.the_study.status)


def _decide_lock(act: Act) -> Verdict:
    """Whether the study may be locked: every reason with what is left, by form and participant.

    Who has rights at named sites is told what is left there.
    """
    study = act.the_study
    people = Participant.objects.filter(study=study)
    if act.actor.sites is not None:
        people = people.filter(site__code__in=act.actor.sites)
    named = ("form", "encounter", "participant__code")
    records = Record.objects.filter(participant__in=people).select_related("participant").only(*named)
    queries = (
        Query.objects.filter(record__participant__in=people)
        .exclude(status=Query.Status.CLOSED)
        .select_related("record__participant")
        .only("record__form", "record__encounter", "record__participant__code")
    )
    second = SecondEntry.objects.filter(record__participant__in=people, settled_at=None).select_related(
        "record__participant"
    )
    return Verdict(
        question=f"May {study.slug} be locked?",
        reasons=(
            _none_left("no drafts", "draft", (_name(r) for r in records.filter(status=Record.Status.DRAFT))),
            _none_left("no open queries", "open query", (_name(query.record) for query in queries)),
            _none_left(
                "no unsettled second entries",
                "unsettled second entry",
                (_name(entry.record) for entry in second if entry.differences),
            ),
            _none_left("all signatures whole", "broken signature", _broken(act)),
        ),
    )


def _broken(act: Act) -> list[str]:
    """The subjects of which a signature was broken and that are not signed anew with the same meaning."""
    found: dict[tuple[str, str], bool] = {}
    reach = signatures_in_reach(act)
    broken = reach.exclude(broken_at=None).order_by().values("subject")
    for row in reach.filter(subject__in=broken).order_by("pk"):
        found[(row.subject, row.meaning)] = row.broken_at is not None
    return sorted(f"{subject} ({meaning})" for (subject, meaning), broken in found.items() if broken)


def _name(record: Record) -> str:
    where = f" at {record.encounter}" if record.encounter else ""
    return f"{record.form}{where} of {record.participant.code}"


def _none_left(criterion: str, what: str, names: Iterable[str]) -> Reason:
    left = sorted(names)
    if not left:
        return Reason(criterion=criterion, holds=True, why=f"{criterion}: none is left")
    more = f" and {len(left) - _TOLD} more" if len(left) > _TOLD else ""
    return Reason(
        criterion=criterion, holds=False, why=f"{what}: {len(left)} ({', '.join(left[:_TOLD])}{more})"
    )
