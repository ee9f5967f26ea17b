"""The gateway: every operation and every view goes through `perform`, from the command line, HTTP and pages alike.

One transaction, one writer per study (its chain's row is locked first), one permission, one act in the trail. A
refusal rolls everything back; then the attempt itself is written down, by code and place and without what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from django.db import DataError, OperationalError, transaction
from django.db.models import QuerySet
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from exotrial.core.catalogue import find_objects
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.operations._act import Act
from exotrial.operations._rights import find_actor
from exotrial.operations._storable import find_unstorable
from exotrial.operations.access import Permission, Role
from exotrial.operations.lockout import NOT_PROVEN, keep_failed_proof
from exotrial.store.home import Opened, writing_turn
from exotrial.store.models import Account, Chain, Session, Study, Token
from exotrial.store.models.audit import Act as ActRow
from exotrial.store.prepared import Values, find_first
from exotrial.store.trail import append_act

UNKNOWN_OPERATION = ErrorCode(
    "OPR-001", "There is no such operation or view.", "see `exotrial operations` for what there is."
)
BAD_INPUT = ErrorCode(
    "OPR-002",
    "What was sent does not have the form that the operation asks for.",
    "see `exotrial operations NAME` for its fields.",
)
WRONG_TIME = ErrorCode(
    "OPR-005", "The study's state does not allow it.", "see `exotrial status` for the study's state."
)
NO_STUDY = ErrorCode(
    "OPR-006", "There is no such study in this installation.", "load it first with `load_study_version`."
)
NO_REASON = ErrorCode("OPR-007", "The operation needs a reason.", "say why in `reason`.")
BUSY = ErrorCode(
    "OPR-009",
    "The database did not get to it in time.",
    "send it again; nothing of it was saved.",
)

INSTALLATION = "installation"
"""The name of the chain of accounts and rights."""

Status = Study.Status
OPEN = frozenset({Status.SETUP, Status.RUNNING, Status.SUSPENDED})
RUNNING = frozenset({Status.RUNNING})
COLLECTING = frozenset({Status.RUNNING, Status.SUSPENDED})
ALWAYS = frozenset(Status)
NOT_ARCHIVED = ALWAYS - {Status.ARCHIVED}
"""Until the archive: product is returned and destroyed after the data are locked, too."""


class Ask(BaseModel):
    """What an operation is told. Unknown fields are refused; `reason` goes into the trail."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)

    reason: str = Field(default="", max_length=2000, description="Why; goes into the trail.")


StudyText = Annotated[
    str,
    StringConstraints(strip_whitespace=False, min_length=1, max_length=4_000_000),
    Field(description="The text of study.toml, kept word for word: its digest is the file's."),
]


class Answer(BaseModel):
    """What an operation or a view gives back."""

    model_config = ConfigDict(frozen=True)


A = TypeVar("A", bound=Ask)
B = TypeVar("B", bound=Answer)
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class Operation(Generic[A, B]):
    """One thing a person does or looks at. `reads` is a view: it writes nothing.

    `when` are the states of the study in which it is allowed. `access_logged` writes an act for a view too.
    `needs_reason` refuses an empty reason. `scope` "installation" is for accounts and rights.
    """

    name: str
    permission: Permission
    ask: type[A]
    answer: type[B]
    function: Callable[[Act, A], B]
    summary: str
    scope: Literal["study", "installation"] = "study"
    when: frozenset[Status] = COLLECTING
    reads: bool = False
    access_logged: bool = False
    needs_reason: bool = False


def operation(
    *,
    permission: Permission,
    scope: Literal["study", "installation"] = "study",
    when: frozenset[Status] = COLLECTING,
    needs_reason: bool = False,
) -> Callable[[Callable[[Act, A], B]], Operation[A, B]]:
    """Make a function `(act, ask) -> answer` an operation; its annotations and docstring say the rest."""

    def make(function: Callable[[Act, A], B]) -> Operation[A, B]:
        return _make(function, permission, scope, when=when, needs_reason=needs_reason)

    return make


