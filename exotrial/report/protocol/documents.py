"""The kinds of protocol document that are installed: one object in one file, found by the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exotrial.core.catalogue import find_objects
from exotrial.core.errors import ErrorCode
from exotrial.registries.registry import Export
from exotrial.study.definition import Study

NO_DOCUMENT = ErrorCode(
    "SPT-001",
    "No installed protocol document has this name.",
    "`exotrial registries` lists what a study can be written as.",
)
_PACKAGE = "exotrial.report.protocol"


@dataclass(frozen=True, kw_only=True)
class ProtocolDocument:
    """A document of the plan in one format. `suffix` is the file's ending, with the dot.

    `write` gives the bytes, the same for the same study, and a loss for what the document leaves out on purpose.
    """

    name: str
    title: str
    suffix: str
    citation: str
    write: Callable[[Study], Export]


def find_documents() -> dict[str, ProtocolDocument]:
    """Every installed protocol document, by name."""
    return find_objects(
        _PACKAGE,
        ProtocolDocument,
        name=lambda found: found.name,
        entry_point_group="exotrial.protocol_documents",
    )


def get_document(name: str) -> ProtocolDocument:
    """The document of a name (SPT-001)."""
    documents = find_documents()
    if name not in documents:
        raise NO_DOCUMENT.refuse(
            f"no protocol document is called {name!r}",
            value=name,
            remedy=f"the documents are {', '.join(documents)}.",
        )
    return documents[name]
