"""Rewords help texts, which only the admin shows.  Changes no table."""

import django.db.models.deletion
import edits.time_zones
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Help texts."""

    dependencies = [
        ('edits', '0024_at_any_size'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apikey',
            name='can_edit',
            field=models.BooleanField(default=True, help_text='May create, re-run and cancel edits.'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='can_read',
            field=models.BooleanField(default=True, help_text='May list and read edits.'),
        ),
        migrations.AlterField(
            model_name='apikey',
            name='hint',
            field=models.CharField(help_text='The first characters of the key, to identify it.', max_length=16),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='answer_bytes',
            field=models.PositiveIntegerField(blank=True, help_text='Bytes of the response body that were read.', null=True),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='detail',
            field=models.TextField(blank=True, help_text='For the operator: at most 2 kB, without keys or pictures.'),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='fault',
            field=models.CharField(blank=True, choices=[('storage', 'Not sent: our storage'), ('not_sent', 'Not reached'), ('busy', 'Busy'), ('gateway', 'A gateway gave up'), ('no_answer', 'No answer'), ('unusable', 'Unreadable'), ('rejected', 'Refused the edit'), ('account', 'Refused the account'), ('result_lost', 'Picture not fetched')], help_text='How the call failed; blank if it did not.', max_length=16),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='reported',
            field=models.JSONField(blank=True, db_default={}, default=dict, help_text='Changes that the provider reported.'),
        ),
        migrations.AlterField(
            model_name='batch',
            name='api_key',
            field=models.ForeignKey(blank=True, help_text='The API key that submitted it; blank: submitted in the browser.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='batches', to='edits.apikey'),
        ),
        migrations.AlterField(
            model_name='batch',
            name='paused_at',
            field=models.DateTimeField(blank=True, help_text='Paused since then: its queued edits are not sent.', null=True),
        ),
        migrations.AlterField(
            model_name='canaryrun',
            name='call_digest',
            field=models.CharField(blank=True, help_text='Hash of the request: only pictures of equal requests are compared.', max_length=8),
        ),
        migrations.AlterField(
            model_name='canaryrun',
            name='fault',
            field=models.CharField(blank=True, choices=[('storage', 'Not sent: our storage'), ('not_sent', 'Not reached'), ('busy', 'Busy'), ('gateway', 'A gateway gave up'), ('no_answer', 'No answer'), ('unusable', 'Unreadable'), ('rejected', 'Refused the edit'), ('account', 'Refused the account'), ('result_lost', 'Picture not fetched')], help_text='How the call failed; blank if it did not.', max_length=16),
        ),
        migrations.AlterField(
            model_name='canaryrun',
            name='model_changed',
            field=models.BooleanField(default=False, help_text='Results of the model differ from here on.'),
        ),
        migrations.AlterField(
            model_name='editrequest',
            name='api_key',
            field=models.ForeignKey(blank=True, help_text='The API key that submitted it; blank: submitted in the browser.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='edits', to='edits.apikey'),
        ),
        migrations.AlterField(
            model_name='editrequest',
            name='canceled_with_owner',
            field=models.BooleanField(db_default=False, default=False, help_text='It was queued when its owner was deactivated.'),
        ),
        migrations.AlterField(
            model_name='editrequest',
            name='first_attempt',
            field=models.PositiveSmallIntegerField(default=1, help_text='The first attempt since the owner last queued it: faults are counted from there.'),
        ),
        migrations.AlterField(
            model_name='editrequest',
            name='message',
            field=models.CharField(blank=True, help_text="The provider's message, if any.", max_length=300),
        ),
        migrations.AlterField(
            model_name='editrequest',
            name='paused_at',
            field=models.DateTimeField(blank=True, help_text='Paused since then: not sent while it is queued.', null=True),
        ),
        migrations.AlterField(
            model_name='editrequest',
            name='seed',
            field=models.BigIntegerField(blank=True, help_text='Chosen at random if the member left it open; blank: the model takes none.', null=True),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='note',
            field=models.CharField(blank=True, help_text='The person it is for.', max_length=100),
        ),
        migrations.AlterField(
            model_name='provider',
            name='from_settings',
            field=models.BooleanField(db_default=False, default=False, help_text='Configured by STEPFUN_* in the environment.'),
        ),
        migrations.AlterField(
            model_name='provider',
            name='opened_at',
            field=models.DateTimeField(blank=True, help_text='When a successful call last ended a hold.', null=True),
        ),
        migrations.AlterField(
            model_name='provider',
            name='preset',
            field=models.CharField(db_default='stepfun', help_text='The kind of server.', max_length=32),
        ),
        migrations.AlterField(
            model_name='provider',
            name='slug',
            field=models.SlugField(db_default='stepfun', help_text="Identifies it in URLs and in the API's provider/model.", max_length=60, unique=True),
        ),
        migrations.AlterField(
            model_name='provider',
            name='stopped_since',
            field=models.DateTimeField(blank=True, help_text='Paused by an administrator since then.', null=True),
        ),
        migrations.AlterField(
            model_name='provider',
            name='test_until',
            field=models.DateTimeField(blank=True, help_text='Until then that test may still be running at the provider.', null=True),
        ),
        migrations.AlterField(
            model_name='provider',
            name='verified_at',
            field=models.DateTimeField(blank=True, help_text='The last successful call; before the first, at most two calls run at once.', null=True),
        ),
        migrations.AlterField(
            model_name='provider',
            name='worker_seen_at',
            field=models.DateTimeField(blank=True, help_text='First row only: when a worker last reported.', null=True),
        ),
        migrations.AlterField(
            model_name='providermodel',
            name='canary_is_on',
            field=models.BooleanField(default=False, help_text='Runs a fixed small edit once a day.'),
        ),
        migrations.AlterField(
            model_name='providermodel',
            name='is_default',
            field=models.BooleanField(default=False, help_text='Used if no model is chosen.'),
        ),
        migrations.AlterField(
            model_name='providermodel',
            name='label',
            field=models.CharField(blank=True, help_text='Shown to members instead of the id.', max_length=60),
        ),
        migrations.AlterField(
            model_name='returnedimage',
            name='render_again_at',
            field=models.DateTimeField(blank=True, help_text='Missing renditions are not attempted before then.', null=True),
        ),
        migrations.AlterField(
            model_name='returnedimage',
            name='render_tries',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Attempts to make its missing renditions.'),
        ),
        migrations.AlterField(
            model_name='returnedimage',
            name='similarity',
            field=models.FloatField(blank=True, help_text='Similarity to the edit it repeats, 0 to 1.', null=True),
        ),
        migrations.AlterField(
            model_name='reviewcase',
            name='author',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, help_text="The edit's owner, who gets decisions and questions.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AlterField(
            model_name='reviewcase',
            name='question',
            field=models.CharField(blank=True, help_text="The reviewer's question to the author.", max_length=500),
        ),
        migrations.AlterField(
            model_name='spentday',
            name='calls',
            field=models.PositiveIntegerField(default=0, help_text='Calls that were or may have been charged.'),
        ),
        migrations.AlterField(
            model_name='stagedupload',
            name='api_key',
            field=models.ForeignKey(blank=True, help_text='The API key that uploaded it; blank: uploaded in the browser.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='staged_uploads', to='edits.apikey'),
        ),
        migrations.AlterField(
            model_name='stagedupload',
            name='notes',
            field=models.JSONField(blank=True, default=list, help_text='Changes made to the upload, as the card lists them.'),
        ),
        migrations.AlterField(
            model_name='stagedupload',
            name='width_px',
            field=models.PositiveIntegerField(help_text='Of the uploaded picture, upright.'),
        ),
        migrations.AlterField(
            model_name='user',
            name='cost_per_day',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='Overrides the limit that applies to everyone.', max_digits=10, null=True),
        ),
        migrations.AlterField(
            model_name='user',
            name='cost_per_month',
            field=models.DecimalField(blank=True, decimal_places=2, help_text='Overrides the limit that applies to everyone.', max_digits=10, null=True),
        ),
        migrations.AlterField(
            model_name='user',
            name='edits_per_day',
            field=models.PositiveIntegerField(blank=True, help_text='Overrides the limit that applies to everyone.', null=True),
        ),
        migrations.AlterField(
            model_name='user',
            name='edits_per_month',
            field=models.PositiveIntegerField(blank=True, help_text='Overrides the limit that applies to everyone.', null=True),
        ),
        migrations.AlterField(
            model_name='user',
            name='language',
            field=models.CharField(blank=True, db_default='', default='', help_text="Language of pages and email; blank: the browser's.", max_length=16),
        ),
        migrations.AlterField(
            model_name='user',
            name='link_stamp',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text='Raised to revoke password links: older links are invalid.'),
        ),
        migrations.AlterField(
            model_name='user',
            name='session_stamp',
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text='Raised to sign the person out everywhere: older sessions are invalid.'),
        ),
        migrations.AlterField(
            model_name='user',
            name='time_zone',
            field=models.CharField(blank=True, db_default='', default='', help_text="Time zone for displayed times; blank: the server's.", max_length=64, validators=[edits.time_zones.check_name]),
        ),
        migrations.AlterField(
            model_name='user',
            name='time_zone_is_chosen',
            field=models.BooleanField(db_default=False, default=False, help_text="Chosen in the settings; otherwise the browser's is taken, once."),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='api_key',
            field=models.ForeignKey(blank=True, help_text='Sends events only for edits made with this key.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='edits.apikey'),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='failing_since',
            field=models.DateTimeField(blank=True, help_text='The first failed delivery since the last successful one.', null=True),
        ),
        migrations.AlterField(
            model_name='webhook',
            name='secret',
            field=models.CharField(help_text='Signs each POST; its owner verifies them with it.', max_length=64),
        ),
        migrations.AlterField(
            model_name='webhookdelivery',
            name='problem',
            field=models.CharField(blank=True, help_text='The last problem, as a sentence.', max_length=200),
        ),
    ]
