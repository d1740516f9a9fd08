"""A table for votes on contact sheets; nothing that exists is touched."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds the table."""

    dependencies = [
        ('edits', '0031_presets'),
    ]

    operations = [
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sheet', models.CharField(help_text='b-… for a batch, s-… for selected edits.', max_length=34)),
                ('created_at', models.DateTimeField()),
                ('edit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='edits.editrequest')),
                ('voter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('sheet', 'voter'), name='vote_once_per_sheet'), models.CheckConstraint(condition=models.Q(('sheet', ''), _negated=True), name='vote_names_sheet')],
            },
        ),
    ]
