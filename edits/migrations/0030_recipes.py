"""Tables of recipes, their versions, runs and steps; nothing that exists is touched."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the four tables."""

    dependencies = [
        ('edits', '0029_bulk_jobs'),
    ]

    operations = [
        migrations.CreateModel(
            name='Recipe',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('created_at', models.DateTimeField()),
                ('shared_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, help_text='Deleted then; its owner can restore it for a while.', null=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recipes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RecipeVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='Counts from 1.')),
                ('steps', models.JSONField()),
                ('created_at', models.DateTimeField()),
                ('recipe', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='edits.recipe')),
            ],
            options={
                'ordering': ['recipe', '-number'],
            },
        ),
        migrations.CreateModel(
            name='RecipeRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('submission_key', models.UUIDField(default=uuid.uuid4, editable=False)),
                ('name', models.CharField(blank=True, help_text='Of the recipe at its start.', max_length=80)),
                ('steps', models.JSONField()),
                ('pictures', models.PositiveSmallIntegerField(help_text='How many it was started with.')),
                ('created_at', models.DateTimeField()),
                ('canceled_at', models.DateTimeField(blank=True, null=True)),
                ('api_key', models.ForeignKey(blank=True, help_text='The API key that started it; blank: started in the browser.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='recipe_runs', to='edits.apikey')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recipe_runs', to=settings.AUTH_USER_MODEL)),
                ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='runs', to='edits.recipeversion')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='RunStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('picture', models.PositiveSmallIntegerField(help_text='Counts from 1.')),
                ('step', models.PositiveSmallIntegerField(help_text='Counts from 1.')),
                ('tries', models.PositiveSmallIntegerField(default=1, help_text='How many edits this step has had.')),
                ('state', models.CharField(choices=[('open', 'Open'), ('passed', 'Passed'), ('stopped', 'Stopped')], default='open', max_length=8)),
                ('stopped_by', models.CharField(blank=True, choices=[('filtered', 'Filtered'), ('failed', 'Failed'), ('canceled', 'Canceled'), ('trashed', 'Trashed'), ('gone', 'Gone'), ('model_gone', 'Model Gone'), ('limits', 'Limits'), ('unfit', 'Unfit'), ('restored', 'Restored')], max_length=12)),
                ('waits_for', models.CharField(blank=True, choices=[('budget', 'Budget'), ('storage', 'Storage')], max_length=8)),
                ('not_before', models.DateTimeField(blank=True, help_text='When the next step is tried again.', null=True)),
                ('edit', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='run_steps', to='edits.editrequest')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='edits.reciperun')),
            ],
            options={
                'ordering': ['run', 'picture', 'step'],
            },
        ),
        migrations.AddIndex(
            model_name='recipe',
            index=models.Index(condition=models.Q(('shared_at__isnull', False)), fields=['-shared_at'], name='recipe_shared'),
        ),
        migrations.AddConstraint(
            model_name='recipe',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='recipe_has_name'),
        ),
        migrations.AddConstraint(
            model_name='recipeversion',
            constraint=models.UniqueConstraint(fields=('recipe', 'number'), name='recipe_version_once'),
        ),
        migrations.AddConstraint(
            model_name='reciperun',
            constraint=models.UniqueConstraint(fields=('owner', 'submission_key'), name='recipe_run_one_per_submission'),
        ),
        migrations.AddIndex(
            model_name='runstep',
            index=models.Index(condition=models.Q(('state', 'open')), fields=['id'], name='run_step_open'),
        ),
        migrations.AddConstraint(
            model_name='runstep',
            constraint=models.UniqueConstraint(fields=('run', 'picture', 'step'), name='run_step_once'),
        ),
        migrations.AddConstraint(
            model_name='runstep',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'passed', 'stopped'])), name='run_step_state_known'),
        ),
        migrations.AddConstraint(
            model_name='runstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'stopped'), ('stopped_by__in', ['filtered', 'failed', 'canceled', 'trashed', 'gone', 'model_gone', 'limits', 'unfit', 'restored'])), models.Q(models.Q(('state', 'stopped'), _negated=True), ('stopped_by', '')), _connector='OR'), name='run_step_stopped_has_reason'),
        ),
        migrations.AddConstraint(
            model_name='runstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('not_before__isnull', True), ('waits_for', '')), models.Q(('not_before__isnull', False), ('state', 'open'), ('waits_for__in', ['budget', 'storage'])), _connector='OR'), name='run_step_waits_while_open'),
        ),
    ]
