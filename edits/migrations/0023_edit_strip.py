"""An index for the studio's strip, which leaves out the edits of batches."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Adds the index."""

    dependencies = [("edits", "0021_staged_uploads_drafts_batches")]

    operations = [
        migrations.AddIndex(
            model_name="editrequest",
            index=models.Index(
                condition=Q(("batch__isnull", True), ("trashed_at__isnull", True)),
                fields=["owner", "-id"],
                name="edit_strip",
            ),
        )
    ]
