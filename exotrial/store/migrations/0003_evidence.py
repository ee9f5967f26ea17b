"""Evidence of batches and their release; and the product that a batch is of, where somebody said it."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from exotrial.store.guards import create_guards


def _create(apps: Any, schema_editor: Any) -> None:
    create_guards(schema_editor.connection)


class Migration(migrations.Migration):
    """Create the tables and their triggers."""

    dependencies = [("store", "0002_guards")]  # noqa: RUF012 - Django reads a list

    operations = [  # noqa: RUF012 - Django reads a list
        migrations.AddField(
            model_name="batch",
            name="product_sealed",
            field=models.TextField(null=True),
        ),
        migrations.CreateModel(
            name="BatchRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content_sealed", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "batch",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="release", to="store.batch"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EvidenceFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=64)),
                ("content_sealed", models.TextField()),
                (
                    "study",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence_files",
                        to="store.study",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BatchEvidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("told_sealed", models.TextField()),
                ("sent_by", models.CharField(max_length=60)),
                ("sent_at", models.DateTimeField()),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="evidence", to="store.batch"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="store.evidencefile",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EvidenceReview",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accepted", "accepted"),
                            ("set aside", "set aside"),
                            ("warning answered", "a warning answered"),
                        ],
                        max_length=20,
                    ),
                ),
                ("content_sealed", models.TextField()),
                ("by", models.CharField(max_length=60)),
                ("by_name", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "evidence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="store.batchevidence",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddConstraint(
            model_name="evidencefile",
            constraint=models.UniqueConstraint(
                fields=("study", "mark"), name="one_evidence_file_of_a_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="batchevidence",
            constraint=models.UniqueConstraint(fields=("batch", "file"), name="one_sending_of_a_file"),
        ),
        migrations.RunPython(_create, migrations.RunPython.noop),
    ]
