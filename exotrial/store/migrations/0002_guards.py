"""Triggers that refuse what the law of the trail forbids: changing or deleting it, and deleting what was recorded.

The one update of the trail that passes empties the values of a change and keeps their digests (redaction).
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

from exotrial.store.guards import create_guards, drop_guards


def _create(apps: Any, schema_editor: Any) -> None:
    create_guards(schema_editor.connection)


def _drop(apps: Any, schema_editor: Any) -> None:
    drop_guards(schema_editor.connection)


class Migration(migrations.Migration):
    """Create the triggers."""

    dependencies = [("store", "0001_initial")]  # noqa: RUF012 - Django reads a list
    operations = [migrations.RunPython(_create, _drop)]  # noqa: RUF012 - Django reads a list
