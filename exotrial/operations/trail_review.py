"""The review of the trail, and the record that it was done (ICH E6(R3) 4.2.3; EMA 6.2.2; requirement 61).

Rates are compared by the modified z-score of Iglewicz and Hoaglin (1993): 0.6745 (x - median) / MAD, told as an
outlier above 3.5, among at least 5 people or sites with at least 20 recorded values each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from statistics import median
from typing import Any

from pydantic import Field

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations._act import Act
from exotrial.operations._operation import ALWAYS, Answer, operation, view
from exotrial.operations._operation import Ask as BaseAsk
from exotrial.operations.access import Permission
from exotrial.operations.authenticate import Proven, prove_again
from exotrial.operations.trail_views import acts_in_reach
from exotrial.store.models import Act as ActRow
from exotrial.store.models import Change, Signature

NOT_THERE = ErrorCode(
    "AUD-003",
    "The trail has no act of that number yet.",
    "give the number of the last act that was reviewed; `review_trail` tells it as `up_to`.",
)

OUTLYING = 3.5
FEWEST_UNITS = 5
FEWEST_VALUES = 20
_DONE = ("complete", "signed")


class ReviewTrail(BaseAsk):
    """What counts as late; the lists are cut at `limit`, the counts are not."""

    late_days: int = Field(default=14, ge=0, le=3650, description="Days after the first entry.")
    limit: int = Field(default=200, ge=1, le=2000)


class Rate(Answer):
    """One person's or site's recorded values, and how many of them were changed later."""

    name: str
    acts: int
    entered: int
    changed: int
    late: int
    after_completion: int
    refused: int
    changed_per_100: float | None
    outlier: bool


class LateChange(Answer):
    """A recorded answer that was changed: how many days after its first entry, and by whom."""

    seq: int
    at: datetime
    who: str
    role: str
    site: str
    participant: str
    record: int
    key: str
    days: float
    after_completion: bool


class Refused(Answer):
    """How often an operation was refused to a person, by code."""

    who: str
    operation: str
    code: str
    times: int


class ClockStep(Answer):
    """An act before which the server's clock went back."""

    seq: int
    at: datetime
    seconds: float


class Reviewed(Answer):
    """A review that was recorded before."""

    up_to: int
    by: str
    at: datetime


class TrailReview(Answer):
    up_to: int
    late_days: int
    people: tuple[Rate, ...]
    sites: tuple[Rate, ...]
    late: tuple[LateChange, ...]
    late_in_all: int
    after_completion: tuple[LateChange, ...]
    after_completion_in_all: int
    refused: tuple[Refused, ...]
    clock_steps: tuple[ClockStep, ...]
    reviews: tuple[Reviewed, ...]


@view(permission=Permission.READ_TRAIL, access_logged=True)
def review_trail(act: Act, ask: ReviewTrail) -> TrailReview:
    """Who changes what and how late, also after completion; refused attempts, clock steps, outliers."""
    reach = acts_in_reach(act)
    people, sites = _Rates(), _Rates()
    for who, site, outcome in reach.values_list("who", "site", "outcome").iterator():
        people.acts[who] += 1
        sites.acts[site] += 1
        if outcome == "refused":
            people.refused[who] += 1
            sites.refused[site] += 1
    late: list[LateChange] = []
    after: list[LateChange] = []
    late_in_all = after_in_all = 0
    for told in _corrections(reach, people, sites):
        if told.days > ask.late_days:
            late_in_all += 1
            people.late[told.who] += 1
            sites.late[told.site] += 1
            late += [told] if len(late) < ask.limit else []
        if told.after_completion:
            after_in_all += 1
            people.after[told.who] += 1
            sites.after[told.site] += 1
            after += [told] if len(after) < ask.limit else []
    counted = Counter(reach.filter(outcome="refused").values_list("who", "operation", "code").iterator())
    # Among equals by name: the order in which a database finds rows would be one more thing that can tell.
    refused = sorted(counted.items(), key=lambda one: (-one[1], one[0]))[: ask.limit]
    steps = reach.filter(clock_step__lt=0).order_by("seq").values_list("seq", "at", "clock_step")[: ask.limit]
    return TrailReview(
        up_to=reach.order_by("-seq").values_list("seq", flat=True).first() or 0,
        late_days=ask.late_days,
        people=people.told(),
        sites=sites.told(),
        late=tuple(late),
        late_in_all=late_in_all,
        after_completion=tuple(after),
        after_completion_in_all=after_in_all,
        refused=tuple(
            Refused(who=who, operation=name, code=code, times=times) for (who, name, code), times in refused
        ),
        clock_steps=tuple(ClockStep(seq=seq, at=at, seconds=step) for seq, at, step in steps),
        reviews=tuple(_reviews(act)),
    )


