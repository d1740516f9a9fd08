"""System checks: settings that work until the day they lose an edit, leak a key or cost money.

``manage.py check --deploy --database default`` runs all; a worker runs those that are not about deployment once after
its start and logs what they find.  They read settings, look at folders and, where a database is named, read the rows
of providers; none connects to anything else.

Errors (retake.E…) must be fixed, warnings (retake.W…) may be intended.
"""

import logging

from django.core.checks import Tags, register, run_checks
from django.db import DEFAULT_DB_ALIAS

from edits.checks import files, machines, provider, provider_rows, webhooks

TAG = "retake"

log = logging.getLogger(__name__)

ALWAYS = (
    provider.there_is_a_key,
    provider.the_key_travels_encrypted,
    provider.a_stop_waits_for_the_longest_call,
    provider.threads_suffice_for_the_account,
    files.static_files_hold_nothing_private,
    files.uploads_can_be_taken_in,
    files.the_disk_has_room,
    machines.messages_outlive_their_process,
    machines.sqlite_waits_for_its_turn,
    machines.sqlite_stays_on_one_machine,
    machines.throttles_count_for_all_processes,
    machines.times_are_in_utc,
    machines.proxies_are_counted,
)
OF_ROWS = (
    provider_rows.there_are_keys,
    provider_rows.keys_can_be_read,
    provider_rows.keys_travel_encrypted,
    provider_rows.a_stop_waits_for_each_call,
    provider_rows.threads_suffice_for_all_providers,
)
DEPLOYMENT = (
    provider.results_come_from_the_open_internet,
    webhooks.webhooks_go_to_the_open_internet,
    files.no_secret_is_in_the_repository,
    machines.debug_is_off,
)
DEPLOYMENT_OF_ROWS = (provider_rows.results_come_from_expected_networks,)


def register_all() -> None:
    """For ``AppConfig.ready``."""
    for check in ALWAYS:
        register(check, TAG)
    for check in OF_ROWS:
        register(check, TAG, Tags.database)
    for check in DEPLOYMENT:
        register(check, TAG, deploy=True)
    for check in DEPLOYMENT_OF_ROWS:
        register(check, TAG, Tags.database, deploy=True)


def log_findings() -> None:
    """One line for each setting that is wrong here; those about deployment are left to ``check --deploy``."""
    for message in run_checks(tags=[TAG], databases=[DEFAULT_DB_ALIAS]):
        if not message.is_silenced():
            log.log(message.level, "%s: %s %s", message.id, message.msg, message.hint)
