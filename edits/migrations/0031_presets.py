"""Adds tables of past prompts, of presets and of the edits made with them, and two columns to models.

No table is copied, and no edit is read: a worker reads the prompts of earlier edits afterwards.
"""

import django.db.models.deletion
import edits.models.folded
import uuid
from django.conf import settings
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def begin_filling(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """The place from where a worker reads the earlier edits, the newest first."""
    last = apps.get_model("edits", "EditRequest").objects.order_by("-pk").values_list("pk", flat=True).first()
    apps.get_model("edits", "PromptFilling").objects.create(below=last + 1 if last else 0)


class Migration(migrations.Migration):
    """Adds four tables."""

    dependencies = [
        ("edits", "0030_recipes"),
    ]

    operations = [
        migrations.CreateModel(
            name="PromptFilling",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("below", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="providermodel",
            name="counted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="providermodel",
            name="rates_json",
            field=models.JSONField(blank=True, editable=False, null=True, verbose_name="rates"),
        ),
        migrations.CreateModel(
            name="PromptPreset",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rates_json", models.JSONField(blank=True, editable=False, null=True, verbose_name="rates")),
                ("counted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("prompt", models.TextField()),
                ("options", models.JSONField(blank=True, default=dict)),
                (
                    "model",
                    models.CharField(
                        blank=True, help_text="The full id of a model, or blank.", max_length=300
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("shared_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "example",
                    models.ForeignKey(
                        blank=True,
                        help_text="The edit that shows before and after.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="edits.editrequest",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presets",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="PresetUse",
            fields=[
                (
                    "edit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="preset_use",
                        serialize=False,
                        to="edits.editrequest",
                    ),
                ),
                (
                    "preset",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uses",
                        to="edits.promptpreset",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PastPrompt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("text", models.TextField()),
                ("text_folded", edits.models.folded.FoldedField(editable=False, null=True, of="text")),
                ("uses", models.PositiveIntegerField()),
                ("last_used_at", models.DateTimeField()),
                ("is_starred", models.BooleanField(default=False)),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="past_prompts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=["owner", "-is_starred", "-last_used_at", "-id"],
                        name="past_prompt_starred",
                    ),
                    models.Index(
                        condition=models.Q(("removed_at__isnull", True)),
                        fields=["owner", "-last_used_at", "-id"],
                        name="past_prompt_latest",
                    ),
                    models.Index(
                        condition=models.Q(("removed_at__isnull", False)),
                        fields=["removed_at"],
                        name="past_prompt_removed",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("owner", "digest"), name="past_prompt_once"),
                    models.CheckConstraint(
                        condition=models.Q(("uses__gte", 1), models.Q(("text", ""), _negated=True)),
                        name="past_prompt_was_used",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="promptpreset",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True)), fields=["owner", "-id"], name="preset_own"
            ),
        ),
        migrations.AddIndex(
            model_name="promptpreset",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", True), ("shared_at__isnull", False)),
                fields=["-id"],
                name="preset_team",
            ),
        ),
        migrations.AddIndex(
            model_name="promptpreset",
            index=models.Index(
                condition=models.Q(("deleted_at__isnull", False)),
                fields=["deleted_at"],
                name="preset_deleted",
            ),
        ),
        migrations.AddConstraint(
            model_name="promptpreset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), _negated=True), models.Q(("prompt", ""), _negated=True)
                ),
                name="preset_has_name_and_prompt",
            ),
        ),
        migrations.AddIndex(
            model_name="presetuse",
            index=models.Index(fields=["preset", "-edit"], name="preset_use_latest"),
        ),
        migrations.RunPython(begin_filling, migrations.RunPython.noop),
    ]