def view(
    *,
    permission: Permission,
    scope: Literal["study", "installation"] = "study",
    access_logged: bool = False,
) -> Callable[[Callable[[Act, A], B]], Operation[A, B]]:
    """Make a function `(act, ask) -> answer` a view: allowed in every state, and it writes nothing."""

    def make(function: Callable[[Act, A], B]) -> Operation[A, B]:
        return _make(function, permission, scope, when=ALWAYS, reads=True, access_logged=access_logged)

    return make


def _make(
    function: Callable[[Act, A], B],
    permission: Permission,
    scope: Literal["study", "installation"],
    **more: Any,
) -> Operation[A, B]:
    from typing import get_type_hints

    hints = get_type_hints(function)
    answer = hints.pop("return")
    hints.pop("act")
    (ask,) = hints.values()
    return Operation(
        name=function.__name__,
        permission=permission,
        ask=ask,
        answer=answer,
        function=function,
        summary=(function.__doc__ or "").strip(),
        scope=scope,
        **more,
    )


def find_operations() -> dict[str, Operation[Any, Any]]:
    """Every operation and view, by name."""
    return find_objects(
        "exotrial.operations", Operation, name=lambda o: o.name, entry_point_group="exotrial.operations"
    )


@dataclass(frozen=True, kw_only=True)
class Caller:
    """An account that proved who it is, and how the request came."""

    account: Account
    session: Session | None = None
    token: Token | None = None
    source: str = ""


@dataclass(kw_only=True)
class _Attempt:
    """What is known of a request so far, for the trail where it is refused."""

    operation: str
    caller: Caller
    role: str = ""
    site: str = ""
    participant: str = ""
    version: int = 0
    chain: str | None = None
    reason: str = field(default="")


def perform(
    opened: Opened,
    asked: Operation[A, B],
    data: Mapping[str, Any],
    *,
    caller: Caller,
    study: str = "",
    role: str = "",
    now: datetime | None = None,
) -> B:
    """Do one operation or view for a caller. `study` is the study's id, `role` the role asked as ("" = any held).

    Refuses with OPR-002 to OPR-009 and with what the operation itself refuses; nothing is half-written.
    `now` is the server's time; only a simulation or a test gives another.
    """
    attempt = _Attempt(operation=asked.name, caller=caller, role=role if role in list(Role) else "")
    try:
        with _turn(opened, asked), transaction.atomic():
            return _perform(
                opened, asked, data, caller=caller, study=study, role=role, now=now, attempt=attempt
            )
    except (Refusal, Refusals) as refused:
        first = refused if isinstance(refused, Refusal) else refused.refusals[0]
        _keep_refused(opened, attempt, first, now=now)
        if first.code is NOT_PROVEN:
            keep_failed_proof(opened, caller.account, INSTALLATION, now=now, source=caller.source)
        raise
    except (DataError, OverflowError) as error:
        unfit = BAD_INPUT.refuse("a number, a date or a text is greater or longer than its field can hold")
        _keep_refused(opened, attempt, unfit, now=now)
        raise unfit from error
    except OperationalError as error:
        if "locked" not in str(error) and "timeout" not in str(error):
            raise
        raise BUSY.refuse("another save held the study for too long") from error


def _turn(opened: Opened, asked: Operation[A, B]) -> AbstractContextManager[None]:
    """The turn to write; a view that writes nothing needs none."""
    return nullcontext() if asked.reads and not asked.access_logged else writing_turn(opened.home)


