"""What an upgrade writes into the trail: itself, and the first entry of every field that it gave to rows of before.

A new column that is not left empty would otherwise hold values of which the trail knows nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from exotrial.store.backup import backed_up_models, columns_of
from exotrial.store.keys import Keys
from exotrial.store.models import Act, Chain
from exotrial.store.trail import FieldChange, append_act
from exotrial.store.verify import INSTALLATION
from exotrial.store.verify_data import audited_models

SERVER = "(server)"
"""The name under which acts of the server itself stand; no account can have it."""


def write_upgrade(keys: Keys, applied: Collection[str], *, told: str, now: datetime) -> None:
    """Write the act of an upgrade, within its transaction. `applied` are the migrations from before it."""
    changes = list(_new_fields(applied))
    chain = Chain.objects.select_for_update().get(name=INSTALLATION)
    row = Act(operation="upgrade", outcome="done", who=SERVER, source="server", told=told[:200])
    append_act(chain, row, changes, keys=keys, now=now)


def _new_fields(applied: Collection[str]) -> Iterator[FieldChange]:
    before = {str(model._meta.model_name): set(columns_of(model)) for model in backed_up_models(applied)}
    for model in audited_models():
        table = str(model._meta.model_name)
        new = set(columns_of(model)) - before.get(table, set(columns_of(model)))
        for row in model._default_manager.order_by("pk").iterator() if new else ():
            for name, text in row.flat().items():
                if name.partition("/")[0] in new:
                    yield FieldChange(table, row.pk, name, None, text)
