"""Which items two people key independently: what the study file names, marked in its forms."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import replace

from exotrial.core.errors import ErrorCode, Place
from exotrial.study.items import Form

UNKNOWN_ITEM = ErrorCode(
    "FRM-001",
    "The study file asks for double entry of an item that no form has.",
    "use the item oids that `exotrial forms` lists.",
)


def mark_double_entry(forms: Iterable[Form], oids: tuple[str, ...]) -> tuple[Form, ...]:
    """The forms with `double_entry` set on the items named. Refuses with FRM-001, naming the nearest."""
    given = tuple(forms)
    known = sorted({item.oid for form in given for item in form.items})
    for oid in oids:
        if oid not in known:
            near = difflib.get_close_matches(oid, known, n=1)
            raise UNKNOWN_ITEM.refuse(
                f"no form has an item {oid!r}",
                place=Place(path="data_entry.double_entry"),
                value=oid,
                remedy=f"did you mean {near[0]!r}?" if near else None,
            )
    if not oids:
        return given
    return tuple(
        replace(
            form,
            groups=tuple(
                replace(
                    group,
                    items=tuple(replace(item, double_entry=item.oid in oids) for item in group.items),
                )
                for group in form.groups
            ),
        )
        for form in given
    )
