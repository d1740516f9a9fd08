"""Presets: prompts with a name, of one person or of the team, and the edits that were made with them.

Not to be confused with the presets of providers (``providers/presets.py``), which are what is known of servers.
"""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q

from edits.models.edit_requests import EditRequest
from edits.models.people import User
from edits.models.rates import Counted
from edits.models.statuses import Status

MOST_NAME_CHARS = 60
MOST_PROMPT_CHARS = 32_000
"""As many as any model takes."""


class PromptPresetQuerySet(models.QuerySet["PromptPreset"]):
    """Presets by who may use and who may change them."""

    def kept(self) -> Self:
        """Not deleted."""
        return self.filter(deleted_at__isnull=True)

    def of(self, user: User) -> Self:
        """The user's own, shared or not."""
        return self.filter(owner=user)

    def of_team(self) -> Self:
        """Those that the whole team may use."""
        return self.filter(shared_at__isnull=False)

    def usable_by(self, user: User) -> Self:
        """What this person may use.  For them, nothing else exists: respond 404, not 403."""
        return self.kept().filter(Q(owner=user) | Q(shared_at__isnull=False))

    def latest_first(self) -> Self:
        """As lists show them."""
        return self.order_by("-pk")


class PromptPreset(Counted):
    """A prompt with a name, with options and a model if its owner wants that.

    ``example`` is an edit of the owner that shows before and after, to those who may see that edit.  ``options``
    are the form's fields as text; ``model`` is a full id, blank for whatever model is chosen.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=MOST_NAME_CHARS)
    prompt = models.TextField()
    options: Any = models.JSONField(default=dict, blank=True)
    model = models.CharField(max_length=300, blank=True, help_text="The full id of a model, or blank.")
    example = models.ForeignKey(
        EditRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="The edit that shows before and after.",
    )  # fmt: skip
    created_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = PromptPresetQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="preset_has_name_and_prompt", condition=~Q(name="") & ~Q(prompt="")),
        ]
        indexes = [
            models.Index(name="preset_own", fields=["owner", "-id"], condition=Q(deleted_at__isnull=True)),
            models.Index(
                name="preset_team",
                fields=["-id"],
                condition=Q(deleted_at__isnull=True, shared_at__isnull=False),
            ),
            models.Index(name="preset_deleted", fields=["deleted_at"], condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def after_is_open_to(self, user: User) -> bool:
        """Whether ``user`` may see the example's result: its owner's, or shared, and done.  No administrator's right
        counts here: each of their looks at a private edit is written down.
        """
        edit = self.example
        if edit is None or edit.trashed_at or edit.status != Status.SUCCEEDED:
            return False
        return edit.owner_id == user.pk or edit.shared_at is not None

    def before_is_open_to(self, user: User) -> bool:
        """Whether ``user`` may see the example's source beside its result."""
        edit = self.example
        return self.after_is_open_to(user) and bool(
            edit and (edit.owner_id == user.pk or edit.source_is_shared)
        )


class PresetUse(models.Model):
    """An edit that was made with a preset: a table of its own, for few of very many edits have one."""

    edit = models.OneToOneField(
        EditRequest, on_delete=models.CASCADE, primary_key=True, related_name="preset_use"
    )
    preset = models.ForeignKey(PromptPreset, on_delete=models.CASCADE, related_name="uses", db_index=False)

    class Meta:
        indexes = [models.Index(name="preset_use_latest", fields=["preset", "-edit"])]

    def __str__(self) -> str:
        return f"Edit {self.edit_id} with preset {self.preset_id}"
