"""Lets pages and workers find what they ask for at the same cost in a library of any size.

What it costs on SQLite, as CPU inside the write lock: half a second for 100,000 edits, so about 6 s for a million, of
which naming the authors of 40,000 review cases is one; 35 MB more on the disk then.  No table is copied.
"""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Q

from edits.models.case_authors import name_authors

IS_NEWS = Q(author_notified_at__isnull=True) & (~Q(decision="") | Q(question_open=True))


def name_all_authors(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Last, because PostgreSQL makes no index on a table with rows that were just written."""
    while name_authors(apps.get_model("edits", "ReviewCase"), apps.get_model("edits", "EditRequest")):
        continue


class Migration(migrations.Migration):
    """Adds the authors of review cases, and indexes."""

    dependencies = [("edits", "0023_edit_strip")]

    operations = [
        migrations.AddField(
            model_name="reviewcase",
            name="author",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                help_text="The edit's owner, whom decisions and questions are for.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="reviewcase",
            index=models.Index(
                condition=Q(decision=""),
                fields=["decision", "question_open", "edit"],
                name="review_to_count",
            ),
        ),
        migrations.AddIndex(
            model_name="reviewcase",
            index=models.Index(condition=IS_NEWS, fields=["author"], name="review_news"),
        ),
        migrations.AddIndex(
            model_name="reviewcase",
            index=models.Index(
                condition=Q(author__isnull=True), fields=["id"], name="review_without_author"
            ),
        ),
        migrations.AddIndex(
            model_name="editrequest",
            index=models.Index(
                condition=Q(trashed_at__isnull=False), fields=["trashed_at"], name="edit_purge"
            ),
        ),
        migrations.AddIndex(
            model_name="editrequest",
            index=models.Index(
                condition=Q(finished_at__isnull=True),
                fields=["owner", "-id"],
                name="edit_active",
            ),
        ),
        migrations.AddIndex(
            model_name="editrequest",
            index=models.Index(
                condition=Q(shared_at__isnull=False),
                fields=["owner", "-shared_at", "-id"],
                name="edit_team_by",
            ),
        ),
        migrations.AddIndex(
            model_name="editrequest", index=models.Index(fields=["seed"], name="edit_seed")
        ),
        migrations.AddIndex(
            model_name="returnedimage", index=models.Index(fields=["seed_used"], name="result_seed")
        ),
        migrations.RunPython(name_all_authors, migrations.RunPython.noop),
    ]
