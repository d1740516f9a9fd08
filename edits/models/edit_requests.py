"""Edit requests: what was requested, by whom, and its status.  The row is also the job.

    QUEUED ──claim──▶ RUNNING ──────────────▶ SUCCEEDED
      ▲ │               │ │ │ └──▶ SAVING ──▶ ▲
      │ │               │ │ └──────── │ ────▶ FILTERED ──released by a reviewer──▶ SUCCEEDED
      │ └──cancel──▶ CANCELED ◀───────┤
      └──try again──────┘ └─────────▶ FAILED ──the owner tries again──▶ QUEUED

A status changes by ``UPDATE … WHERE status = expected``; a running edit holds a lease that its worker renews,
and ``fence`` grows with each claim, so that an answer to an earlier claim changes nothing.
SAVING means that a worker holds the paid answer, but could not write it to the database or the storage yet.
"""

import uuid
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When

from edits.edit_call import EditOptions
from edits.faults import Fault
from edits.model_specs import MAX_SEED, MOST_CFG_SCALE, MOST_STEPS
from edits.models.api_keys import ApiKey
from edits.models.budgets import exhausted_until, exhausted_until_for_priced
from edits.models.fault_field import FaultField
from edits.models.folded import FoldedField
from edits.models.people import User
from edits.models.provider import FIRST, Provider
from edits.models.provider_models import ProviderModel
from edits.models.statuses import ACTIVE, FINISHED, Reason, Status
from edits.models.uploads import Upload


def blank_or_within(name: str, least: float, most: float) -> Q:
    """A condition for a column that is blank or within an inclusive range."""
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (least, most)})


class EditRequestQuerySet(models.QuerySet["EditRequest"]):
    """Edits by owner, by who may see them, and by status."""

    def of(self, user: User) -> Self:
        """The user's own history."""
        return self.filter(owner=user)

    def not_trashed(self) -> Self:
        """Not in the trash."""
        return self.filter(trashed_at__isnull=True)

    def trashed(self) -> Self:
        """In the trash, from where their owner can restore them."""
        return self.filter(trashed_at__isnull=False)

    def shared(self) -> Self:
        """Edits that the whole team may see: shared by their owner, done, not in the trash."""
        return self.not_trashed().filter(shared_at__isnull=False, status=Status.SUCCEEDED)

    def visible_to(self, user: User) -> Self:
        """Edits that this person may open.  For them, nothing else exists: respond 404, not 403.

        Administrators may open all of them; callers must write an audit entry when they do.
        """
        if user.is_administrator:
            return self.all()
        return self.filter(
            Q(owner=user) | Q(shared_at__isnull=False, status=Status.SUCCEEDED, trashed_at__isnull=True)
        )

    def active(self) -> Self:
        """Waiting, running or being saved."""
        return self.filter(status__in=ACTIVE)

    def queued(self) -> Self:
        """Waiting for a worker."""
        return self.filter(status=Status.QUEUED)

    def running(self) -> Self:
        """Being edited by the provider now."""
        return self.filter(status=Status.RUNNING)

    def saving(self) -> Self:
        """Edited and charged, but not stored yet."""
        return self.filter(status=Status.SAVING)

    def due(self, now: datetime) -> Self:
        """Queued, and allowed to be sent now.  Nothing is sent for deactivated people."""
        its_time = Q(not_before__isnull=True) | Q(not_before__lte=now)
        return self.queued().filter(its_time, owner__is_active=True)

    def lease_lost(self, now: datetime) -> Self:
        """Running, but their worker did not renew the lease in time."""
        return self.running().filter(lease_until__lt=now)

    def awaiting_review(self) -> Self:
        """Stopped by the filter and waiting for a reviewer: undecided, without an open question to the author."""
        return self.not_trashed().filter(
            status=Status.FILTERED, review__decision="", review__question_open=False
        )

    def with_cards(self, viewer: User) -> Self:
        """All that a card shows, in one query, such as whether ``viewer`` starred the edit.

        ``busy_status`` is the HTTP status with which a busy provider refused the last call.
        """
        attempts: Any = self.model._meta.get_field("attempts").related_model
        last_status = attempts.objects.filter(edit=OuterRef("pk")).order_by("-number").values("status")[:1]
        priced = Exists(ProviderModel.objects.of_edit().filter(price__gt=0))
        return self.select_related("owner", "upload", "result", "review", "provider").annotate(
            is_starred=Exists(viewer.stars.filter(edit=OuterRef("pk"))),
            model_is_offered=Exists(ProviderModel.objects.of_edit()),
            budget_spent_until=Case(
                When(priced, then=exhausted_until_for_priced()), default=exhausted_until()
            ),
            busy_status=Case(When(last_fault__in=Fault.BUSY.spellings, then=Subquery(last_status))),
        )


