"""System checks: settings that work until the day they lose an edit, leak a key or cost money.

``manage.py check --deploy`` runs all; a worker runs those that are not about deployment once after its start and
logs what they find.  They read settings and look at folders; none connects to anything.

Errors (retake.E…) must not go on, warnings (retake.W…) may be meant.
"""

import logging

from django.core.checks import register, run_checks

from edits.checks import files, machines, provider, webhooks

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
DEPLOYMENT = (
    provider.results_come_from_the_open_internet,
    webhooks.webhooks_go_to_the_open_internet,
    files.no_secret_is_in_the_repository,
    machines.debug_is_off,
)


def register_all() -> None:
    """For ``AppConfig.ready``."""
    for check in ALWAYS:
        register(check, TAG)
    for check in DEPLOYMENT:
        register(check, TAG, deploy=True)


def log_findings() -> None:
    """One line for each thing that is set wrong here; what is about deployment is left to ``check --deploy``."""
    for message in run_checks(tags=[TAG]):
        if not message.is_silenced():
            log.log(message.level, "%s: %s %s", message.id, message.msg, message.hint)
