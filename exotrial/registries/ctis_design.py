"""What a trial of CTIS gives, and to which arms.

Products stand in groups by their role in the trial (Test, Comparator, Placebo, Auxiliary), arms in the periods of the
design. CTIS does not say which arm receives which product.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from exotrial.registries.ctis_values import CtisValues
from exotrial.registries.ctis_words import PLACEBO
from exotrial.registries.json_lines import JsonPath
from exotrial.registries.record import RecordedArm, RecordedIntervention, Stated


def read_interventions(values: CtisValues, part: JsonPath) -> tuple[RecordedIntervention, ...]:
    """The products, each once, with its role where it stands in a group of one."""
    found: dict[str, RecordedIntervention] = {}
    for group in values.entries(*part, "productRoleGroupInfos"):
        role = values.text(*group, "productRoleName")
        named = [_add(found, values, path, role) for path in values.entries(*group, "products")]
        if role is not None and not any(named) and not _is_placebo(role):
            values.lose((*group, "productRoleName"), role.value, "no product of this role is named")
    in_groups = [
        values.tree.find(*path)
        for group in values.entries(*part, "productRoleGroupInfos")
        for path in values.entries(*group, "products")
    ]
    for path in values.entries(*part, "products"):
        _add(found, values, path, None)
        if values.tree.find(*path) in in_groups:
            values.drop(*path)  # the same product once more: what it leaves over is told of the group
    return tuple(found.values())


def _add(
    found: dict[str, RecordedIntervention], values: CtisValues, path: JsonPath, role: Stated[str] | None
) -> bool:
    """Add a product; whether it has a name."""
    listed = (*path, "productDictionaryInfo")
    own, name_there = values.text(*path, "productName"), values.text(*listed, "prodName")
    substance = values.text(*listed, "activeSubstanceName")
    name = own or name_there or substance
    if name is None:
        return False
    key = name.value.casefold()
    known = found.get(key)
    if known is None:
        other = substance if substance is not None and substance.value != name.value else None
        known = found[key] = RecordedIntervention(name=name, kind=role, description=other)
    elif known.kind is not None and role is not None and known.kind.value != role.value:
        values.lose(path, role.value, f"{name.value} has this role besides that of {known.kind.value}")
    held = {known.name.value, known.description.value if known.description else None}
    for field, one in (("prodName", name_there), ("activeSubstanceName", substance)):
        if one is not None and one.value not in held:
            values.lose((*listed, field), one.value, "the product has another name here")
    return True


def read_placebo(values: CtisValues, part: JsonPath) -> Stated[bool] | None:
    """That there is a placebo, where a group of products has this role; the record never denies one."""
    for group in values.entries(*part, "productRoleGroupInfos"):
        role = values.text(*group, "productRoleName")
        if role is not None and _is_placebo(role):
            return Stated(value=True, prints=role.prints, place=role.place)
    return None


def _is_placebo(role: Stated[str]) -> bool:
    return role.value.casefold() == PLACEBO.casefold()


def read_arms(values: CtisValues, details: JsonPath) -> tuple[RecordedArm, ...]:
    """The arms of all periods, each once by its title."""
    found: dict[str, RecordedArm] = {}
    for period in _periods(values, details):
        for path in values.entries(*period, "armDetails"):
            title, description = values.text(*path, "title"), values.text(*path, "description")
            if title is None:
                if description is not None:
                    values.lose((*path, "description"), description.value, "the arm has no title")
                continue
            known = found.setdefault(title.value.casefold(), RecordedArm(name=title, description=description))
            if known.description is None:
                found[title.value.casefold()] = replace(known, description=description)
            elif description is not None and description.value != known.description.value:
                why = "the arm is described otherwise in another period"
                values.lose((*path, "description"), description.value, why)
    return tuple(found.values())


def read_masking_description(values: CtisValues, details: JsonPath) -> Stated[str] | None:
    """How the trial is blinded, where its periods do not differ; otherwise told."""
    paths = [(*period, "blindingDetails") for period in _periods(values, details)]
    found = [(path, one) for path in paths if (one := values.text(*path)) is not None]
    if len({one.value for _, one in found}) == 1:
        return found[0][1]
    for path, one in found:
        values.lose(path, one.value, "the periods are blinded in different ways")
    return None


def _periods(values: CtisValues, details: JsonPath) -> Iterator[JsonPath]:
    yield from values.entries(*details, "protocolInformation", "studyDesign", "periodDetails")
