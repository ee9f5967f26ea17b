"""One batch: its files as they are sent and reviewed, the verdict on them, its release and certificate of analysis."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from exotrial.core.errors import Refusal, Refusals
from exotrial.operations.access import Permission
from exotrial.product.analysis_certificate import (
    AnalysisCertificate,
    read_certificate,
    write_certificate_text,
)
from exotrial.web.pages._page import Download, Outcome, Redirect, Shown, Visit, page
from exotrial.web.pages._pictures import draw_pictures
from exotrial.web.pages._refs import read_ref
from exotrial.web.pages._steps import NO_STEP, attempt, by_place, typed
from exotrial.web.pages._uploads import read_file

_SAID = {
    "send": "The file is kept. A second person reviews it.",
    "review": "The review is signed.",
    "answer": "The deviation is signed.",
    "release": "The batch is released.",
}
_LARGEST = 5_000_000


@page("study/<study>/product/batch/<slug:batch>", permission=Permission.KNOW_ARMS)
def show_batch(visit: Visit) -> Outcome:
    """The files of a batch, what each says, and the verdict; the steps that wait, for who handles the product."""
    code = _code(visit)
    refusals: list[Refusal] = []
    step = visit.form.get("step", "")
    if visit.posted:
        try:
            if step not in _STEPS:
                raise NO_STEP.refuse(f"there is no step {step!r}", value=step)
            _STEPS[step](visit, code)
            return Redirect(to=visit.request.path, said=_SAID[step])
        except Refusal as refused:
            refusals = [refused]
        except Refusals as several:
            refusals = list(several.refusals)
    product = visit.form.get("product", "")
    verdict, open_ends = attempt(visit, "show_release_verdict", code=code, product=product)
    listed = visit.ask("show_evidence", code=code)
    return Shown(
        "batch.html",
        status=422 if refusals else 200,
        listed=listed,
        pictures=draw_pictures(visit, code, listed.files),
        verdict=verdict,
        open_ends=open_ends,
        handles=visit.may(Permission.HANDLE_PRODUCT),
        step=step,
        number=visit.form.get("evidence", ""),
        typed=typed(visit, "product", "reason", "measured_on", "username"),
        refusals=refusals,
        wrong=by_place(refusals),
    )


@page("study/<study>/product/batch/<slug:batch>/file/<int:number>", permission=Permission.KNOW_ARMS)
def batch_file(visit: Visit) -> Download:
    """A file of a batch, byte for byte."""
    told = visit.ask("show_evidence_file", code=_code(visit), evidence=int(visit.given["number"]))
    return Download(name=told.name, content=base64.b64decode(told.content))


@page("study/<study>/product/batch/<slug:batch>/certificate", permission=Permission.KNOW_ARMS)
def analysis_certificate(visit: Visit) -> Download:
    """The certificate of analysis as a PDF."""
    from exotrial.report.certificate_of_analysis import render_certificate  # here: it needs the typesetter

    certificate = _certificate(visit)
    return Download(
        name=f"certificate-of-analysis-{certificate.verdict_sha256[:12]}.pdf",
        content=render_certificate(certificate),
        content_type="application/pdf",
    )


@page("study/<study>/product/batch/<slug:batch>/certificate-file", permission=Permission.KNOW_ARMS)
def analysis_certificate_file(visit: Visit) -> Download:
    """The certificate of analysis as the JSON file that `exotrial release check` takes."""
    certificate = _certificate(visit)
    return Download(
        name=f"certificate-of-analysis-{certificate.verdict_sha256[:12]}.json",
        content=write_certificate_text(certificate).encode(),
        content_type="application/json",
    )


def _code(visit: Visit) -> str:
    """The batch's code, which stands in no address: it tells an arm. Refuses with PAG-001."""
    return read_ref(visit.opened.keys, visit.study, visit.given["batch"])


def _certificate(visit: Visit) -> AnalysisCertificate:
    told: dict[str, Any] = visit.ask("show_analysis_certificate", code=_code(visit)).certificate
    return read_certificate(told, name="certificate")


def _send(visit: Visit, code: str) -> None:
    name, content = read_file(visit.request, "file", largest=_LARGEST)
    told = {"measured_on": visit.form.get("measured_on", "").strip() or None}
    visit.ask("attach_evidence", code=code, name=name, content=base64.b64encode(content).decode(), **told)


def _review(visit: Visit, code: str) -> None:
    told = typed(visit, "evidence", "decision", "reason", "username")
    visit.ask("review_evidence", code=code, password=visit.form.get("password", ""), **told)


def _answer(visit: Visit, code: str) -> None:
    told = typed(visit, "evidence", "warning", "reason", "username")
    visit.ask("answer_warning", code=code, password=visit.form.get("password", ""), **told)


def _release(visit: Visit, code: str) -> None:
    told = typed(visit, "product", "reason", "username")
    visit.ask("release_batch", code=code, password=visit.form.get("password") or None, **told)


_STEPS: dict[str, Callable[[Visit, str], None]] = {
    "send": _send,
    "review": _review,
    "answer": _answer,
    "release": _release,
}
