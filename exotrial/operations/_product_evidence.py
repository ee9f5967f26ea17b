"""Evidence that may be compared: accepted files of released batches of one product, and what each of them measures."""

from __future__ import annotations

from typing import Any

from exotrial.core.errors import ErrorCode, Place
from exotrial.operations import arms
from exotrial.operations._act import Act
from exotrial.operations._batch_product import product_of
from exotrial.operations._evidence import Held, Kind, load_evidence
from exotrial.operations._operation import Answer
from exotrial.operations.evidence import NO_EVIDENCE
from exotrial.operations.product import find_batch
from exotrial.product.comparability_evidence import SampleEvidence, measure_reading
from exotrial.product.comparability_tables import Member
from exotrial.report.document import Figure, Report
from exotrial.store.models import Batch

NOT_RELEASED = ErrorCode(
    "CPR-001",
    "A batch that is compared is not released.",
    "release it first; nothing is shown by a batch that nobody answers for.",
)
NOT_ACCEPTED = ErrorCode(
    "CPR-002",
    "A file that is compared does not count.",
    "compare files that a second person accepted; a file that was set aside shows nothing.",
)
OTHER_PRODUCT = ErrorCode(
    "CPR-003",
    "A batch is not of the product that is compared.",
    "compare batches of one product; which one a batch is of is said when it is registered.",
)


class ShownFigure(Answer):
    """A figure as Vega-Lite with its data in it; `words` say what is to be seen, `heads` and `rows` are its numbers."""

    id: str
    title: str
    words: str
    spec: dict[str, Any]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def released_batches(act: Act, product: str) -> list[tuple[str, Batch]]:
    """Every released batch of a product with its code, in the order of the codes."""
    rows = Batch.objects.filter(study=act.the_study, status=Batch.Status.RELEASED)
    found = [
        (
            arms.open_text(act, row.code_sealed, where=f"batch {row.code_mark}", purpose="knowing arms"),
            row,
        )
        for row in rows
        if product_of(act, row) == product
    ]
    return sorted(found, key=lambda one: one[0])


def accepted_sizes(act: Act, batch: Batch) -> list[Held]:
    """The accepted files of a batch that hold size distributions, in the order of sending."""
    return [one for one in load_evidence(act, batch) if is_accepted(one) and _has_sizes(one)]


def find_accepted(act: Act, code: str, number: int, *, product: str) -> Held:
    """An accepted file of a released batch of the product. Refuses KIT-002, EVD-004 and CPR-001 to CPR-003."""
    batch = find_batch(act, code)
    if batch.status != Batch.Status.RELEASED:
        raise NOT_RELEASED.refuse(f"it is {batch.status}", place=Place(path="files"), value=batch.status)
    if product_of(act, batch) != product:
        raise OTHER_PRODUCT.refuse(f"it is not of {product}", place=Place(path="files"))
    found = load_evidence(act, batch, number=number)
    if not found:
        raise NO_EVIDENCE.refuse(f"the batch has no file {number}", place=Place(path="files"), value=number)
    if not is_accepted(found[0]):
        state = found[0].decision.kind if found[0].decision else "not reviewed"
        raise NOT_ACCEPTED.refuse(f"file {number} is {state}", place=Place(path="files"), value=number)
    return found[0]


def is_accepted(held: Held) -> bool:
    """Whether a second person accepted the file, and nobody set it aside since."""
    return held.decision is not None and held.decision.kind == Kind.ACCEPTED


def measure(held: Held, *, group: str, sample: str) -> SampleEvidence:
    """What a file measures, of a sample in a group; a signed deviation judges a warning. Refuses CMP-002, CMP-010."""
    reading = held.evidence.reading
    if reading is None:
        raise NOT_ACCEPTED.refuse(
            f"{held.evidence.file.name} cannot be read: {held.evidence.problem}", place=Place(path="files")
        )
    answers = {(one.line, one.warning): one.reason for one in held.answers}
    judged = [answers.get((one.place.line, one.text), "") for one in reading.warnings]
    member = Member(
        file=held.evidence.file.name,
        group=group,
        sample=sample,
        place=Place(file=held.evidence.file.name),
        reader=held.reader,
        warning_judged="; ".join(dict.fromkeys(judged)) if all(judged) else "",
    )
    return measure_reading(member, reading)


def show_figures(report: Report) -> tuple[ShownFigure, ...]:
    """The figures of a report, in its order."""
    found = [one for section in report.sections for one in section.blocks if isinstance(one, Figure)]
    return tuple(_show_figure(one) for one in found)


def _show_figure(figure: Figure) -> ShownFigure:
    data = figure.data
    return ShownFigure(
        id=figure.id,
        title=figure.title,
        words=figure.alt,
        spec=figure.vega_lite or {},
        heads=() if data is None else tuple(column.head for column in data.columns),
        rows=() if data is None else tuple(tuple(cell or "" for cell in row) for row in data.rows),
    )


def _has_sizes(held: Held) -> bool:
    return held.evidence.reading is not None and bool(held.evidence.reading.distributions)
