from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from edits.models.folded import fold_people, fold_rows


def fold_all(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """In short transactions, so that the previous version keeps running; started again, it continues where it stopped."""
    fold_people(apps.get_model("edits", "User"))
    for name in ("Tag", "EditRequest"):
        while fold_rows(apps.get_model("edits", name)):
            continue


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('edits', '0011_folded_forms'),
    ]

    operations = [
        migrations.RunPython(fold_all, migrations.RunPython.noop),
    ]
