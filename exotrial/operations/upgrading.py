"""Upgrading an installation, as its server's owner does it: where its backup goes, and what is due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from exotrial.store.home import Home, open_any_version
from exotrial.store.schema import applied_migrations, find_missing
from exotrial.store.upgrade import Upgraded, upgrade_tables


def upgrade_installation(
    home: Home,
    *,
    now: datetime,
    backup: Path | None = None,
    despite_problems: bool = False,
    told: Callable[[str], None] = lambda step: None,
) -> Upgraded | None:
    """Bring an installation to this version's tables; None where it has them.

    The backup goes into the file named, else into `backups` in the home. Refuses with HOM-001, KEY-001 and what
    `upgrade_tables` refuses with.
    """
    opened = open_any_version(home)
    missing = find_missing(applied_migrations())
    if not missing:
        return None
    if backup is None:
        folder = home.folder / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        backup = folder / f"before-{missing[-1]}-{now:%Y%m%dT%H%M%SZ}.exo"
    return upgrade_tables(
        opened,
        backup,
        now=now,
        despite_problems=despite_problems,
        told=told,
    )
