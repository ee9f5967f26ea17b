"""The study is archived after its end, and opened again with a reason (ICH E6(R3) 4.2.7; EMA 6.12)."""

from __future__ import annotations

from exotrial.core.errors import ErrorCode
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, operation
from exotrial.operations.access import Permission
from exotrial.store.models import Study

WHOLE_STUDY = ErrorCode(
    "ARC-006",
    "Archiving is for a role that holds in the whole study.",
    "ask the sponsor, the auditor or a statistician.",
)

ENDED = frozenset({Study.Status.LOCKED, Study.Status.UNBLINDED})
ARCHIVED = frozenset({Study.Status.ARCHIVED})


class ArchiveStudy(Ask):
    """Where the folder is kept, or its digest, in `reason`."""


class ArchivedStudy(Answer):
    study: str
    status: str


@operation(permission=Permission.EXPORT, when=ENDED, needs_reason=True)
def archive_study(act: Act, ask: ArchiveStudy) -> ArchivedStudy:
    """Mark the ended study as archived; the folder itself is made by `exotrial archive`."""
    _check_reach(act)
    return _set(act, Study.Status.ARCHIVED)


@operation(permission=Permission.LOCK, when=ARCHIVED, needs_reason=True)
def reopen_archive(act: Act, ask: ArchiveStudy) -> ArchivedStudy:
    """Take a study out of the archive, locked or unblinded as it was."""
    _check_reach(act)
    study = act.the_study
    return _set(act, Study.Status.LOCKED if study.unblinded_at is None else Study.Status.UNBLINDED)


def _check_reach(act: Act) -> None:
    if act.actor.sites is not None:
        raise WHOLE_STUDY.refuse(f"the right of {act.actor.username} is of named sites")


def _set(act: Act, status: Study.Status) -> ArchivedStudy:
    act.change(act.the_study, status=status)
    return ArchivedStudy(study=act.the_study.slug, status=status.value)
