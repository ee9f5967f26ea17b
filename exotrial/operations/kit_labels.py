"""What is printed on labels of kits: their numbers, and what all labels of the study have in common."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from exotrial.operations._act import Act
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.product.kit_labels import derive_label_facts
from exotrial.store.models import Batch, Kit


class AskLabels(Ask):
    """All kits that nobody was given anything of yet, or these."""

    kits: tuple[str, ...] = Field(default=(), max_length=500)


class LabelledKit(Answer):
    number: str
    vials: int


class ShownLabels(Answer):
    """The kits by number; `left_out` is what their labels do not say, since it would tell arms apart."""

    study: str
    sponsor: str
    contents: str
    storage: str
    use_by: date | None
    left_out: tuple[str, ...]
    kits: tuple[LabelledKit, ...]


@view(permission=Permission.HANDLE_PRODUCT)
def show_kit_labels(act: Act, ask: AskLabels) -> ShownLabels:
    """The labels of kits, all alike but for the number: nothing on them is of one arm alone."""
    rows = Kit.objects.filter(study=act.the_study).order_by("number")
    rows = rows.filter(number__in=ask.kits) if ask.kits else rows.exclude(status="used")
    last = Batch.objects.filter(
        study=act.the_study, status__in=(Batch.Status.QUARANTINE, Batch.Status.RELEASED)
    )
    facts = derive_label_facts(
        act.definition(),
        number=act.the_study.slug,
        last_days=frozenset(last.values_list("expires_on", flat=True)),
    )
    return ShownLabels(
        study=facts.study,
        sponsor=facts.sponsor,
        contents=facts.contents,
        storage=facts.storage,
        use_by=facts.use_by,
        left_out=facts.left_out,
        kits=tuple(LabelledKit(number=row.number, vials=row.vials) for row in rows),
    )
