"""Providers: accounts with editing services, each with its own URL, key, limits and state.

The first row, ``from_settings``, is the provider that the STEPFUN_* settings describe: StepFun, or the practice
engine without a key.  Its URL, key, limits and default model are read from the settings each time, not stored.
"""

from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q

STEPFUN, PRACTICE = "stepfun", "practice"
FIRST = 1
"""The primary key of the row that the settings describe."""


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Providers that are in use."""

    def current(self) -> Self:
        """All that were not removed, in the administrators' order."""
        return self.filter(removed_at__isnull=True).order_by("position", "pk")


class Provider(models.Model):
    """One account with one service.  Workers lock all rows to claim an edit.

    A 429 pauses it, an account fault holds it until a probe succeeds, and an administrator can stop and resume
    it.
    """

    name = models.CharField(max_length=60, blank=True, db_default="")
    slug = models.SlugField(
        max_length=60,
        unique=True,
        db_default=STEPFUN,
        help_text="Identifies it in URLs and in the API's provider/model.",
    )
    preset = models.CharField(max_length=32, db_default=STEPFUN, help_text="The kind of server.")
    from_settings = models.BooleanField(
        default=False, db_default=False, help_text="Configured by STEPFUN_* in the environment."
    )
    stored_url = models.CharField(max_length=500, blank=True, db_default="", help_text="Ends in /v1.")
    encrypted_key = models.TextField(blank=True, db_default="")
    key_variable = models.CharField(
        max_length=100, blank=True, db_default="", help_text="The environment variable that holds the key."
    )
    stored_timeout_seconds = models.PositiveIntegerField(default=180, db_default=180)
    stored_max_concurrent = models.PositiveIntegerField(default=2, db_default=2)
    stored_max_per_minute = models.PositiveIntegerField(default=60, db_default=60)
    stored_result_hosts = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="Hosts that result links may lead to, as host:port.",
    )
    is_private = models.BooleanField(
        default=False, db_default=False, help_text="Its address may be on a private network."
    )
    position = models.PositiveIntegerField(default=0, db_default=0)
    added_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    paused_since = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    held_since = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(
        null=True, blank=True, help_text="When a successful call last ended a hold."
    )
    held_reason = models.CharField(max_length=300, blank=True, help_text="For administrators.")
    stopped_since = models.DateTimeField(
        null=True, blank=True, help_text="Paused by an administrator since then."
    )
    stopped_by = models.CharField(max_length=150, blank=True, db_default="")
    verified_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="The last successful call; before the first, at most two calls run at once.",
    )
    probe_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(
        null=True, blank=True, help_text="When an administrator last tested the connection."
    )
    test_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then that test may still be running at the provider."
    )
    worker_seen_at = models.DateTimeField(
        null=True, blank=True, help_text="First row only: when a worker last reported."
    )

    objects = ProviderQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="provider_one_from_settings", fields=["from_settings"], condition=Q(from_settings=True)
            ),
            models.UniqueConstraint(
                name="provider_name_once",
                fields=["name"],
                condition=Q(removed_at__isnull=True, from_settings=False),
            ),
            models.CheckConstraint(
                name="provider_has_url", condition=Q(from_settings=True) | ~Q(stored_url="")
            ),
            models.CheckConstraint(
                name="provider_limits_positive",
                condition=Q(
                    stored_timeout_seconds__gte=1,
                    stored_max_concurrent__gte=1,
                    stored_max_per_minute__gte=1,
                ),
            ),
            models.CheckConstraint(
                name="provider_held_has_reason",
                condition=Q(held_since__isnull=True, held_reason="")
                | (Q(held_since__isnull=False) & ~Q(held_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_practice(self) -> bool:
        """Whether it is the practice engine rather than an AI."""
        return bool(self.from_settings and settings.PRACTICE_ENGINE)

    @property
    def title(self) -> str:
        """The name shown to people."""
        if self.from_settings:
            return "Practice engine" if settings.PRACTICE_ENGINE else "StepFun"
        return self.name

    @property
    def kind(self) -> str:
        """The key of its preset."""
        return PRACTICE if self.is_practice else self.preset

    @property
    def base_url(self) -> str:
        """The URL of the API; ends in /v1, without a trailing slash."""
        return str(settings.STEPFUN_BASE_URL if self.from_settings else self.stored_url)

    @property
    def host(self) -> str:
        """Host and port of the URL, without credentials."""
        address = urlsplit(self.base_url)
        port = f":{address.port}" if address.port else ""
        return f"{address.hostname or ''}{port}"

    @property
    def timeout_seconds(self) -> int:
        """The timeout of one whole call."""
        return int(settings.STEPFUN_TIMEOUT_SECONDS if self.from_settings else self.stored_timeout_seconds)

    @property
    def max_concurrent(self) -> int:
        """The most calls at once, over all workers."""
        return int(settings.STEPFUN_MAX_CONCURRENT if self.from_settings else self.stored_max_concurrent)

    @property
    def max_per_minute(self) -> int:
        """The most calls begun within a minute, over all workers."""
        return int(settings.STEPFUN_MAX_PER_MINUTE if self.from_settings else self.stored_max_per_minute)

    @property
    def result_hosts(self) -> tuple[str, ...]:
        """Hosts that result links may lead to although they are not on the public internet."""
        return tuple(settings.STEPFUN_RESULT_HOSTS if self.from_settings else self.stored_result_hosts)

    @property
    def has_key(self) -> bool:
        """Whether there is a key; does not decrypt it."""
        if self.from_settings:
            return bool(settings.STEPFUN_API_KEY)
        return bool(self.encrypted_key or self.key_variable)

    def tests_in_flight(self, now: datetime) -> int:
        """The number of an administrator's test calls in flight: 0 or 1."""
        return int(self.test_until is not None and self.test_until > now)

    def tests_in_last_minute(self, now: datetime) -> int:
        """The number of test calls begun within the last 60 seconds, 0 or 1: the next one has to wait that long."""
        return int(self.tested_at is not None and self.tested_at > now - timedelta(minutes=1))
