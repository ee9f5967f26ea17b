"""The machine and its settings: engine, safe saving, guards, keys, passwords, clock, disk."""

from __future__ import annotations

import shutil
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password

from exotrial.qualification.bench import Bench
from exotrial.qualification.check import Outcome, check, judge
from exotrial.store.examine import (
    find_guard_problems,
    find_unapplied_migrations,
    read_durability,
    read_engine,
)

OLDEST = {"PostgreSQL": (14,), "SQLite": (3, 35)}
"""Django 5.2 supports PostgreSQL 14 and later; SQLite 3.35 brought RETURNING, which saves use."""

ROOM = 1024**3
"""Bytes that must be free where the installation lies."""


@check(
    46,
    kind="installation",
    done="Asked the database what it is.",
    expected="PostgreSQL 14 or later, or SQLite 3.35 or later.",
)
def engine_supported(bench: Bench) -> Outcome:
    """The database engine is one that is supported."""
    engine = read_engine()
    return judge((str(engine), engine.version >= OLDEST[engine.name]))


@check(
    46,
    kind="installation",
    done="Looked for changes of the tables that this database has not had.",
    expected="None is missing.",
)
def tables_current(bench: Bench) -> Outcome:
    """The tables are those of this version."""
    missing = find_unapplied_migrations()
    return judge((f"{len(missing)} missing{': ' if missing else ''}{', '.join(missing)}", not missing))


@check(
    51,
    kind="installation",
    done="Read the settings on which that depends from the open database.",
    expected="PostgreSQL: fsync, synchronous_commit and full_page_writes on. SQLite: write-ahead log, synchronous "
    "FULL, immediate transactions.",
)
def saves_durable(bench: Bench) -> Outcome:
    """A save is on the disk before it is acknowledged."""
    return judge(
        *(
            (f"{name} is {value}" + ("" if value == must else f", must be {must}"), value == must)
            for name, (value, must) in read_durability().items()
        )
    )


@check(
    *(4, 6),
    kind="installation",
    done="Held each trigger in the database to its text as exotrial wrote it.",
    expected="All triggers stand, none is altered or switched off, and there is no other.",
)
def guards_stand(bench: Bench) -> Outcome:
    """Every guard of the database stands."""
    number, problems = find_guard_problems()
    told = tuple((f"{problem.where}: {problem.says}", False) for problem in problems[:5])
    return judge((f"{number} triggers should stand; {len(problems)} do not", not problems), *told)


@check(
    60,
    kind="installation",
    done="Looked at the key file: its place, its owner's rights, its length.",
    expected="A file of its own; nobody but its owner may read the file or its folder.",
)
def key_guarded(bench: Bench) -> Outcome:
    """The key lies outside the database, and only its owner reads it."""
    folder = bench.opened.home.keys_folder
    file = folder / "master.key"
    mode = stat.S_IMODE(file.stat().st_mode)
    around = stat.S_IMODE(folder.stat().st_mode)
    return judge(
        (f"the file's rights are {mode:o}", mode & 0o077 == 0),
        (f"the folder's rights are {around:o}", around & 0o077 == 0),
        ("the key has 256 bits", len(bench.opened.keys.master) == 32),
    )


@check(
    22,
    kind="installation",
    done="Hashed one password twice with the method that is set.",
    expected="Argon2id, and two hashes that differ because each has a salt of its own.",
)
def password_hasher(bench: Bench) -> Outcome:
    """Passwords are kept as salted, slow hashes."""
    first, second = make_password("one and the same"), make_password("one and the same")
    method = first.split("$")[0]
    return judge(
        (f"the method is {method}", first.startswith("argon2$argon2id$")),
        ("two hashes of one password differ", first != second),
    )


@check(
    17,
    kind="installation",
    done="Read the settings of time, and watched the clock for a moment.",
    expected="UTC everywhere; the clock goes forward as an independent timer does.",
)
def clock_in_utc(bench: Bench) -> Outcome:
    """Times are the server's, in UTC."""
    begun, ticks = datetime.now(UTC), time.monotonic()
    time.sleep(0.2)
    apart = abs((datetime.now(UTC) - begun).total_seconds() - (time.monotonic() - ticks))
    return judge(
        (f"times are stored in {settings.TIME_ZONE}", settings.USE_TZ and settings.TIME_ZONE == "UTC"),
        (f"the clock differs from the timer by {apart * 1000:.0f} ms in 0.2 s", apart < 0.1),
    )


@check(
    46,
    kind="installation",
    done="Asked how much is free where the installation lies.",
    expected="1 GiB or more.",
)
def disk_has_room(bench: Bench) -> Outcome:
    """There is room on the disk."""
    free = shutil.disk_usage(_there(bench.opened.home.folder)).free
    return judge((f"{free / 1024**3:.1f} GiB are free", free >= ROOM))


def _there(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists: with PostgreSQL the home may never have been made."""
    return next(path for path in (folder, *folder.parents) if path.exists())
