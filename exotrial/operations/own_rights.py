"""One's own rights: the studies one has a role in, at which sites, and whether the role can be used yet."""

from __future__ import annotations

from django.db.models import Q

from exotrial.operations._act import Act, read_version
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations._rights import is_trained
from exotrial.operations.access import MATRIX, Permission, Role
from exotrial.store.models import Account, Grant, Study


class ListOwnRights(Ask):
    """Nothing to say."""


class OwnRole(Answer):
    """A role held now. `sites` are codes, empty for the whole study; `trained` is whether it can be used."""

    role: str
    sites: tuple[str, ...]
    trained: bool
    blind: bool
    may: tuple[str, ...]


class OwnStudy(Answer):
    """A study one has a role in. `synthetic`: its participants are made up. `data_note`: what to know of its data."""

    study: str
    title: str
    short_title: str
    status: str
    synthetic: bool
    data_note: str
    roles: tuple[OwnRole, ...]


class OwnRights(Answer):
    """`installation` are the roles held over the whole installation."""

    username: str
    name: str
    second_factor: bool
    installation: tuple[OwnRole, ...]
    studies: tuple[OwnStudy, ...]


@view(permission=Permission.OWN_ACCOUNT, scope="installation")
def list_own_rights(act: Act, ask: ListOwnRights) -> OwnRights:
    """What one may see and do oneself: every study with one's roles in it."""
    account = Account.objects.get(username=act.actor.username)
    grants = list(
        Grant.objects.select_related("site", "study")
        .filter(Q(revoked_at=None) | Q(revoked_at__gt=act.now), account=account, granted_at__lte=act.now)
        .order_by("pk")
    )
    everywhere = [grant for grant in grants if grant.study_id is None]
    studies = Study.objects.order_by("slug")
    if not everywhere:
        studies = studies.filter(pk__in={grant.study_id for grant in grants})
    return OwnRights(
        username=account.username,
        name=account.name,
        second_factor=account.totp_confirmed_at is not None,
        installation=_roles(act, everywhere),
        studies=tuple(
            _shown(act, study, [*everywhere, *(grant for grant in grants if grant.study_id == study.pk)])
            for study in studies
        ),
    )


def _shown(act: Act, study: Study, grants: list[Grant]) -> OwnStudy:
    read = read_version(study.pk, study.version, study.version_digest)
    return OwnStudy(
        study=study.slug,
        title=study.title,
        short_title=read.acronym or study.slug,
        status=study.status,
        synthetic=read.synthetic,
        data_note=read.data_note or "",
        roles=_roles(act, grants),
    )


def _roles(act: Act, grants: list[Grant]) -> tuple[OwnRole, ...]:
    held: dict[str, list[Grant]] = {}
    for grant in grants:
        held.setdefault(grant.role, []).append(grant)
    return tuple(
        OwnRole(
            role=role,
            sites=()
            if any(grant.site is None for grant in rows)
            else tuple(sorted(grant.site.code for grant in rows if grant.site is not None)),
            trained=any(is_trained(grant, act.now) for grant in rows),
            blind=MATRIX[Role(role)].blind,
            may=tuple(sorted(permission.value for permission in MATRIX[Role(role)].may)),
        )
        for role, rows in held.items()
    )
