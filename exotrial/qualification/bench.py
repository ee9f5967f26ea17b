"""The bench: an open installation with a trial in it, and short ways to act in it as each role.

The scratch study is made up and lies beside this file; its clock is the bench's own and moves with each act.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations._operation import Caller, Operation, find_operations, perform
from exotrial.operations.access import MATRIX, Role
from exotrial.operations.installation import make_installation
from exotrial.store.home import Home, Opened
from exotrial.store.models import Account
from exotrial.store.models.audit import Act, Change

START = datetime(2024, 1, 15, 8, 0, tzinfo=UTC)
PASSWORD = "quiet river under seven bridges"
SITE = "hospital"
VISIT: dict[str, Any] = {"IG.VISIT": {"SV.DATE": "2024-01-15"}, "IG.CRP": {"crp": "12"}}
FORM: dict[str, Any] = {"form": "F.VISIT.BASELINE", "encounter": "baseline"}
CRP = "IG.CRP/crp"


@lru_cache(maxsize=1)
def installed_operations() -> dict[str, Operation[Any, Any]]:
    """Every operation and view, looked up once."""
    return find_operations()


def read_study_file() -> str:
    """The text of the made-up study."""
    return files("exotrial.qualification").joinpath("study.toml").read_text(encoding="utf-8")


@dataclass
class Bench:
    """An open installation. For operation checks it is a scratch one with a study, people and an active site.

    `scratch` says that it is; `now` moves by a minute with each act.
    """

    opened: Opened
    scratch: bool = True
    study: str = ""
    now: datetime = START
    people: dict[Role, str] = field(default_factory=dict)

    def do(self, name: str, role: Role = Role.COORDINATOR, /, *, by: str = "", **data: Any) -> Any:
        """Do an operation or a view as a role (as the person `by`, if given) and give its answer."""
        return self.do_as(self.caller(by or self.people[role]), name, role, **data)

    def do_as(self, caller: Caller, name: str, role: Role, /, **data: Any) -> Any:
        """Do it for a caller, such as one with a session or a token."""
        self.now += timedelta(minutes=1)
        asked = installed_operations()[name]
        return perform(
            self.opened,
            asked,
            data,
            caller=caller,
            study="" if asked.scope == "installation" else self.study,
            role=role.value,
            now=self.now,
        )

    def refusal(self, name: str, role: Role = Role.COORDINATOR, /, *, by: str = "", **data: Any) -> str:
        """The code with which it is refused, "" where it is done."""
        return self.refusal_as(self.caller(by or self.people[role]), name, role, **data)

    def refusal_as(self, caller: Caller, name: str, role: Role, /, **data: Any) -> str:
        """The code with which a caller is refused, "" where it is done."""
        try:
            self.do_as(caller, name, role, **data)
        except Refusal as refused:
            return refused.code.code
        except Refusals as several:
            return several.refusals[0].code.code
        return ""

    def caller(self, username: str) -> Caller:
        return Caller(account=Account.objects.get(username=username), source="validate")

    def add_person(self, username: str, role: Role, site: str = "", *, trained: str = "2024-01-02") -> str:
        """A person with a role, at a site where the role is of a site; not trained where `trained` is empty."""
        self.do(
            "add_account", Role.ADMINISTRATOR, username=username, name=username.title(), password=PASSWORD
        )
        self.do(
            "grant_role",
            Role.ADMINISTRATOR,
            username=username,
            role=role.value,
            study=self.study,
            site=site if MATRIX[role].by_site else "",
            **({"trained_on": trained} if trained else {}),
        )
        return username

    # -- a participant's way ------------------------------------------------------------------------------

    def screen(self, *, age: int = 45, **more: Any) -> str:
        """Screen a person; gives the code."""
        return str(self.do("screen", site=SITE, answers={"age": age}, **more).participant)

    def consent(self, code: str) -> None:
        """Record a consent signed just now."""
        self.do(
            "record_consent", participant=code, version="1.0", language="en", signed_at=self.now.isoformat()
        )

    def enrol(self, *, level: str = "tube", **more: Any) -> str:
        """Screen, record consent and enrol; gives the code."""
        code = self.screen(**more)
        self.consent(code)
        self.do("enrol", participant=code, stratum_level=level)
        return code

    def seal_list(self) -> Any:
        """A sealed randomisation list for the first stage; gives the answer of `seal_list`."""
        statistician = Role.UNBLINDED_STATISTICIAN
        frozen = self.do("freeze_list", statistician, stage="first", parameters={"completion": "fit"})
        self.do(
            "contribute_randomness",
            Role.MONITOR,
            number=frozen.number,
            randomness="dice of an ethics office made up for the qualification: 4 1 6 6 2 3 5 1",
            who="an ethics office made up",
        )
        return self.do("seal_list", statistician, number=frozen.number)

    def randomise(self, *, level: str = "tube", **more: Any) -> str:
        """A participant who is randomised from the sealed list; gives the code."""
        code = self.enrol(level=level, **more)
        self.do("randomise", participant=code)
        return code

    def save(self, code: str, crp: str = "12", *, revision: int = 0, **more: Any) -> Any:
        """Save the visit's form, complete, with a value of C-reactive protein."""
        values = {"IG.VISIT": VISIT["IG.VISIT"], "IG.CRP": {"crp": crp}}
        return self.do(
            "save_form", participant=code, values=values, complete=True, revision=revision, **FORM, **more
        )

    def sign(self, code: str, revision: int = 1) -> Any:
        """The investigator signs the visit's form."""
        return self.do(
            "sign_form",
            Role.INVESTIGATOR,
            participant=code,
            revision=revision,
            meaning="approval",
            **self.proof(Role.INVESTIGATOR),
            **FORM,
        )

    def lock(self) -> None:
        """Lock the study."""
        self.do("lock_study", Role.SPONSOR, reason="all data are in")

    def proof(self, role: Role) -> dict[str, str]:
        """The username and password of a role's person, typed again."""
        return {"username": self.people[role], "password": PASSWORD}

    # -- looking at the trail -----------------------------------------------------------------------------

    def last_act(self, operation: str) -> Act:
        """The newest act of an operation. Raises Act.DoesNotExist where there is none."""
        return Act.objects.filter(operation=operation).latest("pk")

    def changes_of(self, act: Act) -> list[Change]:
        """What an act wrote, in order."""
        return list(Change.objects.filter(act=act).order_by("position"))


def make_trial(home: Home) -> Bench:
    """A new installation with the made-up study, one active site and a trained person in every role."""
    opened = make_installation(
        home, username="administrator", name="Administrator", password=PASSWORD, now=START
    )
    bench = Bench(opened=opened, people={Role.ADMINISTRATOR: "administrator"})
    bench.study = bench.do("begin_study", Role.ADMINISTRATOR, source=read_study_file()).study
    bench.people[Role.SPONSOR] = bench.add_person("sponsor", Role.SPONSOR)
    bench.do("open_site", Role.SPONSOR, code=SITE, name="A hospital made up", zone="Asia/Tehran")
    for role in Role:
        if role not in bench.people:
            bench.people[role] = bench.add_person(role.value.replace(" ", "_"), role, SITE)
    bench.do(
        "activate_site",
        Role.INVESTIGATOR,
        site=SITE,
        version=1,
        approved_on="2024-01-10",
        reference="an approval made up",
    )
    return bench
