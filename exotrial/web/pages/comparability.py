"""Whether the product stayed what it was: files put side by side, the verdict with its figures, and its report."""

from __future__ import annotations

import base64
import re
from typing import Any

from exotrial.core.errors import Refusal
from exotrial.operations.access import Permission
from exotrial.web.pages._figure import Drawn, draw_figure
from exotrial.web.pages._page import Download, Outcome, Shown, Visit, page
from exotrial.web.pages._steps import attempt, by_place, typed

TYPES = {
    "report.pdf": "application/pdf",
    "report.html": "text/html; charset=utf-8",
    "report.docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "results.json": "application/json",
}

_GROUP = re.compile(r"group-([0-9]{1,18})")


@page("study/<study>/product/comparability", permission=Permission.KNOW_ARMS)
def show_comparability_page(visit: Visit) -> Outcome:
    """Choose files and sides, or an attribute over storage; the answer stands below, and can be downloaded.

    What is chosen is posted and stands in no address: the code of a batch tells an arm.
    """
    product = visit.form.get("product", "") or visit.query.get("product", "")
    listed, refusals = attempt(visit, "list_comparable", product=product)
    step, wanted = visit.form.get("step", ""), visit.form.get("file", "")
    shown: dict[str, Any] = {"comparability": None, "stability": None}
    if visit.posted and listed is not None and step in shown:
        asked = _compared(visit, listed) if step == "comparability" else typed(visit, "attribute")
        if wanted:
            made, refusals = attempt(visit, f"show_{step}_report", product=product, file=wanted, **asked)
            if made is not None:
                return _download(made, step)
        else:
            shown[step], refusals = attempt(visit, f"show_{step}", product=product, **asked)
    answer = shown.get(step)
    return Shown(
        "comparability.html",
        status=_status(visit, refusals),
        listed=listed,
        product=product,
        step=step,
        sides=_sides(visit),
        typed=typed(visit, "comparison", "reference", "attribute"),
        figures=[(one.title, _draw(one)) for one in answer.figures] if answer is not None else [],
        refusals=refusals,
        wrong=by_place(refusals),
        **shown,
    )


def _compared(visit: Visit, listed: Any) -> dict[str, Any]:
    """The files that were given a group, each with its sample, else named as the file names it."""
    sides = _sides(visit)
    files = [
        {
            "code": one.code,
            "evidence": one.evidence,
            "group": sides[one.evidence][0],
            "sample": sides[one.evidence][1] or one.sample or one.name,
        }
        for one in listed.files
        if sides.get(one.evidence, ("", ""))[0]
    ]
    return {"files": files, **typed(visit, "comparison", "reference")}


def _sides(visit: Visit) -> dict[int, tuple[str, str]]:
    """Group and sample as they were typed, by the number of the file."""
    numbers = [int(found[1]) for name in visit.form if (found := _GROUP.fullmatch(name))]
    return {
        one: (visit.form.get(f"group-{one}", "").strip(), visit.form.get(f"sample-{one}", "").strip())
        for one in numbers
    }


def _status(visit: Visit, refusals: list[Refusal]) -> int:
    return 422 if visit.posted and refusals else 200


def _download(made: Any, step: str) -> Download:
    return Download(
        name=f"{step}-{made.name}", content=base64.b64decode(made.content), content_type=TYPES[made.name]
    )


def _draw(figure: Any) -> Drawn:
    return draw_figure(figure.spec, words=figure.words, heads=figure.heads, rows=figure.rows)
