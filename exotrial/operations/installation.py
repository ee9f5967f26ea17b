"""Setting up: the first administrator of a new installation, and the first version of a study."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from exotrial.core.errors import ErrorCode
from exotrial.operations._act import Act, Actor
from exotrial.operations._operation import INSTALLATION, Answer, Ask, StudyText, operation
from exotrial.operations.access import Permission, Role
from exotrial.operations.passwords import check_new_password
from exotrial.outcomes.in_study import find_measures_of
from exotrial.store.home import NOT_EMPTY, Home, Opened, make_home
from exotrial.store.models import Account, Chain, Grant, Study, StudyVersion
from exotrial.store.models.audit import Act as ActRow
from exotrial.store.trail import append_act, begin_chain
from exotrial.study.file import parse_study

STUDY_EXISTS = ErrorCode(
    "INS-001",
    "The study is in this installation already, or has the installation's own name.",
    "load the next version with `load_study_version`; a study is begun once. Rename one called `installation`.",
)


def make_installation(
    home: Home, *, username: str, name: str, password: str, now: datetime | None = None
) -> Opened:
    """Make a new installation with its first administrator, who grants every other right.

    Refuses with HOM-002 where there is one, and with PWD-001 before anything is made.
    """
    check_new_password(password, username=username)
    opened = make_home(home)
    if Chain.objects.filter(name=INSTALLATION).exists():  # the folder is new, and its database is not
        raise NOT_EMPTY.refuse("the database holds an installation already", value=home.folder)
    at = now or datetime.now(UTC)
    with transaction.atomic():
        chain = begin_chain(opened.keys, INSTALLATION)
        chain.save(force_insert=True)
        act = Act(opened=opened, actor=Actor(username=username, name=name, role=Role.ADMINISTRATOR), now=at)
        account = act.add(
            Account(
                username=username,
                name=name,
                password=make_password(password),
                password_changed_at=at,
                created_at=at,
            )
        )
        act.add(
            Grant(
                account=account,
                role=Role.ADMINISTRATOR.value,
                trained_on=at.date(),
                granted_at=at,
                granted_by=username,
            )
        )
        row = ActRow(
            operation="make_installation",
            outcome="done",
            who=username,
            role=Role.ADMINISTRATOR.value,
            source="init",
        )
        append_act(chain, row, act.changes, keys=opened.keys, now=at)
    return opened


class BeginStudy(Ask):
    """The study file, word for word."""

    source: StudyText


class BegunStudy(Answer):
    study: str
    version: int
    digest: str


@operation(permission=Permission.MANAGE_ACCOUNTS, scope="installation")
def begin_study(act: Act, ask: BeginStudy) -> BegunStudy:
    """Begin a study in this installation from its study file, which becomes version 1."""
    read = parse_study(ask.source.encode(), name="study.toml")
    find_measures_of(read)
    if is_taken(read.id):
        raise STUDY_EXISTS.refuse(f"the name {read.id!r} is taken", value=read.id)
    chain: Chain = begin_chain(act.opened.keys, read.id)
    chain.save(force_insert=True)
    digest = hashlib.sha256(ask.source.encode()).hexdigest()
    study = act.add(Study(slug=read.id, title=read.title, chain=chain, version=1, version_digest=digest))
    act.add(
        StudyVersion(
            study=study, number=1, label=read.version, digest=digest, source=ask.source, loaded_at=act.now
        )
    )
    return BegunStudy(study=read.id, version=1, digest=digest)


def is_taken(study: str) -> bool:
    """Whether a study's id is that of another study here, or of the installation's own trail."""
    return study == INSTALLATION or Study.objects.filter(slug=study).exists()


def study_ids() -> list[str]:
    """The ids of the studies of the installation that is open."""
    return list(Study.objects.order_by("slug").values_list("slug", flat=True))
