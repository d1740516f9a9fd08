"""Keeps originals at their full size, and pictures into which answers were put back.

On SQLite two columns without a default are added in place: no table is copied.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds originals of edits and staged uploads, and merged pictures."""

    dependencies = [
        ('edits', '0025_help_texts'),
    ]

    operations = [
        migrations.AddField(
            model_name='editrequest',
            name='original',
            field=models.ForeignKey(blank=True, help_text='The source at its full size, where that is larger than what is sent.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='originals', to='edits.upload'),
        ),
        migrations.AddField(
            model_name='stagedupload',
            name='kept',
            field=models.ForeignKey(blank=True, help_text='The picture at its full size, without metadata, where that is larger than what is sent.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='kept_for', to='edits.upload'),
        ),
        migrations.CreateModel(
            name='MergedPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('region', 'Only here'), ('detail', 'Keep detail')], max_length=8)),
                ('region', models.JSONField(blank=True, null=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('ready', 'Ready'), ('refused', 'Not possible')], default='waiting', max_length=8)),
                ('refusal', models.CharField(blank=True, choices=[('changed', 'The model changed more than 60 percent of what it was sent, so nothing was put into the original.'), ('alignment', 'The model’s answer does not lie over the original, so nothing was put into the original.'), ('nothing', 'The model changed nothing that could be put into the original.'), ('shape', 'The picture was cropped or given a border before it was sent, so it does not lie over the original.'), ('original_gone', 'The original is no longer stored.'), ('unreadable', 'The original or the model’s answer could not be read.')], max_length=16)),
                ('file', models.FileField(blank=True, max_length=200, upload_to='')),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('width_px', models.PositiveIntegerField(blank=True, null=True)),
                ('height_px', models.PositiveIntegerField(blank=True, null=True)),
                ('size_bytes', models.PositiveIntegerField(blank=True, null=True)),
                ('thumb_320', models.FileField(blank=True, max_length=200, upload_to='')),
                ('thumb_1024', models.FileField(blank=True, max_length=200, upload_to='')),
                ('changed_share', models.FloatField(blank=True, help_text='Share of the original, 0 to 1.', null=True)),
                ('shift_px', models.FloatField(blank=True, help_text='How far the answer had moved.', null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('again_at', models.DateTimeField(blank=True, help_text='It is not tried before.', null=True)),
                ('created_at', models.DateTimeField()),
                ('edit', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='merged', to='edits.editrequest')),
                ('paint', models.ForeignKey(blank=True, help_text='The painted region, small, in the shape of the original: white where it may change.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paints', to='edits.upload')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['id'], name='merged_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['region', 'detail'])), name='merged_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'region'), ('region__isnull', False)), models.Q(('kind', 'detail'), ('paint__isnull', True), ('region__isnull', True)), _connector='OR'), name='merged_region_is_given'), models.CheckConstraint(condition=models.Q(models.Q(('size_bytes__gt', 0), ('state', 'ready'), models.Q(('file', ''), _negated=True)), models.Q(models.Q(('state', 'ready'), _negated=True), ('file', ''), ('thumb_1024', ''), ('thumb_320', '')), _connector='OR'), name='merged_ready_has_file'), models.CheckConstraint(condition=models.Q(models.Q(('refusal__in', ['changed', 'alignment', 'nothing', 'shape', 'original_gone', 'unreadable']), ('state', 'refused')), models.Q(('refusal', ''), ('state__in', ['waiting', 'ready'])), _connector='OR'), name='merged_refused_has_reason')],
            },
        ),
    ]
