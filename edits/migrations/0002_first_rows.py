"""The table of the database cache and the one row of the provider's state."""

from django.apps.registry import Apps
from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_cache_table(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    call_command("createcachetable", "cache_entries", database=schema_editor.connection.alias, verbosity=0)


def make_provider_row(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("edits", "Provider").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("edits", "0001_initial")]

    operations = [
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
        migrations.RunPython(make_provider_row, migrations.RunPython.noop),
    ]
