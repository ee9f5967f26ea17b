"""What a form asks, as a page draws it: groups, items, kinds, units, codes and limits (CDISC ODM 2.0 words)."""

from __future__ import annotations

from pydantic import Field

from exotrial.operations._act import Act
from exotrial.operations._filled import NO_FORM
from exotrial.operations._operation import Answer, Ask, view
from exotrial.operations.access import Permission
from exotrial.study.entry import REASONS
from exotrial.study.items import Form, Item, ItemGroup


class AskedCode(Answer):
    """One choice: the value that is kept and the words that are shown."""

    value: str
    label: str


class AskedItem(Answer):
    """One question. `low` and `high` bound what is plausible, `hard_low` and `hard_high` what is possible."""

    oid: str
    label: str
    question: str
    help: str
    data_type: str
    unit: str
    low: float | None
    high: float | None
    hard_low: float | None
    hard_high: float | None
    required: bool
    codes: tuple[AskedCode, ...]
    double_entry: bool


class AskedGroup(Answer):
    """Questions asked together; `repeating` where there may be several rows."""

    oid: str
    label: str
    repeating: bool
    items: tuple[AskedItem, ...]


class FormShape(Answer):
    """A form without answers; `reasons` are those for which an answer may be missing."""

    form: str
    label: str
    encounters: tuple[str, ...]
    groups: tuple[AskedGroup, ...]
    reasons: tuple[str, ...]


class AskBlankForm(Ask):
    """Which form, by the newest version of the study unless another is named."""

    form: str = Field(max_length=80, description="The form's oid, such as F.AE.")
    study_version: int | None = Field(default=None, ge=1, le=2**31 - 1)


class BlankForm(Answer):
    """A form as it is printed to be filled by hand."""

    study_version: int
    title: str
    encounter_labels: tuple[str, ...]
    shape: FormShape


@view(permission=Permission.READ_STUDY)
def show_blank_form(act: Act, ask: AskBlankForm) -> BlankForm:
    """A form of the study file without anybody's answers."""
    version = act.the_study.version if ask.study_version is None else ask.study_version
    form = act.forms(version).get(ask.form)
    if form is None:
        raise NO_FORM.refuse(f"version {version} has no form {ask.form!r}", value=ask.form)
    names = {one.id: one.name for one in act.definition(version).encounters}
    return BlankForm(
        study_version=version,
        title=act.the_study.title,
        encounter_labels=tuple(names[one] for one in form.encounters),
        shape=shape_of(form),
    )


def shape_of(form: Form) -> FormShape:
    """A form of the study file as an answer."""
    return FormShape(
        form=form.oid,
        label=form.label,
        encounters=form.encounters,
        groups=tuple(_group(group) for group in form.groups),
        reasons=REASONS,
    )


def _group(group: ItemGroup) -> AskedGroup:
    items = tuple(_item(item) for item in group.items)
    return AskedGroup(oid=group.oid, label=group.label, repeating=group.repeating, items=items)


def _item(item: Item) -> AskedItem:
    codes = item.codelist.codes if item.codelist else ()
    return AskedItem(
        oid=item.oid,
        label=item.label,
        question=item.question,
        help=item.help,
        data_type=item.data_type.value,
        unit=item.unit,
        low=item.low,
        high=item.high,
        hard_low=item.hard_low,
        hard_high=item.hard_high,
        required=item.required,
        codes=tuple(AskedCode(value=code.value, label=code.label) for code in codes),
        double_entry=item.double_entry,
    )
