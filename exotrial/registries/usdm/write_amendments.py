"""The versions of a study file as amendments of USDM: what each version changed, in protocol words (ICH M11 12.3)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from exotrial.registries.usdm.maker import Maker
from exotrial.registries.usdm.terms import code_word
from exotrial.study.amendments import Change, compare_versions
from exotrial.study.definition import Study

_DOCUMENT = "StudyDefinitionDocument_study-file"


def write_amendments(versions: Sequence[Study], make: Maker) -> list[dict[str, Any]]:
    """An amendment for each version of the study after the first that differs from the one before.

    `versions` from the oldest to the newest. Why something was changed, a study file does not say. Refuses with
    AMD-001 where two are of different studies.
    """
    written: list[dict[str, Any]] = []
    for old, new in pairwise(versions):
        changes = compare_versions(old, new)
        if not changes:
            continue
        number = str(len(written) + 1)
        previous = {"previousId": written[-1]["id"]} if written else {}
        written.append(
            make(
                "StudyAmendment",
                name=f"amendment_{number}",
                number=number,
                summary=f"Version {old.version} to version {new.version}: {_count(len(changes))}",
                primaryReason=make(
                    "StudyAmendmentReason", code=make.code(code_word("amendment reason", "not stated"))
                ),
                changes=[_write_change(change, make) for change in changes],
                geographicScopes=[make("GeographicScope", type=make.code(code_word("scope", "not stated")))],
                **previous,
            )
        )
    return written


def _count(number: int) -> str:
    return "1 change" if number == 1 else f"{number} changes"


def _write_change(change: Change, make: Maker) -> dict[str, Any]:
    section = make(
        "DocumentContentReference",
        sectionNumber="",
        sectionTitle=change.path or change.part,
        appliesToId=_DOCUMENT,
    )
    return make(
        "StudyChange",
        name=f"{change.kind} {change.path or change.part}",
        summary=f"{change.says} Before: {change.old}. Now: {change.new}.",
        rationale="",
        changedSections=[section],
    )


def write_document(versions: Sequence[Study], make: Maker) -> dict[str, Any]:
    """The study file as the document whose sections the amendments change."""
    return make(
        "StudyDefinitionDocument",
        "study-file",
        name="study file",
        language=make.code(code_word("language", "not stated")),
        type=make.code(code_word("document", "study file")),
        templateName="exotrial study file",
        versions=[
            make(
                "StudyDefinitionDocumentVersion",
                version=study.version,
                status=make.code(code_word("document status", "not stated")),
            )
            for study in versions
        ],
    )
