"""Providers: accounts with editing services, each with its own address, key, limits and state.

The first row, ``from_settings``, is the provider that STEPFUN_* describe: StepFun, or the practice engine where there
is no key.  Its address, key, limits and default model are read from the settings each time and not stored.
"""

from datetime import datetime, timedelta
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q

STEPFUN, PRACTICE = "stepfun", "practice"
FIRST = 1
"""The key of the row that the settings describe."""


class ProviderQuerySet(models.QuerySet["Provider"]):
    """Named reads."""

    def current(self) -> Self:
        """All but the removed ones, in the order of the administrators."""
        return self.filter(removed_at__isnull=True).order_by("position", "pk")


class Provider(models.Model):
    """One account with one service.  Workers lock all rows to claim.

    A 429 pauses it, an account fault holds it until a probe works, an administrator stops it until one resumes it.
    """

    name = models.CharField(max_length=60, blank=True, db_default="")
    slug = models.SlugField(
        max_length=60,
        unique=True,
        db_default=STEPFUN,
        help_text="Names it in URLs and in the API's provider/model.",
    )
    preset = models.CharField(max_length=32, db_default=STEPFUN, help_text="What kind of server it is.")
    from_settings = models.BooleanField(
        default=False, db_default=False, help_text="Described by STEPFUN_* in the environment."
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
    held_reason = models.CharField(max_length=300, blank=True, help_text="For administrators.")
    stopped_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when an administrator lets nothing be sent."
    )
    stopped_by = models.CharField(max_length=150, blank=True, db_default="")
    verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When a call last worked; until then calls go out two at a time."
    )
    probe_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(
        null=True, blank=True, help_text="When an administrator last tested the connection."
    )
    test_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then that test may be with the provider."
    )
    worker_seen_at = models.DateTimeField(
        null=True, blank=True, help_text="Of the first row: when a worker was last heard of."
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
        """It is the practice engine and no AI."""
        return bool(self.from_settings and settings.PRACTICE_ENGINE)

    @property
    def title(self) -> str:
        """Its name for people."""
        if self.from_settings:
            return "Practice engine" if settings.PRACTICE_ENGINE else "StepFun"
        return self.name

    @property
    def kind(self) -> str:
        """The key of its preset."""
        return PRACTICE if self.is_practice else self.preset

    @property
    def base_url(self) -> str:
        """Ends in /v1, without a slash."""
        return str(settings.STEPFUN_BASE_URL if self.from_settings else self.stored_url)

    @property
    def host(self) -> str:
        """Host and port of its address, without credentials."""
        address = urlsplit(self.base_url)
        port = f":{address.port}" if address.port else ""
        return f"{address.hostname or ''}{port}"

    @property
    def timeout_seconds(self) -> int:
        """For one call as a whole."""
        return int(settings.STEPFUN_TIMEOUT_SECONDS if self.from_settings else self.stored_timeout_seconds)

    @property
    def max_concurrent(self) -> int:
        """Calls at once, over all workers."""
        return int(settings.STEPFUN_MAX_CONCURRENT if self.from_settings else self.stored_max_concurrent)

    @property
    def max_per_minute(self) -> int:
        """Calls begun within a minute, over all workers."""
        return int(settings.STEPFUN_MAX_PER_MINUTE if self.from_settings else self.stored_max_per_minute)

    @property
    def result_hosts(self) -> tuple[str, ...]:
        """Hosts that result links may lead to though they are not on the open internet."""
        return tuple(settings.STEPFUN_RESULT_HOSTS if self.from_settings else self.stored_result_hosts)

    @property
    def has_key(self) -> bool:
        """Whether there is a key, without reading it."""
        if self.from_settings:
            return bool(settings.STEPFUN_API_KEY)
        return bool(self.encrypted_key or self.key_variable)

    def tests_in_flight(self, now: datetime) -> int:
        """Calls of an administrator's test that are under way: there is never more than one."""
        return int(self.test_until is not None and self.test_until > now)

    def tests_in_last_minute(self, now: datetime) -> int:
        """Such calls that began within the last 60 seconds: a second one has to wait that long."""
        return int(self.tested_at is not None and self.tested_at > now - timedelta(minutes=1))