class RecordReview(Proven):
    """Up to which act the trail was reviewed; what was seen and done about it goes into `reason`."""

    up_to: int = Field(ge=1, le=2**62)


class RecordedReview(Answer):
    up_to: int
    by: str
    digest: str


@operation(permission=Permission.READ_TRAIL, when=ALWAYS, needs_reason=True)
def record_trail_review(act: Act, ask: RecordReview) -> RecordedReview:
    """Record, with one's signature, that the trail was reviewed up to an act; it is bound to that act's digest."""
    prove_again(act, ask)
    row = ActRow.objects.filter(chain=act.the_study.chain, seq=ask.up_to).first()
    if row is None:
        raise NOT_THERE.refuse(f"there is no act {ask.up_to}", value=ask.up_to, place=Place(path="up_to"))
    act.add(
        Signature(
            study=act.the_study,
            subject=f"trail:{ask.up_to}",
            meaning="review of the audit trail",
            signer=act.actor.username,
            signer_name=act.actor.name,
            signed_at=act.now,
            content_digest=row.digest,
        )
    )
    return RecordedReview(up_to=ask.up_to, by=act.actor.name, digest=row.digest)


def _reviews(act: Act) -> Iterator[Reviewed]:
    found = Signature.objects.filter(study=act.the_study, subject__startswith="trail:").order_by("pk")
    for row in found:
        yield Reviewed(up_to=int(row.subject.removeprefix("trail:")), by=row.signer_name, at=row.signed_at)


class _Rates:
    """Counts by person or by site."""

    def __init__(self) -> None:
        self.acts: Counter[str] = Counter()
        self.entered: Counter[str] = Counter()
        self.changed: Counter[str] = Counter()
        self.late: Counter[str] = Counter()
        self.after: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()

    def told(self) -> tuple[Rate, ...]:
        rates = {
            name: 100 * self.changed[name] / self.entered[name] for name in self.acts if self.entered[name]
        }
        outlying = find_outlying({n: rate for n, rate in rates.items() if self.entered[n] >= FEWEST_VALUES})
        return tuple(
            Rate(
                name=name,
                acts=self.acts[name],
                entered=self.entered[name],
                changed=self.changed[name],
                late=self.late[name],
                after_completion=self.after[name],
                refused=self.refused[name],
                changed_per_100=rates.get(name),
                outlier=name in outlying,
            )
            for name in sorted(self.acts)
        )


def find_outlying(rates: dict[str, float]) -> frozenset[str]:
    """The names whose rate lies far above or below the others'; none among fewer than 5, or where the MAD is 0."""
    if len(rates) < FEWEST_UNITS:
        return frozenset()
    middle = median(rates.values())
    spread = median(abs(rate - middle) for rate in rates.values())
    if spread == 0:
        return frozenset()
    return frozenset(name for name, rate in rates.items() if 0.6745 * abs(rate - middle) / spread > OUTLYING)


def _corrections(reach: Any, people: _Rates, sites: _Rates) -> Iterator[LateChange]:
    """Every change of a recorded answer in reach; first entries and changes are counted on the way."""
    acts = {row.pk: row for row in reach}
    changes = (
        Change.objects.filter(act__in=reach, table="record")
        .order_by("row", "act_id", "position")
        .values_list("row", "act_id", "field", "old", "new", "redacted")
    )
    for record, held in groupby(changes.iterator(chunk_size=5000), key=lambda change: change[0]):
        first: dict[str, datetime] = {}
        status = ""
        for act, of_act in groupby(held, key=lambda change: change[1]):
            row = acts[act]
            following = status
            for _, _, name, old, new, _ in of_act:
                if name == "status" and new is not None:
                    following = new.strip('"')
                if not name.startswith("values/"):
                    continue
                people.entered[row.who] += old is None
                sites.entered[row.site] += old is None
                if name not in first:
                    first[name] = row.at
                elif old is not None or status in _DONE:
                    people.changed[row.who] += 1
                    sites.changed[row.site] += 1
                    yield LateChange(
                        seq=row.seq,
                        at=row.at,
                        who=row.who,
                        role=row.role,
                        site=row.site,
                        participant=row.participant,
                        record=record,
                        key=name.removeprefix("values/"),
                        days=round((row.at - first[name]).total_seconds() / 86400, 2),
                        after_completion=status in _DONE,
                    )
            status = following
