"""People: who they are and which role they hold."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q


class Role(models.TextChoices):
    """What a person may do besides working with their own edits."""

    MEMBER = "member", "Member"
    REVIEWER = "reviewer", "Reviewer"
    ADMINISTRATOR = "administrator", "Administrator"


def rights(role: str) -> dict[str, Any]:
    """The columns that say which role a person holds; they only ever move together."""
    return {
        "role": role,
        "is_staff": role != Role.MEMBER,
        "is_superuser": role == Role.ADMINISTRATOR,
    }


class PeopleManager(UserManager["User"]):
    """Makes people; ``createsuperuser`` makes an administrator."""

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra: Any
    ) -> "User":
        extra["role"] = Role.ADMINISTRATOR
        return super().create_superuser(username, email, password, **extra)


class User(AbstractUser):
    """A person of the team.  ``role`` says all; ``is_staff`` and ``is_superuser`` follow it for the admin."""

    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    is_founder = models.BooleanField(default=False, help_text="Made by the first-run setup.")
    shortcuts = models.BooleanField("single-letter shortcuts", default=True)
    edits_per_day = models.PositiveIntegerField(
        null=True, blank=True, help_text="In place of what is set for everybody."
    )
    edits_per_month = models.PositiveIntegerField(
        null=True, blank=True, help_text="In place of what is set for everybody."
    )

    cost_per_day = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="In place of what is set for everybody.",
    )
    cost_per_month = models.DecimalField(
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text="In place of what is set for everybody.",
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
            # Two first-run setups at once: the database lets one through.
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
        """What others see: the full name where there is one."""
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        parts = self.name.split()
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else parts[0][1:2])).upper()

    @property
    def is_reviewer(self) -> bool:
        """May see the review queue and decide."""
        return self.is_active and self.role in (Role.REVIEWER, Role.ADMINISTRATOR)

    @property
    def is_administrator(self) -> bool:
        """May see everything (each look is in the audit log) and manage people."""
        return self.is_active and self.role == Role.ADMINISTRATOR


class InvitationState(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Reads that are named for what they give."""

    def open(self, now: datetime) -> Self:
        """Those that still make an account."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


class Invitation(models.Model):
    """A link for making one account: single use, expiring, revocable.  Only its hash is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.MEMBER)
    note = models.CharField(max_length=100, blank=True, help_text="For whom it is.")
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
        """Where it stands at ``now``."""
        if self.used_at:
            return InvitationState.USED
        if self.revoked_at:
            return InvitationState.REVOKED
        return InvitationState.OPEN if self.expires_at > now else InvitationState.EXPIRED


class AuditEntry(models.Model):
    """One thing that somebody with more rights did or looked at.  Only ever added.

    Without an actor it is something that Retake itself did and that administrators should know of.
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
