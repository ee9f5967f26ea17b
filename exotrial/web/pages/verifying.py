"""The public verification: anybody brings what was published, and sees each check with its words. Nothing is kept."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile

from exotrial.allocation.certificate import Certificate, read_certificate
from exotrial.allocation.export import read_export, read_leaf
from exotrial.allocation.verify import Verification, verify_export, verify_leaf
from exotrial.core.errors import ErrorCode, Place, Refusal, Refusals
from exotrial.web.pages._page import Outcome, Shown, Visit, page
from exotrial.web.pages._uploads import read_text_file

NOTHING_TO_CHECK = ErrorCode(
    "VFY-001",
    "There is nothing to check.",
    "bring the export that was published after the lock, or one opened envelope with the published certificate.",
)

MOST_SHOWN = 20
"""Problems of one check that are shown."""


@page("verify", public=True)
def verify_published(visit: Visit) -> Outcome:
    """Check an export against its certificate, or one opened envelope, and name every difference."""
    refusals: list[Refusal] = []
    found: Verification | None = None
    if visit.posted:
        try:
            found = _verify(visit)
        except Refusal as refused:
            refusals = [refused]
        except Refusals as several:
            refusals = list(several.refusals)
    return Shown(
        "verify.html",
        status=422 if refusals else 200,
        found=found,
        names=[one.name for one in visit.request.FILES.values() if isinstance(one, UploadedFile)],
        most=MOST_SHOWN,
        refusals=refusals[:MOST_SHOWN],
    )


def _verify(visit: Visit) -> Verification:
    certificate = _certificate(visit) if _brought(visit, "certificate") else None
    if _brought(visit, "export"):
        export = read_export(read_text_file(visit.request, "export").encode(), name="the export")
        return verify_export(export, certificate=certificate)
    if _brought(visit, "leaf"):
        if certificate is None:
            raise NOTHING_TO_CHECK.refuse(
                "an opened envelope is checked against the certificate, and none was brought",
                place=Place(path="certificate"),
            )
        leaf = read_leaf(read_text_file(visit.request, "leaf").encode(), name="the opened envelope")
        return verify_leaf(leaf, certificate=certificate)
    raise NOTHING_TO_CHECK.refuse("neither an export nor an opened envelope was brought")


def _certificate(visit: Visit) -> Certificate:
    return read_certificate(read_text_file(visit.request, "certificate").encode(), name="the certificate")


def _brought(visit: Visit, name: str) -> bool:
    return name in visit.request.FILES
