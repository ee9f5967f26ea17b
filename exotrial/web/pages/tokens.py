"""My API tokens: programs that ask in my name, each for one study, one role and a few operations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from exotrial.operations.access import Role, may
from exotrial.operations.own_rights import OwnRole, OwnStudy
from exotrial.web.pages._attempt import Refused, attempt, beside, in_words, needs_username, proof
from exotrial.web.pages._page import Outcome, Redirect, Shown, Visit, all_operations, page
from exotrial.web.pages._refs import NO_PAGE

DEFAULT_DAYS = 90
"""How long a token holds where no other day is chosen."""


@page("account/tokens")
def own_tokens(visit: Visit) -> Outcome:
    """My tokens, and taking one back."""
    _, refusals = in_words(visit), Refused()
    if visit.posted:
        _answer, refusals = attempt(visit, "revoke_token", token=visit.form.get("token", ""))
        if not refusals:
            return Redirect(to="/account/tokens", said=_("The token is taken back and opens nothing now."))
    listed = visit.ask("list_tokens").tokens
    now = datetime.now(UTC)
    held = [one for one in listed if one.revoked_at is None and one.expires_at > now]
    return Shown(
        "account/tokens.html",
        status=422 if refusals else 200,
        held=held,
        past=[one for one in listed if one not in held],
        rights=[(study, role) for study in _studies(visit) for role in study.roles],
        refusals=refusals,
    )


@page("account/tokens/make")
def make_own_token(visit: Visit) -> Outcome:
    """Make a token in one of my roles; its key is shown once, here."""
    told = visit.form if visit.posted else visit.query
    study, role = _chosen(visit, told.get("right", ""))
    made, refusals = None, Refused()
    until = (
        visit.form.get("until", "") or (datetime.now(UTC) + timedelta(days=DEFAULT_DAYS)).date().isoformat()
    )
    chosen = visit.form.getlist("operations")
    if visit.posted:
        made, refusals = attempt(
            visit,
            "make_token",
            name=visit.form.get("name", ""),
            study=study.study,
            role=role.role,
            site=visit.form.get("site", ""),
            operations=chosen,
            expires_at=f"{until}T23:59:00Z",
            **proof(visit),
        )
    if made:
        return Shown("account/token_made.html", key=made.key, name=visit.form.get("name", ""))
    by_field, elsewhere = beside(refusals, "name", "site", "operations", "expires_at", "password")
    offered = [
        one
        for one in all_operations().values()
        if one.scope == "study" and may(Role(role.role), one.permission)
    ]
    return Shown(
        "account/make_token.html",
        status=422 if refusals else 200,
        study=study,
        role=role,
        views=[one for one in offered if one.reads],
        writes=[one for one in offered if not one.reads],
        typed=visit.form,
        chosen=chosen,
        until=until,
        by_field=by_field,
        elsewhere=elsewhere,
        needs_username=needs_username(visit),
    )


def _studies(visit: Visit) -> tuple[OwnStudy, ...]:
    """The studies that a token can be for: those in which I hold a role of the study's own."""
    everywhere = {role.role for role in visit.rights.installation} if visit.rights else set()
    studies = visit.rights.studies if visit.rights else ()
    kept = (
        study.model_copy(update={"roles": tuple(one for one in study.roles if one.role not in everywhere)})
        for study in studies
    )
    return tuple(study for study in kept if study.roles)


def _chosen(visit: Visit, right: str) -> tuple[OwnStudy, OwnRole]:
    """The study and role of "study/role". Refuses with PAG-001 what I do not hold."""
    for study in _studies(visit):
        for role in study.roles:
            if right == f"{study.study}/{role.role}":
                return study, role
    raise NO_PAGE.refuse("there is no such role of this person")