def _perform(
    opened: Opened,
    asked: Operation[A, B],
    data: Mapping[str, Any],
    *,
    caller: Caller,
    study: str,
    role: str,
    now: datetime | None,
    attempt: _Attempt,
) -> B:
    writes = not asked.reads or asked.access_logged
    chain, the_study = _lock(asked, study, writes=writes)
    at = now or datetime.now(UTC)  # only now: who waited for the lock comes after who held it
    attempt.chain = chain.name
    attempt.version = the_study.version if the_study else 0
    actor = find_actor(
        caller.account,
        caller.token,
        asked.permission,
        to=asked.name,
        study=the_study,
        role=role,
        at=at,
        source=caller.source,
        session=caller.session.pk if caller.session else None,
    )
    attempt.role = actor.role.value
    ask = read_ask(asked, data)
    attempt.reason = ask.reason
    if the_study is not None and the_study.status not in asked.when:
        raise WRONG_TIME.refuse(
            f"{asked.name} is not possible while the study is {Status(the_study.status).label}",
            value=the_study.status,
        )
    if asked.needs_reason and not ask.reason:
        raise NO_REASON.refuse(f"{asked.name} needs a reason", place=Place(path="reason"))
    act = Act(opened=opened, actor=actor, now=at, study=the_study, reason=ask.reason)
    try:
        answer = asked.function(act, ask)
    finally:
        attempt.site, attempt.participant = act.site_code, act.participant_code
    if writes:
        row = ActRow(
            operation=asked.name,
            outcome="done",
            who=actor.username,
            role=actor.role.value,
            site=act.site_code,
            participant=act.participant_code,
            source=caller.source,
            reason=ask.reason,
            study_version=the_study.version if the_study else 0,
        )
        append_act(chain, row, act.changes, keys=opened.keys, now=at)
    return answer


def _lock(asked: Operation[A, B], study: str, *, writes: bool) -> tuple[Chain, Study | None]:
    """The chain that the act goes into, its row locked where something is written, and the study."""
    if asked.scope == "installation":
        chains = Chain.objects.select_for_update() if writes else Chain.objects.all()
        return chains.get(name=INSTALLATION), None
    found = None
    if not find_unstorable(study):
        found = find_first(("study", writes), _studies_to_write if writes else _studies, {"slug": study})
    if found is None:
        raise NO_STUDY.refuse(f"there is no study {study!r}", value=study)
    return found.chain, found


def _studies(told: Values) -> QuerySet[Study]:
    return Study.objects.select_related("chain").filter(slug=told["slug"])


def _studies_to_write(told: Values) -> QuerySet[Study]:
    return _studies(told).select_for_update()


def read_ask(asked: Operation[A, B], data: Mapping[str, Any]) -> A:
    """The operation's input from JSON-like data. Refuses with every OPR-002 that it earns, together."""
    return read_model(asked.ask, data, name=asked.name)


def read_model(model: type[M], data: Mapping[str, Any], *, name: str) -> M:
    """Any model from JSON-like data, for the operation called `name`; what was typed is never told back."""
    remedy = f"see `exotrial operations {name}` for its fields."
    unfit = find_unstorable(data)
    if unfit is not None:
        raise BAD_INPUT.refuse(
            f"{unfit}: a null character, half a character or a number beyond 64 bits",
            place=Place(path=unfit),
            remedy=remedy,
        )
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Refusals(
            [
                BAD_INPUT.refuse(
                    f"{'.'.join(str(step) for step in problem['loc']) or 'the input'}: {_words(problem['msg'])}",
                    place=Place(path=".".join(str(step) for step in problem["loc"])),
                    remedy=remedy,
                )
                for problem in error.errors(include_url=False, include_input=False)
            ]
        ) from None


def _words(message: str) -> str:
    return (message[:1].lower() + message[1:]).rstrip(".")


def _keep_refused(opened: Opened, attempt: _Attempt, refusal: Refusal, *, now: datetime | None) -> None:
    """Write a refused attempt into its trail, in a transaction of its own; what was typed stays out of it."""
    if attempt.chain is None:
        return
    with writing_turn(opened.home), transaction.atomic():
        chain = Chain.objects.select_for_update().get(name=attempt.chain)
        row = ActRow(
            operation=attempt.operation,
            outcome="refused",
            code=refusal.code.code,
            told=str(refusal.place)[:200],
            who=attempt.caller.account.username,
            role=attempt.role,
            site=attempt.site,
            participant=attempt.participant,
            source=attempt.caller.source,
            reason=attempt.reason,
            study_version=attempt.version,
        )
        append_act(chain, row, (), keys=opened.keys, now=now or datetime.now(UTC))
