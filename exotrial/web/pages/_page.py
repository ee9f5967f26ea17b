"""What a page is: a path, and a function that asks operations and says which template shows the answer.

    @page("study/<study>/participants", permission=Permission.READ_DATA, menu=Menu("Participants", 20))
    def participants(visit: Visit) -> Shown:
        return Shown("participants.html", listed=visit.ask("list_participants", limit=50))

A page is one module in this package and is found by itself. It decides nothing: what may be seen or done is the
gateway's answer, and a refusal that the page does not catch is shown as one, in words, with the way out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, QueryDict

from exotrial.core.catalogue import find_objects
from exotrial.operations._operation import Caller, find_operations, perform
from exotrial.operations.access import Permission
from exotrial.operations.own_rights import OwnRights, OwnStudy
from exotrial.store.home import Opened
from exotrial.web.pages import _refs
from exotrial.web.rates import count_deed

all_operations = lru_cache(maxsize=1)(find_operations)


@dataclass(frozen=True)
class Shown:
    """A page to show: its template, and what the template is told. An empty cookie is taken away."""

    template: str
    told: Mapping[str, Any]
    status: int
    cookies: Mapping[str, str]

    def __init__(
        self, template: str, /, *, status: int = 200, cookies: Mapping[str, str] | None = None, **told: Any
    ) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "told", told)
        object.__setattr__(self, "status", status)
        object.__setattr__(self, "cookies", cookies or {})


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """Go elsewhere (303): after every save, so that going back or loading again saves nothing twice.

    `said` is one sentence shown once on the page that comes, such as "Saved."; it names no participant.
    """

    to: str
    said: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Download:
    """A file, given as an attachment and never shown in the page's place."""

    name: str
    content: bytes
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class Told:
    """JSON for a script of a page."""

    answer: Mapping[str, Any]
    status: int = 200


Outcome = Shown | Redirect | Download | Told


@dataclass(frozen=True)
class Menu:
    """Where the page stands in the study's menu: its label (translated when shown) and its order."""

    label: str
    order: int


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page. `permission` only decides whether the menu offers it; `public` is reached without signing in."""

    name: str
    path: str
    function: Callable[[Visit], Outcome]
    permission: Permission | None
    menu: Menu | None
    public: bool


def page(
    path: str, *, permission: Permission | None = None, menu: Menu | None = None, public: bool = False
) -> Callable[[Callable[[Visit], Outcome]], Page]:
    """Make a function `visit -> outcome` the page at a path (Django's path syntax, without the first slash)."""

    def make(function: Callable[[Visit], Outcome]) -> Page:
        return Page(
            name=function.__name__,
            path=path,
            function=function,
            permission=permission,
            menu=menu,
            public=public,
        )

    return make


@lru_cache(maxsize=1)
def find_pages() -> dict[str, Page]:
    """Every page, by name."""
    return find_objects("exotrial.web.pages", Page, name=lambda one: one.name)


@dataclass(kw_only=True)
class Visit:
    """One request for a page: who asks, in which study and role, and short ways to ask operations.

    `given` are the parts of the path. `caller` is None on a public page for who is not signed in.
    """

    request: HttpRequest
    opened: Opened
    given: Mapping[str, str]
    caller: Caller | None
    rights: OwnRights | None
    language: str
    theme: str = "system"
    wished_role: str = ""

    @property
    def posted(self) -> bool:
        return self.request.method == "POST"

    @property
    def form(self) -> QueryDict:
        """What was posted."""
        return self.request.POST

    @property
    def query(self) -> QueryDict:
        """What stands behind the question mark."""
        return self.request.GET

    @property
    def wants_json(self) -> bool:
        """Whether a script of ours asks, and not a person's browser."""
        return self.request.headers.get("X-Requested-With") == "exotrial"

    @property
    def study(self) -> str:
        return self.given.get("study", "")

    @property
    def own(self) -> OwnStudy | None:
        """The study of the path with one's roles in it; None where there is none for this person."""
        studies = self.rights.studies if self.rights else ()
        return next((one for one in studies if one.study == self.study), None)

    @property
    def role(self) -> str:
        """The role that requests are made as: the one chosen, "" (any that may) where none is or it is not held."""
        held = self.own.roles if self.own else self.rights.installation if self.rights else ()
        return self.wished_role if any(one.role == self.wished_role for one in held) else ""

    def may(self, permission: Permission) -> bool:
        """Whether a link to it is worth showing. The gateway decides when it is followed."""
        held = self.own.roles if self.own else self.rights.installation if self.rights else ()
        counted = [one for one in held if not self.role or one.role == self.role]
        return any(permission.value in one.may for one in counted)

    def ask(self, name: str, /, **data: Any) -> Any:
        """Do an operation or a view in the study of the path and give its answer (Refusal, Refusals)."""
        if self.caller is None:
            raise LookupError("nobody is signed in")
        asked = all_operations()[name]
        count_deed(name, self.caller.account.username)
        of_study = asked.scope == "study"
        return perform(
            self.opened,
            asked,
            data,
            caller=self.caller,
            study=self.study if of_study else "",
            role=self.role if of_study else "",
        )

    def participant(self) -> str:
        """The participant's code behind the reference in the path. Refuses with PAG-001."""
        return _refs.read_ref(self.opened.keys, self.study, self.given["participant"])

    def ref(self, code: str) -> str:
        """What stands for a participant's code in a path."""
        return _refs.make_ref(self.opened.keys, self.study, code)
