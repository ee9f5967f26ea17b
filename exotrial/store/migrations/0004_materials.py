"""The genealogy of the product."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from exotrial.store.guards import create_guards


def _create(apps: Any, schema_editor: Any) -> None:
    create_guards(schema_editor.connection)


class Migration(migrations.Migration):
    """Create the table and its triggers."""

    dependencies = [("store", "0003_evidence")]  # noqa: RUF012 - Django reads a list

    operations = [  # noqa: RUF012 - Django reads a list
        migrations.CreateModel(
            name="MaterialEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.IntegerField()),
                ("content_sealed", models.TextField()),
                ("by", models.CharField(max_length=60)),
                ("entered_at", models.DateTimeField()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="material_entries",
                        to="store.study",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AddConstraint(
            model_name="materialentry",
            constraint=models.UniqueConstraint(
                fields=("study", "number"), name="one_material_entry_of_a_number"
            ),
        ),
        migrations.RunPython(_create, migrations.RunPython.noop),
    ]
