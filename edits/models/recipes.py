"""Recipes, the versions of their steps, their runs on pictures, and the edits that these made."""

import uuid
from typing import Any, Self

from django.db import models
from django.db.models import Q

from edits.models.api_keys import ApiKey
from edits.models.edit_requests import EditRequest
from edits.models.people import User

MOST_RECIPE_STEPS = 8
MOST_RUN_PICTURES = 200
MOST_NAME_CHARS = 80


class RecipeQuerySet(models.QuerySet["Recipe"]):
    """Recipes by owner and by who may use them."""

    def of(self, user: User) -> Self:
        """The user's own, also deleted ones."""
        return self.filter(owner=user)

    def visible_to(self, user: User) -> Self:
        """Those that this person may look at and run: their own, and those that are shared with the team."""
        return self.filter(Q(owner=user) | Q(shared_at__isnull=False), deleted_at__isnull=True)


class Recipe(models.Model):
    """A chain of edits with a name.  Its steps are those of its newest version."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recipes")
    name = models.CharField(max_length=MOST_NAME_CHARS)
    created_at = models.DateTimeField()
    shared_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(
        null=True, blank=True, help_text="Deleted then; its owner can restore it for a while."
    )

    objects = RecipeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="recipe_has_name", condition=~Q(name=""))]
        indexes = [
            models.Index(name="recipe_shared", fields=["-shared_at"], condition=Q(shared_at__isnull=False))
        ]

    def __str__(self) -> str:
        return self.name


class RecipeVersion(models.Model):
    """The steps of a recipe as they were saved once; they never change.

    ``steps`` is a list of objects as ``services/recipes/steps.py`` reads them.
    """

    recipe = models.ForeignKey(Recipe, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField(help_text="Counts from 1.")
    steps: Any = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["recipe", "-number"]
        constraints = [models.UniqueConstraint(name="recipe_version_once", fields=["recipe", "number"])]

    def __str__(self) -> str:
        return f"Version {self.number} of recipe {self.recipe_id}"


class RecipeRunQuerySet(models.QuerySet["RecipeRun"]):
    """Runs by owner."""

    def of(self, user: User) -> Self:
        """The user's own; nobody else sees a run, only those of its edits that are shared."""
        return self.filter(owner=user)


class RecipeRun(models.Model):
    """The steps of a recipe, applied to one or many pictures.

    ``steps`` are those that run, each with its model, whatever becomes of the version they were taken from; without
    a version they were never saved.  Its edits are ordinary ones; see ``RunStep``.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="recipe_runs")
    version = models.ForeignKey(
        RecipeVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="runs"
    )
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="recipe_runs",
        help_text="The API key that started it; blank: started in the browser.",
    )  # fmt: skip
    submission_key = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=MOST_NAME_CHARS, blank=True, help_text="Of the recipe at its start.")
    steps: Any = models.JSONField()
    pictures = models.PositiveSmallIntegerField(help_text="How many it was started with.")
    created_at = models.DateTimeField()
    canceled_at = models.DateTimeField(null=True, blank=True)

    objects = RecipeRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="recipe_run_one_per_submission", fields=["owner", "submission_key"])
        ]

    def __str__(self) -> str:
        return f"Recipe run {self.public_id}"


class StepState(models.TextChoices):
    """How far a step of a picture is; ``services/recipes/advancing.py`` draws the moves."""

    OPEN = "open"
    PASSED = "passed"
    STOPPED = "stopped"


class StopReason(models.TextChoices):
    """Why the chain of a picture goes no further."""

    FILTERED = "filtered"
    FAILED = "failed"
    CANCELED = "canceled"
    TRASHED = "trashed"
    GONE = "gone"
    MODEL_GONE = "model_gone"
    LIMITS = "limits"
    UNFIT = "unfit"
    RESTORED = "restored"


class WaitReason(models.TextChoices):
    """Why the next step is not submitted yet although its picture is there."""

    BUDGET = "budget"
    STORAGE = "storage"


class RunStepQuerySet(models.QuerySet["RunStep"]):
    """Steps by state."""

    def open(self) -> Self:
        """Those that wait for their edit, or for room for the next step."""
        return self.filter(state=StepState.OPEN, run__canceled_at__isnull=True)


class RunStep(models.Model):
    """One step for one picture of a run, with the edit that it is: once, as the constraint says.

    The row is written in the transaction that submits the edit.
    """

    run = models.ForeignKey(RecipeRun, on_delete=models.CASCADE, related_name="rows")
    picture = models.PositiveSmallIntegerField(help_text="Counts from 1.")
    step = models.PositiveSmallIntegerField(help_text="Counts from 1.")
    edit = models.ForeignKey(
        EditRequest, on_delete=models.SET_NULL, null=True, blank=True, related_name="run_steps"
    )
    tries = models.PositiveSmallIntegerField(default=1, help_text="How many edits this step has had.")
    state = models.CharField(max_length=8, choices=StepState, default=StepState.OPEN)
    stopped_by = models.CharField(max_length=12, choices=StopReason, blank=True)
    waits_for = models.CharField(max_length=8, choices=WaitReason, blank=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="When the next step is tried again.")

    objects = RunStepQuerySet.as_manager()

    class Meta:
        ordering = ["run", "picture", "step"]
        constraints = [
            models.UniqueConstraint(name="run_step_once", fields=["run", "picture", "step"]),
            models.CheckConstraint(name="run_step_state_known", condition=Q(state__in=StepState.values)),
            models.CheckConstraint(
                name="run_step_stopped_has_reason",
                condition=Q(state=StepState.STOPPED, stopped_by__in=StopReason.values)
                | (~Q(state=StepState.STOPPED) & Q(stopped_by="")),
            ),
            models.CheckConstraint(
                name="run_step_waits_while_open",
                condition=Q(waits_for="", not_before__isnull=True)
                | Q(state=StepState.OPEN, waits_for__in=WaitReason.values, not_before__isnull=False),
            ),
        ]
        indexes = [models.Index(name="run_step_open", fields=["id"], condition=Q(state="open"))]

    def __str__(self) -> str:
        return f"Step {self.step} of picture {self.picture}"
