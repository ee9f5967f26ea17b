"""What may be exported of a study, and the making of it: a report, its tables, the published allocation.

Making one asks the views that a person asks (`extract_data`, `export_allocation`), with the person's own rights at
that moment: what they refuse is refused here, and what they show is in the trail.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from exotrial.core.errors import ErrorCode
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, Caller, find_operations, perform, view
from exotrial.operations.access import Permission
from exotrial.operations.extract import ExtractedData, write_extracted
from exotrial.store.home import Opened
from exotrial.store.models import AllocationList

NO_EXPORT = ErrorCode("XPO-001", "There is no such export.", "choose one that `list_exports` names.")

REPORT, TABLES, ALLOCATION = "report", "tables", "allocation"

FIGURES = "figures.json"
"""The file that holds a report's figures for its page: title, what is to be seen in words, the specification."""

Told = Callable[[int, int, str], None]
"""Hears the step, of how many, and what is being done."""


class ListExports(Ask):
    """Nothing to say."""


class OfferedExport(Answer):
    """One thing that can be made: its name, what it is, and what is in it."""

    what: str
    title: str
    holds: str


class OfferedExports(Answer):
    """`arms_shown`: whether arms are in them."""

    arms_shown: bool
    exports: tuple[OfferedExport, ...]


@view(permission=Permission.EXPORT)
def list_exports(act: Act, ask: ListExports) -> OfferedExports:
    """What can be exported of the study now; arms are in it only once everybody may know them."""
    study = act.the_study
    shown = arms.is_open_label(act) or study.unblinded_at is not None
    offered = [
        OfferedExport(
            what=REPORT,
            title="Report",
            holds="HTML, PDF and DOCX, every table as CSV, every number with its method",
        ),
        OfferedExport(
            what=TABLES, title="Data tables", holds="study.toml and data/*.csv, as a report reads them"
        ),
    ]
    if study.unblinded_at is not None:
        published = AllocationList.objects.filter(study=study, status=AllocationList.Status.PUBLISHED)
        offered += [
            OfferedExport(
                what=f"{ALLOCATION}-{number}",
                title=f"Allocation of list {number}",
                holds="all that anyone needs to check the randomisation, and the certificate",
            )
            for number in published.order_by("number").values_list("number", flat=True)
        ]
    return OfferedExports(arms_shown=shown, exports=tuple(offered))


def make_export(
    opened: Opened, what: str, *, caller: Caller, study: str, role: str, folder: Path, told: Told
) -> dict[str, bytes]:
    """Make one export for a caller: its files by name. `folder` is new, and is left with the data in it.

    Refuses with XPO-001 and as the views do that it asks."""

    def ask(name: str, **data: Any) -> Any:
        return perform(opened, find_operations()[name], data, caller=caller, study=study, role=role)

    offered: OfferedExports = ask("list_exports")
    if what not in {one.what for one in offered.exports}:
        raise NO_EXPORT.refuse(f"{what!r} is none", value=what)
    if what.startswith(f"{ALLOCATION}-"):
        told(1, 2, "reading the list")
        number = int(what.rpartition("-")[2])
        found = {
            f"allocation-{number}.json": ask("export_allocation", number=number).export,
            f"certificate-{number}.json": ask("show_certificate", number=number).certificate,
        }
        return {name: _json(content) for name, content in found.items()}
    steps = 6 if what == REPORT else 2
    told(1, steps, "reading the data")
    data: ExtractedData = ask("extract_data")
    told(2, steps, "writing the tables")
    written = write_extracted(folder, data)
    if what == TABLES:
        tables = {str(path.relative_to(folder)): path.read_bytes() for path in written}
        return {f"{study}-data.zip": _zip(tables, study)}
    made, figures = _report(folder, steps=steps, told=told)
    told(6, steps, "packing")
    kept = {name: made[name] for name in ("report.html", "report.pdf", "report.docx")}
    return {f"{study}-{name}": content for name, content in kept.items()} | {
        f"{study}-report.zip": _zip(made, f"{study}-report"),
        FIGURES: _json({"figures": figures}),
        **{name.replace("/", "-"): content for name, content in made.items() if name.startswith("figures/")},
    }


def _report(folder: Path, *, steps: int, told: Told) -> tuple[dict[str, bytes], list[dict[str, Any]]]:
    """The files of the report, and its figures as a page shows them."""
    from exotrial.report.build import build_report, read_report_input
    from exotrial.report.document import Figure
    from exotrial.report.render.figures import in_our_look
    from exotrial.report.write import render_report

    told(3, steps, "checking the data")
    given = read_report_input(folder)
    told(4, steps, "computing")
    report = build_report(given)
    told(5, steps, "drawing figures and setting type")
    figures = [
        {
            "file": f"figures-{one.id}.svg",
            "title": one.title,
            "words": one.alt,
            "spec": None if one.vega_lite is None else in_our_look(one.vega_lite),
        }
        for section in report.sections
        for one in section.blocks
        if isinstance(one, Figure)
    ]
    return render_report(report, files=given.files), figures


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _zip(files: Mapping[str, bytes], folder: str) -> bytes:
    """A zip that is the same for the same files: the clock is not in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(f"{folder}/{name}")
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return made.getvalue()
