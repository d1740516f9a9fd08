"""What edits that are deleted for good had spent, so that budgets go on counting it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('edits', '0007_api'),
    ]

    operations = [
        migrations.CreateModel(
            name='SpentDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(help_text="In the installation's time zone.")),
                ('edits', models.PositiveIntegerField(default=0)),
                ('calls', models.PositiveIntegerField(default=0, help_text='That were or may have been charged.')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spent_days', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['day'], name='spent_day_team')],
                'constraints': [models.UniqueConstraint(fields=('owner', 'day'), name='spent_day_once')],
            },
        ),
    ]
