"""What a rehearsal tries although it is forbidden, and the codes with which each must be refused."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from exotrial.operations.access import Role
from exotrial.operations.simulation.people import Person
from exotrial.operations.simulation.steps import Deed, Step

if TYPE_CHECKING:
    from exotrial.operations.simulation.conduct import Conduct

Data = Callable[["Conduct", Person], dict[str, Any]]
_DM = "F.DEMOGRAPHICS"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One forbidden thing: tried once, before or after the first step of `deed` (with `form`) that it fits.

    `eligible` is whether it is tried with somebody who may be enrolled.
    """

    tried: str
    deed: Deed | None
    before: bool
    operation: str
    role: Role
    codes: tuple[str, ...]
    data: Data
    form: str = ""
    eligible: bool = True

    def fits(self, step: Step, person: Person) -> bool:
        """Whether it is to be tried at this step."""
        return (
            step.deed is self.deed
            and person.eligible is self.eligible
            and (not self.form or step.form == self.form)
        )


def _code(conduct: Conduct, person: Person) -> dict[str, Any]:
    return {"participant": conduct.code(person)}


def _nothing(conduct: Conduct, person: Person) -> dict[str, Any]:
    return {}


def _again(conduct: Conduct, person: Person) -> dict[str, Any]:
    from exotrial.operations.simulation.conduct import identity_of

    return {
        "site": person.site,
        "born": person.born,
        "identity": identity_of(person),
        "answers": dict(person.answers),
    }


def _demographics(conduct: Conduct, person: Person, *, age: int, revision: int) -> dict[str, Any]:
    form = conduct.forms[_DM]
    values = conduct.filling.values_of(person, form, encounter="", on=person.screened_at.date())
    values["IG.DM"]["DM.AGE"] = str(age)
    return {
        **_code(conduct, person),
        "form": _DM,
        "values": values,
        "complete": True,
        "revision": revision,
    }


def _impossible(conduct: Conduct, person: Person) -> dict[str, Any]:
    return _demographics(conduct, person, age=430, revision=0)


def _without_reason(conduct: Conduct, person: Person) -> dict[str, Any]:
    return _demographics(conduct, person, age=person.age + 1, revision=1)


def _stale(conduct: Conduct, person: Person) -> dict[str, Any]:
    return _demographics(conduct, person, age=person.age + 1, revision=0)


def _saved_again(conduct: Conduct, person: Person) -> dict[str, Any]:
    saved = conduct.going[person.number].saved[_DM, ""]
    values = deepcopy(saved.values)
    values["IG.DM"]["DM.AGE"] = str(person.age + 1)
    return {
        **_code(conduct, person),
        "form": _DM,
        "values": values,
        "complete": True,
        "revision": saved.revision,
        "reason": "tried on purpose",
    }


def _tomorrow(conduct: Conduct, person: Person) -> dict[str, Any]:
    signed = conduct.crew.now + timedelta(days=1)
    return {**_code(conduct, person), "version": "1.0", "signed_at": signed.isoformat()}


def _with_reason(conduct: Conduct, person: Person) -> dict[str, Any]:
    return {"reason": "tried on purpose"}


def _unblind(conduct: Conduct, person: Person) -> dict[str, Any]:
    return {"reason": "tried on purpose", **conduct.crew.proof(Role.SPONSOR)}


def _wrong_password(conduct: Conduct, person: Person) -> dict[str, Any]:
    username = conduct.crew.username(Role.INVESTIGATOR, person.site)
    return {
        **_code(conduct, person),
        "username": username,
        "password": "not the right words",
        "reason": "tried on purpose",
    }


def _level(conduct: Conduct, person: Person) -> dict[str, Any]:
    return {**_code(conduct, person), "stratum_level": person.level}


def _attempt(
    tried: str,
    deed: Deed | None,
    operation: str,
    role: Role,
    codes: str,
    data: Data = _code,
    *,
    before: bool = False,
    form: str = "",
    eligible: bool = True,
) -> Attempt:
    return Attempt(
        tried=tried,
        deed=deed,
        before=before,
        operation=operation,
        role=role,
        codes=tuple(codes.split()),
        data=data,
        form=form,
        eligible=eligible,
    )


_R = Role
ATTEMPTS = (
    _attempt("screen somebody a second time", Deed.SCREEN, "screen", _R.COORDINATOR, "IDN-002", _again),
    _attempt(
        *("enrol who is not eligible", Deed.SCREEN, "enrol", _R.COORDINATOR, "LIF-001 LIF-012", _level),
        eligible=False,
    ),
    _attempt(
        *(
            "record a consent of tomorrow",
            Deed.CONSENT,
            "record_consent",
            _R.COORDINATOR,
            "LIF-002",
            _tomorrow,
        ),
        before=True,
    ),
    _attempt(
        *("enrol without consent", Deed.CONSENT, "enrol", _R.COORDINATOR, "LIF-005", _level), before=True
    ),
    _attempt(
        *("record an age of 430", Deed.SAVE, "save_form", _R.COORDINATOR, "ENT-006", _impossible),
        before=True,
        form=_DM,
    ),
    _attempt(
        *("change an answer without a reason", Deed.SAVE, "save_form", _R.COORDINATOR, "OPR-012"),
        _without_reason,
        form=_DM,
    ),
    _attempt(
        *("save over what somebody else saved", Deed.SAVE, "save_form", _R.COORDINATOR, "RCD-007", _stale),
        form=_DM,
    ),
    _attempt(
        *("randomise before enrolment", Deed.ENROL, "randomise", _R.INVESTIGATOR, "RAN-101 RAN-104"),
        before=True,
    ),
    _attempt("randomise a second time", Deed.RANDOMISE, "randomise", _R.INVESTIGATOR, "RAN-102"),
    _attempt("read the arms as coordinator", Deed.ENROL, "show_arms", _R.COORDINATOR, "OPR-003", _nothing),
    _attempt("unblind before the lock", Deed.ENROL, "unblind_study", _R.SPONSOR, "OPR-005", _unblind),
    _attempt(
        "read participants as administrator",
        *(Deed.ENROL, "list_participants", _R.ADMINISTRATOR, "OPR-003", _nothing),
    ),
    _attempt(
        *("give a kit of a batch that is not released", Deed.ASSIGN_KIT, "assign_kit", _R.CARE_PROVIDER),
        "KIT-011 KIT-013",
        before=True,
    ),
    _attempt("lock while a form is a draft", Deed.DRAFT, "lock_study", _R.SPONSOR, "STU-001", _with_reason),
    _attempt(
        *("unblind with a wrong password", Deed.UNBLIND, "unblind_emergency", _R.INVESTIGATOR, "AUT-001"),
        _wrong_password,
        before=True,
    ),
    _attempt("change a frozen form", Deed.FREEZE, "save_form", _R.COORDINATOR, "RCD-006", _saved_again),
)
AFTER_LOCK = _attempt(
    "change a form after the lock", None, "save_form", _R.COORDINATOR, "OPR-005", _saved_again
)
AFTER_UNBLINDING = _attempt(
    "unlock after the unblinding", None, "unlock_study", _R.SPONSOR, "OPR-005 STU-002", _with_reason
)
