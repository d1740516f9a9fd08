"""System checks: settings that seem to work until they lose an edit, leak a key or cost money.

``manage.py check --deploy --database default`` runs all of them.  A worker runs those that are not about
deployment once after its start, and logs the findings.  They read settings, inspect folders and, if a database
is named, read the rows of providers; only the bucket check, which is about deployment, connects to anything
else.

Errors (retake.E…) must be fixed; warnings (retake.W…) may be intended.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.core.checks import CheckMessage, Tags, register, run_checks
from django.db import DEFAULT_DB_ALIAS
from django.utils.module_loading import import_string

TAG = "retake"

log = logging.getLogger(__name__)

AT_START = "retake-start"
"""The tag of checks that must pass before ``manage.py up`` starts."""

ALWAYS = (
    "provider.there_is_a_key",
    "provider.the_key_travels_encrypted",
    "provider.a_stop_waits_for_the_longest_call",
    "provider.threads_suffice_for_the_account",
    "files.static_files_hold_nothing_private",
    "data_folder.the_data_folder_is_private",
    "data_folder.the_data_folder_takes_files",
    "data_folder.the_data_folder_is_on_this_machine",
    "files.the_disk_has_room",
    "files.downloads_can_be_signed",
    "bucket.pictures_come_encrypted",
    "machines.messages_outlive_their_process",
    "machines.sqlite_waits_for_its_turn",
    "machines.sqlite_stays_on_one_machine",
    "machines.throttles_count_for_all_processes",
    "machines.times_are_in_utc",
    "machines.proxies_are_counted",
)
BEFORE_START = ("machines.links_have_an_address",)
OF_ROWS = (
    "provider_rows.there_are_keys",
    "provider_rows.keys_can_be_read",
    "provider_rows.specs_can_be_used",
    "provider_rows.keys_travel_encrypted",
    "provider_rows.a_stop_waits_for_each_call",
    "provider_rows.threads_suffice_for_all_providers",
)
DEPLOYMENT = (
    "provider.results_come_from_the_open_internet",
    "webhooks.webhooks_go_to_the_open_internet",
    "files.no_secret_is_in_the_repository",
    "data_folder.the_env_file_is_private",
    "machines.debug_is_off",
    "bucket.the_bucket_works",
)
DEPLOYMENT_OF_ROWS = ("provider_rows.results_come_from_expected_networks",)


def register_all() -> None:
    """Register all checks; called by ``AppConfig.ready``."""
    for name in ALWAYS:
        register(imported_when_run(name), TAG)
    for name in BEFORE_START:
        register(imported_when_run(name), TAG, AT_START)
    for name in OF_ROWS:
        register(imported_when_run(name), TAG, Tags.database)
    for name in DEPLOYMENT:
        register(imported_when_run(name), TAG, deploy=True)
    for name in DEPLOYMENT_OF_ROWS:
        register(imported_when_run(name), TAG, Tags.database, deploy=True)


def imported_when_run(name: str) -> Callable[..., list[CheckMessage]]:
    """The check with a name such as ``machines.debug_is_off``.

    What most checks need (HTTP, cryptography, S3) takes a twentieth of a second to import at each start.
    """

    def check(**given: Any) -> list[CheckMessage]:
        found: list[CheckMessage] = import_string(f"{__name__}.{name}")(**given)
        return found

    return check


def log_findings() -> None:
    """Log one line for each finding, except those about deployment, which ``check --deploy`` reports."""
    for message in run_checks(tags=[TAG], databases=[DEFAULT_DB_ALIAS]):
        if not message.is_silenced():
            log.log(message.level, "%s: %s %s", message.id, message.msg, message.hint)
