"""The visits that participants have come to by now: for the list of what waits, and for how complete the data are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from django.db.models import Min

from exotrial.operations._act import Act
from exotrial.operations._due import begun_at, dues_from
from exotrial.operations._life import local_day
from exotrial.participants.disposition import ENDED
from exotrial.store.models import Dose, Participant, Record, Site


class Reached(NamedTuple):
    """One visit of one participant whose window has opened while they took part.

    `forms` is how many forms the visit has; `begun`: one of them is at least a draft; `late`: the window is over;
    `ended`: the participant takes part no longer.
    """

    participant: str
    site: int
    encounter: str
    forms: int
    begun: bool
    late: bool
    ended: bool


def reached_visits(act: Act, sites: Sequence[Site]) -> Iterator[Reached]:
    """Participants by code, their visits in the study's order; nothing of who has no day to count from."""
    there = {site.pk: site for site in sites}
    people = (
        Participant.objects.filter(site__in=sites)
        .exclude(enrolled_at=None)
        .order_by("code")
        .values_list("pk", "code", "site_id", "status", "enrolled_at", "randomised_at", "ended_at")
    )
    begun: dict[int, set[str]] = {}
    seen = Record.objects.filter(participant__site__in=sites).exclude(encounter="")
    for whose, visit in seen.values_list("participant_id", "encounter").distinct():
        begun.setdefault(whose, set()).add(visit)
    doses = Dose.objects.filter(participant__site__in=sites).values_list("participant_id")
    first = dict(doses.annotate(first=Min("begun_at")).order_by("participant_id"))
    windows: dict[tuple[int, date], list[tuple[str, int, date, date]]] = {}
    for whose, code, where, status, enrolled_at, randomised_at, ended_at in people:
        site = there[where]
        moment = begun_at(
            act.definition(site.version).design.time_origin,
            first_dose=first.get(whose),
            randomised_at=randomised_at,
            enrolled_at=enrolled_at,
        )
        if moment is None:
            continue
        origin, today = local_day(moment, site), local_day(act.now, site)
        until = today if ended_at is None else min(today, local_day(ended_at, site))
        # Who began on one day has the same windows: they are derived once.
        if (site.version, origin) not in windows:
            windows[site.version, origin] = list(_windows(act, origin, version=site.version))
        mine = begun.get(whose, ())
        for visit, forms, earliest, latest in windows[site.version, origin]:
            if earliest <= until:
                yield Reached(code, where, visit, forms, visit in mine, latest < today, status in ENDED)


def _windows(act: Act, origin: date, *, version: int) -> Iterator[tuple[str, int, date, date]]:
    """The visits that have forms, with how many, and their first and last day."""
    asked = Counter(visit for form in act.forms(version).values() for visit in form.encounters)
    for visit, due in dues_from(act, origin, version=version).items():
        if asked[visit]:
            yield visit, asked[visit], due.earliest, due.latest
