"""Plans of doses, the plan that a dose was given by, and the volume that was given."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from exotrial.store.guards import create_guards


def _create(apps: Any, schema_editor: Any) -> None:
    create_guards(schema_editor.connection)


class Migration(migrations.Migration):
    """Create the table, the two fields and the triggers."""

    dependencies = [("store", "0005_kit_movements")]  # noqa: RUF012 - Django reads a list

    operations = [  # noqa: RUF012 - Django reads a list
        migrations.CreateModel(
            name="DosePlan",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content_sealed", models.TextField()),
                ("planned_by", models.CharField(max_length=60)),
                ("planned_at", models.DateTimeField()),
                (
                    "kit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dose_plans",
                        to="store.kit",
                    ),
                ),
                (
                    "participant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="dose_plans",
                        to="store.participant",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="dose",
            name="given_ml",
            field=models.FloatField(null=True),
        ),
        migrations.AddField(
            model_name="dose",
            name="plan",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="doses",
                to="store.doseplan",
            ),
        ),
        migrations.RunPython(_create, migrations.RunPython.noop),
    ]
