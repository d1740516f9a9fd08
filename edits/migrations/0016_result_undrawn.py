from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('edits', '0015_accounts'),
    ]

    operations = [
        migrations.AddField(
            model_name='editrequest',
            name='is_awaited',
            field=models.BooleanField(blank=True, help_text='False: no program waits for its answer.', null=True),
        ),
        migrations.AddField(
            model_name='returnedimage',
            name='render_tries',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='How often it was begun to make renditions that are still missing.'),
        ),
        migrations.AddField(
            model_name='returnedimage',
            name='render_again_at',
            field=models.DateTimeField(blank=True, help_text='Missing renditions are not tried before.', null=True),
        ),
        migrations.AddIndex(
            model_name='returnedimage',
            index=models.Index(condition=models.Q(('thumb_320', ''), ('withheld', False)), fields=['id'], name='result_undrawn'),
        ),
    ]
