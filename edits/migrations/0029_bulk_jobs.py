"""Tables of bulk jobs and their chunks; nothing that exists is touched."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the two tables."""

    dependencies = [
        ('edits', '0028_fast_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkJob',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('action', models.CharField(choices=[('share', 'Share'), ('star', 'Star'), ('tag', 'Tag'), ('trash', 'Trash'), ('restore', 'Restore')], max_length=10)),
                ('names', models.JSONField(blank=True, default=list)),
                ('state', models.CharField(choices=[('running', 'Running'), ('done', 'Done'), ('canceled', 'Canceled'), ('undoing', 'Undoing'), ('undone', 'Undone')], default='running', max_length=10)),
                ('total', models.PositiveIntegerField()),
                ('done', models.PositiveIntegerField(default=0)),
                ('changed', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('is_closed', models.BooleanField(default=False, help_text='Its owner closed the message about it.')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bulk_jobs', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='BulkChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('keys', models.JSONField()),
                ('added', models.JSONField(blank=True, default=dict)),
                ('is_done', models.BooleanField(default=False)),
                ('job', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chunks', to='edits.bulkjob')),
            ],
            options={
                'ordering': ['job', 'number'],
            },
        ),
        migrations.AddConstraint(
            model_name='bulkjob',
            constraint=models.CheckConstraint(condition=models.Q(('action__in', ['share', 'star', 'tag', 'trash', 'restore'])), name='bulk_job_action_known'),
        ),
        migrations.AddConstraint(
            model_name='bulkjob',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state__in', ('running', 'undoing'))), models.Q(('ended_at__isnull', False), ('state__in', ('done', 'canceled', 'undone'))), _connector='OR'), name='bulk_job_ends_once'),
        ),
        migrations.AddConstraint(
            model_name='bulkjob',
            constraint=models.CheckConstraint(condition=models.Q(('done__lte', models.F('total'))), name='bulk_job_within_total'),
        ),
        migrations.AddConstraint(
            model_name='bulkchunk',
            constraint=models.UniqueConstraint(fields=('job', 'number'), name='bulk_chunk_once'),
        ),
    ]
