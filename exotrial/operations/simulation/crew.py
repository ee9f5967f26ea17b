"""The people who run a rehearsal and how they act: every deed goes through the gateway, as in a real trial."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from exotrial.core.errors import ErrorCode, Refusal, Refusals
from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.operations.access import MATRIX, Role
from exotrial.operations.installation import make_installation
from exotrial.store.home import Home, Opened
from exotrial.store.models import Account

NOT_REFUSED = ErrorCode(
    "SIM-003",
    "Something that must be refused was not refused, or for another reason.",
    "report it as a defect of exotrial, with the command and its seed.",
)

SOURCE = "simulation"
_TRAINED_BEFORE = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A forbidden thing that was tried on purpose, and the code with which it was refused."""

    tried: str
    role: str
    code: str
    says: str


@dataclass(kw_only=True)
class Crew:
    """An installation with somebody in every role; `now` is the moving clock, a second further with each deed.

    One password serves all accounts of the installation. `source` stands in the trail beside each deed, `called`
    before each person's role, as the name.
    """

    opened: Opened
    password: str
    now: datetime
    source: str = SOURCE
    called: str = "Synthetic"
    study: str = ""
    people: dict[tuple[Role, str], str] = field(default_factory=dict)
    """Usernames by role and site, "" for a role of the whole study."""
    done: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    _callers: dict[str, Caller] = field(default_factory=dict)
    _accounts: set[str] = field(default_factory=set)

    def do(self, name: str, role: Role, site: str = "", /, **data: Any) -> Any:
        """Do an operation or a view as a role, at a site where the role is of one, and give its answer."""
        asked = find_operations_once()[name]
        self.now += timedelta(seconds=1)
        answer = perform(
            self.opened,
            asked,
            data,
            caller=self._caller(self.username(role, site)),
            study="" if asked.scope == "installation" else self.study,
            role=role.value,
            now=self.now,
        )
        self.done[name] += 1
        return answer

    def try_forbidden(
        self, tried: str, codes: tuple[str, ...], name: str, role: Role, site: str = "", /, **data: Any
    ) -> None:
        """Try what must be refused with one of these codes. Refuses with SIM-003 where it is not."""
        try:
            self.do(name, role, site, **data)
        except Refusal as refusal:
            found = refusal
        except Refusals as several:
            found = several.refusals[0]
        else:
            raise NOT_REFUSED.refuse(f"{tried}: it was done", value=name)
        if found.code.code not in codes:
            raise NOT_REFUSED.refuse(
                f"{tried}: it was refused with {found.code.code}, not {' or '.join(codes)}", value=found
            )
        self.refused.append(Refused(tried=tried, role=role.value, code=found.code.code, says=found.problem))

    def username(self, role: Role, site: str = "") -> str:
        """Who has a role, at a site where the role is of one."""
        return self.people[role, site if MATRIX[role].by_site else ""]

    def proof(self, role: Role, site: str = "") -> dict[str, str]:
        """What a signing operation asks: username and password, typed again."""
        return {"username": self.username(role, site), "password": self.password}

    def add_person(self, role: Role, site: str = "", *, number: int = 0) -> None:
        """A role for the account that is called after it, made where there is none; its training is recorded."""
        word = role.value.replace(" ", "_")
        username = f"{word}.{number}" if number else word
        where = f" {number}" if number else ""
        if username not in self._accounts:
            self.do(
                "add_account",
                Role.ADMINISTRATOR,
                username=username,
                name=f"{self.called} {role.value}{where}",
                password=self.password,
            )
            self._accounts.add(username)
        self.do(
            "grant_role",
            Role.ADMINISTRATOR,
            username=username,
            role=role.value,
            study=self.study,
            site=site,
            trained_on=(self.now - _TRAINED_BEFORE).date().isoformat(),
        )
        self.people[role, site] = username

    def _caller(self, username: str) -> Caller:
        if username not in self._callers:
            account = Account.objects.get(username=username)
            self._callers[username] = Caller(account=account, source=self.source)
        return self._callers[username]


_OPERATIONS: dict[str, Any] = {}


def find_operations_once() -> dict[str, Any]:
    """The operations by name, looked for once in a process: a rehearsal asks thousands of times."""
    if not _OPERATIONS:
        _OPERATIONS.update(find_operations())
    return _OPERATIONS


def found(
    home: Home, *, password: str, now: datetime, source: str = SOURCE, called: str = "Synthetic"
) -> Crew:
    """A new installation with its administrator alone. Refuses with HOM-002 where there is an installation."""
    opened = make_installation(
        home, username="administrator", name=f"{called} administrator", password=password, now=now
    )
    return Crew(
        opened=opened,
        password=password,
        now=now,
        source=source,
        called=called,
        people={(Role.ADMINISTRATOR, ""): "administrator"},
    )


def take_up(
    crew: Crew,
    *,
    source: str,
    sites: tuple[tuple[str, str, str], ...],
    approval: str = "an approval made up for the rehearsal",
) -> None:
    """Begin a study in a crew's installation: its sites (code, name, time zone) active, somebody in every role.

    The crew works at that study from then on. Refuses with INS-001 and STF codes.
    """
    crew.study = crew.do("begin_study", Role.ADMINISTRATOR, source=source).study
    crew.people = {(Role.ADMINISTRATOR, ""): crew.people[Role.ADMINISTRATOR, ""]}
    for role in Role:
        if role is not Role.ADMINISTRATOR and not MATRIX[role].by_site:
            crew.add_person(role)
    for number, (code, name, zone) in enumerate(sites, start=1):
        crew.do("open_site", Role.SPONSOR, code=code, name=name, zone=zone)
        for role in Role:
            if MATRIX[role].by_site:
                crew.add_person(role, code, number=number if len(sites) > 1 else 0)
        crew.do(
            "activate_site",
            Role.INVESTIGATOR,
            code,
            site=code,
            version=1,
            approved_on=_day_before(crew.now).isoformat(),
            reference=approval,
        )


def _day_before(now: datetime) -> date:
    return now.date() - timedelta(days=1)
