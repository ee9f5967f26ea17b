"""What was done at the server itself, without a sign-in, written into the trail all the same (E6 4.2.2(a)(iii)).

Whoever runs the server holds database and key, so that this keeps honest people's records, and stops nobody.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from exotrial.operations._operation import INSTALLATION
from exotrial.store.home import Opened, writing_turn
from exotrial.store.models import Act, Chain
from exotrial.store.new_fields import SERVER
from exotrial.store.trail import append_act


def note_server_act(opened: Opened, operation: str, *, told: str = "", now: datetime | None = None) -> None:
    """Write an act of the installation's chain: what was exported, archived, backed up or restored."""
    with writing_turn(opened.home), transaction.atomic():
        chain = Chain.objects.select_for_update().get(name=INSTALLATION)
        row = Act(operation=operation, outcome="done", who=SERVER, source="server", told=told[:200])
        append_act(chain, row, (), keys=opened.keys, now=now or datetime.now(UTC))
