"""People: accounts with their roles, invitations and the audit log."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from edits import languages
from edits.folding import fold
from edits.models.folded import FoldedField
from edits.models.usernames import UsernameCharacters, validate_one_script
from edits.time_zones import MOST_CHARS, check_name, zone_of


class Role(models.TextChoices):
    """What a person may do besides working with their own edits."""

    MEMBER = "member", _("Member")
    REVIEWER = "reviewer", _("Reviewer")
    ADMINISTRATOR = "administrator", _("Administrator")


REVIEWING = (Role.REVIEWER, Role.ADMINISTRATOR)


def rights(role: str) -> dict[str, Any]:
    """The columns that encode a role; they must always be set together."""
    return {
        "role": role,
        "is_staff": role != Role.MEMBER,
        "is_superuser": role == Role.ADMINISTRATOR,
    }


class PeopleManager(UserManager["User"]):
    """Creates users; ``createsuperuser`` creates an administrator."""

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> "User":
        extra["role"] = Role.ADMINISTRATOR
        return super().create_superuser(username, email, password, **extra)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this username, in whatever case and accents; an exact match first.

        ``createsuperuser`` also calls this to check whether the name is free.  Raises User.DoesNotExist.
        """
        alike = self.filter(username_folded=fold(username or "")).order_by("is_namesake", "pk")
        found = self.filter(username=username).first() or alike.first()
        if found is None:
            raise self.model.DoesNotExist(f"There is nobody with the username {username}.")
        return found

    def active_reviewers(self) -> "models.QuerySet[User]":
        """All users who may decide review cases."""
        return self.filter(is_active=True, role__in=REVIEWING)


class User(AbstractUser):
    """A member of the team.  ``role`` decides; ``is_staff`` and ``is_superuser`` follow it for the admin."""

    username = models.CharField(
        max_length=150,
        unique=True,
        help_text="Letters, digits and . + - _",
        validators=[UsernameCharacters(), validate_one_script],
        error_messages={"unique": _("This username is already taken.")},
    )
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    is_founder = models.BooleanField(default=False, help_text="Made by the first-run setup.")
    username_folded = FoldedField(of="username")
    first_name_folded = FoldedField(of="first_name")
    last_name_folded = FoldedField(of="last_name")
    is_namesake = models.BooleanField(
        default=False,
        db_default=False,
        help_text="An account of an earlier version: its username equals another one's but for case or accents.",
    )
    session_stamp = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Raised to sign the person out everywhere: older sessions are invalid.",
    )
    link_stamp = models.PositiveIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="Raised to revoke password links: older links are invalid.",
    )
    shortcuts = models.BooleanField("single-letter shortcuts", default=True)
    time_zone = models.CharField(
        max_length=MOST_CHARS,
        blank=True,
        default="",
        db_default="",
        validators=[check_name],
        help_text="Time zone for displayed times; blank: the server's.",
    )
    time_zone_is_chosen = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Chosen in the settings; otherwise the browser's is taken, once.",
    )
    language = models.CharField(
        max_length=languages.MOST_CHARS,
        blank=True,
        default="",
        db_default="",
        help_text="Language of pages and email; blank: the browser's.",
    )
    recipe_in_files = models.BooleanField(
        default=True, db_default=True, help_text="Downloads say how the picture was made."
    )
    recipe_in_links = models.BooleanField(
        default=False, db_default=False, help_text="Pictures served through links say so too."
    )
    edits_per_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="Overrides the limit that applies to everyone."
    )
    edits_per_month = models.PositiveIntegerField(
        null=True, blank=True, help_text="Overrides the limit that applies to everyone."
    )

    cost_per_day = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Overrides the limit that applies to everyone.",
    )
    cost_per_month = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="Overrides the limit that applies to everyone.",
    )

    objects: ClassVar[PeopleManager] = PeopleManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.CheckConstraint(
                name="user_administrator_is_superuser",
                condition=Q(role=Role.ADMINISTRATOR, is_superuser=True, is_staff=True)
                | (~Q(role=Role.ADMINISTRATOR) & Q(is_superuser=False)),
            ),
            models.CheckConstraint(name="user_role_known", condition=Q(role__in=Role.values)),
            models.UniqueConstraint(
                name="user_one_username", fields=["username_folded"], condition=Q(is_namesake=False)
            ),
            # Of two concurrent first-run setups, the database accepts only one.
            models.UniqueConstraint(
                name="user_one_founder", fields=["is_founder"], condition=Q(is_founder=True)
            ),
            models.CheckConstraint(
                name="user_edits_per_day_positive",
                condition=Q(edits_per_day__isnull=True) | Q(edits_per_day__gte=1),
            ),
            models.CheckConstraint(
                name="user_edits_per_month_positive",
                condition=Q(edits_per_month__isnull=True) | Q(edits_per_month__gte=1),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name shown to others: the full name if there is one, otherwise the username."""
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        parts = self.name.split()
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else parts[0][1:2])).upper()

    def get_session_auth_hash(self) -> str:
        """The hash that ties a session to this user; it changes with the password and with ``session_stamp``."""
        return self._stamped(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same hashes for the former secret keys."""
        return (self._stamped(former) for former in super().get_session_auth_fallback_hash())

    def _stamped(self, session_hash: str) -> str:
        return f"{session_hash}.{self.session_stamp}" if self.session_stamp else session_hash

    @property
    def zone(self) -> tzinfo:
        """The time zone in which this person reads times.

        Never fails: the server's if this machine lacks the zone.
        """
        return zone_of(self.time_zone)

    @property
    def wants_time_zone(self) -> bool:
        """Whether to adopt the time zone of this person's browser."""
        return not (self.time_zone or self.time_zone_is_chosen)

    @property
    def is_reviewer(self) -> bool:
        """Whether they may see the review queue and decide cases."""
        return self.is_active and self.role in REVIEWING

    @property
    def is_administrator(self) -> bool:
        """Whether they may see everything (each view is audited) and manage people."""
        return self.is_active and self.role == Role.ADMINISTRATOR


class InvitationState(StrEnum):
    """Whether an invitation can be redeemed, and if not, why."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations by whether they can still be redeemed."""

    def open(self, now: datetime) -> Self:
        """Invitations that can still be redeemed."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


class Invitation(models.Model):
    """A link for creating one account: single use, expiring, revocable.  Only its hash is stored."""

    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    note = models.CharField(max_length=100, blank=True, help_text="The person it is for.")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations_made")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.OneToOneField(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="invitation"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="invitation_role_known", condition=Q(role__in=Role.values)),
            models.CheckConstraint(
                name="invitation_used_by_somebody",
                condition=Q(used_at__isnull=True, used_by__isnull=True)
                | Q(used_at__isnull=False, used_by__isnull=False),
            ),
            models.CheckConstraint(
                name="invitation_not_used_and_revoked",
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.note or f"Invitation {self.pk}"

    def state(self, now: datetime) -> InvitationState:
        """The state of the invitation at ``now``."""
        if self.used_at:
            return InvitationState.USED
        if self.revoked_at:
            return InvitationState.REVOKED
        return InvitationState.OPEN if self.expires_at > now else InvitationState.EXPIRED


class AuditEntry(models.Model):
    """One thing that a privileged person did or viewed.  Rows are only ever added.

    An entry without an actor is an action of Retake itself that administrators should know about.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="audited")
    action = models.CharField(max_length=40)
    subject = models.CharField(max_length=100, blank=True)
    detail = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor or 'Retake'} {self.action} {self.subject}"
