"""Where kits and their vials are."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from exotrial.store.guards import create_guards

PROTECT = django.db.models.deletion.PROTECT


def _create(apps: Any, schema_editor: Any) -> None:
    create_guards(schema_editor.connection)


def _id() -> tuple[str, models.BigAutoField[int, int]]:
    return (
        "id",
        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
    )


class Migration(migrations.Migration):
    """Count vials, create the tables and their triggers."""

    dependencies = [("store", "0004_materials")]  # noqa: RUF012 - Django reads a list

    operations = [  # noqa: RUF012 - Django reads a list
        migrations.AddField(model_name="kit", name="vials", field=models.IntegerField(default=0)),
        migrations.CreateModel(
            name="KitMovement",
            fields=[
                _id(),
                ("vials", models.JSONField()),
                ("what", models.CharField(max_length=20)),
                ("temperature", models.CharField(blank=True, max_length=20)),
                ("witness", models.CharField(blank=True, max_length=200)),
                ("by", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                ("kit", models.ForeignKey(on_delete=PROTECT, related_name="movements", to="store.kit")),
                (
                    "site",
                    models.ForeignKey(
                        null=True, on_delete=PROTECT, related_name="movements", to="store.site"
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        null=True, on_delete=PROTECT, related_name="movements", to="store.participant"
                    ),
                ),
                (
                    "dose",
                    models.OneToOneField(
                        null=True, on_delete=PROTECT, related_name="movement", to="store.dose"
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="StockCount",
            fields=[
                _id(),
                ("counted", models.JSONField()),
                ("differences", models.IntegerField()),
                ("by", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                (
                    "site",
                    models.ForeignKey(
                        null=True, on_delete=PROTECT, related_name="stock_counts", to="store.site"
                    ),
                ),
                (
                    "study",
                    models.ForeignKey(on_delete=PROTECT, related_name="stock_counts", to="store.study"),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.RunPython(_create, migrations.RunPython.noop),
    ]
