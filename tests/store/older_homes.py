"""Installations as older versions of exotrial made them, from backups that those versions wrote.

tests/files/homes/<migration>/ holds such a backup and its key: the IRCT trial with eleven randomised, made-up people,
after which no version added a table. It was written by `write_backup` of the last version with that migration.
"""

from __future__ import annotations

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from exotrial.store.home import Home, connect, disconnect
from exotrial.store.keys import read_keys
from exotrial.store.restore import _manifest, _unsealed, fill_tables
from tests.trial import _database, make_home_for, new_database

HOMES = Path(__file__).resolve().parents[1] / "files" / "homes"


def older_home(folder: Path, engine: str, migration: str = "0002") -> Home:
    """An installation with the tables of the older version, on one of the engines: a copy of one made once."""
    made = _made(engine, migration)
    home = Home(
        folder=folder / "home",
        keys_folder=folder / "keys",
        database_url=new_database(like=_database(made)) if engine == "postgresql" else "",
    )
    shutil.copytree(made.folder, home.folder)
    shutil.copytree(made.keys_folder, home.keys_folder)
    return home


@lru_cache(maxsize=4)
def _made(engine: str, migration: str) -> Home:
    home = make_home_for(Path(tempfile.mkdtemp(prefix="exotrial-older-")), engine)
    home.folder.mkdir()
    home.keys_folder.mkdir()
    shutil.copy(HOMES / migration / "master.key", home.keys_folder)
    keys = read_keys(home.keys_folder)
    connect(home, keys)
    with _unsealed(HOMES / migration / "installation.exo", keys) as archive:
        fill_tables(archive, _manifest(archive))
    disconnect()
    return home