class EditRequest(models.Model):
    """One request for an edit, and the job that carries it out."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="edits")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="edits")
    submission_key = models.UUIDField(default=uuid.uuid4, editable=False)
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="edits",
        help_text="With which key it was asked for; blank: on a page.",
    )  # fmt: skip
    is_awaited = models.BooleanField(
        null=True, blank=True, help_text="False: no program waits for its answer."
    )
    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children",
        help_text="The edit whose result is this one's source.",
    )  # fmt: skip
    rerun_of = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="reruns",
        help_text="The edit that this one repeats with the same seed.",
    )  # fmt: skip

    source_name = models.CharField(max_length=255, blank=True)
    source_width_px = models.PositiveIntegerField()
    source_height_px = models.PositiveIntegerField()
    mask = models.ForeignKey(
        Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="masks",
        help_text="A PNG of the source's size; what is transparent may be changed.",
    )  # fmt: skip
    prompt = models.TextField()
    prompt_folded = FoldedField(of="prompt")
    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="edits", db_default=Value(FIRST)
    )
    model = models.CharField(max_length=200, help_text="The id by which the provider knows it.")
    seed = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="Drawn by us where the member left it open; blank: the model takes none.",
    )
    seed_is_drawn = models.BooleanField(default=False)
    steps = models.PositiveSmallIntegerField(null=True, blank=True)
    cfg_scale = models.FloatField(null=True, blank=True)
    size = models.CharField(max_length=16, blank=True)
    extras = models.JSONField(
        default=dict, db_default={}, blank=True, help_text="Options that only some models have."
    )

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    reason = models.CharField(max_length=24, choices=Reason, blank=True)
    message = models.CharField(max_length=300, blank=True, help_text="The provider's own words, if any.")
    filtered_at_stage = models.CharField(
        max_length=8, blank=True, choices=[("request", "The request"), ("result", "The result")]
    )
    created_at = models.DateTimeField()
    attempts_made = models.PositiveSmallIntegerField(default=0)
    first_attempt = models.PositiveSmallIntegerField(
        default=1,
        help_text="Number of the first attempt since the owner last queued it: faults count from there.",
    )
    last_fault = FaultField()
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    canceled_with_owner = models.BooleanField(
        default=False, db_default=False, help_text="It waited when its owner was deactivated."
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    fence = models.PositiveIntegerField(default=0)

    shared_at = models.DateTimeField(null=True, blank=True)
    source_is_shared = models.BooleanField(default=False)
    trashed_at = models.DateTimeField(null=True, blank=True)

    objects = EditRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="edit_one_per_submission", fields=["owner", "submission_key"]),
            models.CheckConstraint(name="edit_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="edit_failed_has_reason",
                condition=Q(status=Status.FAILED, reason__in=Reason.values)
                | (~Q(status=Status.FAILED) & Q(reason="")),
            ),
            models.CheckConstraint(
                name="edit_filtered_says_where",
                condition=~Q(status=Status.FILTERED) | Q(filtered_at_stage__in=["request", "result"]),
            ),
            models.CheckConstraint(
                name="edit_finished_has_time",
                condition=Q(status__in=ACTIVE, finished_at__isnull=True)
                | Q(status__in=FINISHED, finished_at__isnull=False),
            ),
            models.CheckConstraint(
                name="edit_running_has_lease",
                condition=Q(status=Status.RUNNING, lease_until__isnull=False, started_at__isnull=False)
                | (~Q(status=Status.RUNNING) & Q(lease_until__isnull=True)),
            ),
            models.CheckConstraint(
                name="edit_shared_is_done", condition=Q(shared_at__isnull=True) | Q(status=Status.SUCCEEDED)
            ),
            models.CheckConstraint(name="edit_seed_range", condition=blank_or_within("seed", 1, MAX_SEED)),
            models.CheckConstraint(
                name="edit_steps_range", condition=blank_or_within("steps", 1, MOST_STEPS)
            ),
            models.CheckConstraint(
                name="edit_cfg_scale_range", condition=blank_or_within("cfg_scale", 0, MOST_CFG_SCALE)
            ),
            models.CheckConstraint(name="edit_prompt_not_blank", condition=~Q(prompt="")),
        ]
        indexes = [
            models.Index(name="edit_history", fields=["owner", "-id"], condition=Q(trashed_at__isnull=True)),
            models.Index(
                name="edit_team", fields=["-shared_at", "-id"], condition=Q(shared_at__isnull=False)
            ),
            models.Index(name="edit_queue", fields=["owner", "id"], condition=Q(status=Status.QUEUED)),
            models.Index(name="edit_running", fields=["owner"], condition=Q(status=Status.RUNNING)),
            models.Index(name="edit_saving", fields=["started_at"], condition=Q(status=Status.SAVING)),
            models.Index(
                name="edit_trash",
                fields=["owner", "-trashed_at", "-id"],
                condition=Q(trashed_at__isnull=False),
            ),
            models.Index(name="edit_budget", fields=["owner", "queued_at"]),
            models.Index(name="edit_unfolded", fields=["id"], condition=Q(prompt_folded__isnull=True)),
            models.Index(name="edit_times", fields=["size", "steps", "-id"], condition=Q(status="succeeded")),
        ]

    def __str__(self) -> str:
        return f"{self.prompt[:60]} ({self.status})"

    @property
    def options(self) -> EditOptions:
        """The options as they are sent."""
        return EditOptions(self.prompt, self.seed, self.steps, self.cfg_scale, self.size, **self.extras)

    @cached_property
    def provider_model(self) -> ProviderModel | None:
        """The row of its model, read once; None if it was removed."""
        model = ProviderModel.objects.filter(provider=self.provider_id, name=self.model).first()
        if model:
            model.provider = self.provider
        return model

    @property
    def is_active(self) -> bool:
        """Whether it is still waiting, running or being saved."""
        return self.status in ACTIVE

    @property
    def is_done(self) -> bool:
        """Whether it has a picture that may be shown."""
        return self.status == Status.SUCCEEDED

    def is_private_to(self, user: User) -> bool:
        """Whether only an administrator's rights let ``user`` see it, so that each view must be audited."""
        is_shared = self.shared_at and self.status == Status.SUCCEEDED and not self.trashed_at
        return user.pk != self.owner_id and not is_shared

    def source_is_open_to(self, user: User) -> bool:
        """Whether ``user``, who may see the edit, may also see its source picture."""
        return user.pk == self.owner_id or self.source_is_shared or user.is_administrator

    @property
    def seed_to_repeat(self) -> int | None:
        """The seed that reproduces this picture: the one the provider reported, otherwise the one that was sent.

        None if the model takes no seed.
        """
        result = getattr(self, "result", None)
        used = result.seed_used if result else None
        return used if used and 1 <= used <= MAX_SEED else self.seed

    @property
    def was_fitted(self) -> bool:
        """Whether the picture that was sent has another size than the upload."""
        return (self.source_width_px, self.source_height_px) != (self.upload.width_px, self.upload.height_px)
