"""The start page: the trials I may see, and what waits for me in each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from exotrial.operations.own_rights import OwnStudy
from exotrial.operations.worklist import Work
from exotrial.web.pages._page import Shown, Visit, page

WHERE: dict[Work, str] = {
    Work.OVERDUE: "participants",
    Work.DUE: "participants",
    Work.SERIOUS: "safety",
    Work.BROKEN: "signatures",
    Work.ANSWER: "queries",
    Work.CLOSE: "queries",
    Work.DRAFT: "participants",
    Work.SIGN: "signatures",
    Work.APPROVE: "sites",
    Work.RELEASE: "product",
    Work.CONTRIBUTE: "randomisation",
    Work.SEAL: "randomisation",
}
"""The page of the study where each kind of work is done."""


@dataclass(frozen=True)
class Trial:
    """A trial with what waits in it; `first` are participants' codes with the addresses of their pages."""

    own: OwnStudy
    waiting: tuple[tuple[Any, str, tuple[tuple[str, str], ...]], ...]
    visits_unknown: bool


@page("")
def home(visit: Visit) -> Shown:
    """Every trial that the person has a role in, and the work that waits there."""
    studies = visit.rights.studies if visit.rights else ()
    return Shown("home.html", trials=[_trial(visit, one) for one in studies])


def _trial(visit: Visit, own: OwnStudy) -> Trial:
    there = replace(visit, given={"study": own.study})
    if not any(role.trained for role in own.roles):
        return Trial(own, (), visits_unknown=False)
    work = there.ask("list_work")
    return Trial(
        own,
        tuple(
            (
                one,
                f"/study/{own.study}/{WHERE[one.work]}",
                tuple((code, f"/study/{own.study}/p/{there.ref(code)}") for code in one.participants),
            )
            for one in work.waiting
        ),
        visits_unknown=work.visits_unknown,
    )
