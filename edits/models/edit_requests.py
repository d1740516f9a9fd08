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
from functools import cached_property, reduce
from operator import or_

from django.db import models
from django.db.models import Q, Value

from edits.edit_call import EditOptions
from edits.model_specs import MAX_SEED, MOST_CFG_SCALE, MOST_STEPS
from edits.models.api_keys import ApiKey
from edits.models.batches import Batch
from edits.models.edit_lookups import EditRequestQuerySet
from edits.models.fault_field import FaultField
from edits.models.folded import FoldedField
from edits.models.people import User
from edits.models.provider import FIRST, Provider
from edits.models.provider_models import ProviderModel
from edits.models.statuses import ACTIVE, FINISHED, UNSUCCESSFUL, Reason, Status
from edits.models.uploads import Upload


def blank_or_within(name: str, least: float, most: float) -> Q:
    """A condition for a column that is blank or within an inclusive range."""
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (least, most)})


class EditRequest(models.Model):
    """One request for an edit, and the job that carries it out."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="edits")
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="edits")
    submission_key = models.UUIDField(default=uuid.uuid4, editable=False)
    api_key = models.ForeignKey(
        ApiKey, on_delete=models.SET_NULL, null=True, blank=True, related_name="edits",
        help_text="The API key that submitted it; blank: submitted in the browser.",
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

    batch = models.ForeignKey(
        Batch, on_delete=models.PROTECT, null=True, blank=True, related_name="edits",
        help_text="The action in which it was submitted with others.",
    )  # fmt: skip
    batch_position = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Counts from 1.")

    source_name = models.CharField(max_length=255, blank=True)
    source_width_px = models.PositiveIntegerField()
    source_height_px = models.PositiveIntegerField()
    mask = models.ForeignKey(
        Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="masks",
        help_text="A PNG of the source's size; what is transparent may be changed.",
    )  # fmt: skip
    original = models.ForeignKey(
        Upload, on_delete=models.PROTECT, null=True, blank=True, related_name="originals",
        help_text="The source at its full size, where that is larger than what is sent.",
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
        help_text="Chosen at random if the member left it open; blank: the model takes none.",
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
    message = models.CharField(max_length=300, blank=True, help_text="The provider's message, if any.")
    filtered_at_stage = models.CharField(
        max_length=8, blank=True, choices=[("request", "The request"), ("result", "The result")]
    )
    created_at = models.DateTimeField()
    attempts_made = models.PositiveSmallIntegerField(default=0)
    first_attempt = models.PositiveSmallIntegerField(
        default=1,
        help_text="The first attempt since the owner last queued it: faults are counted from there.",
    )
    last_fault = FaultField()
    queued_at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(
        null=True, blank=True, help_text="Paused since then: not sent while it is queued."
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    canceled_with_owner = models.BooleanField(
        default=False, db_default=False, help_text="It was queued when its owner was deactivated."
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
            models.UniqueConstraint(
                name="edit_once_per_batch_position",
                fields=["batch", "batch_position"],
                condition=Q(batch__isnull=False),  # without one, SQLite would copy the whole table
            ),
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
            models.Index(
                name="edit_made",
                fields=["owner", "-created_at", "-id"],
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                name="edit_unsuccessful",
                fields=["status", "owner", "-created_at", "-id"],
                condition=reduce(
                    or_, (Q(status=status) for status in UNSUCCESSFUL)
                ),  # not IN: see rare_edits
            ),
            models.Index(
                name="edit_size",
                fields=["owner", "size", "-created_at", "-id"],
                condition=Q(trashed_at__isnull=True),
            ),
            models.Index(
                name="edit_team_size",
                fields=["size", "-shared_at", "-id"],
                condition=Q(shared_at__isnull=False),
            ),
            models.Index(name="edit_children", fields=["parent", "id"], condition=Q(parent__isnull=False)),
            models.Index(name="edit_reruns", fields=["rerun_of", "id"], condition=Q(rerun_of__isnull=False)),
            models.Index(
                name="edit_strip",
                fields=["owner", "-id"],
                condition=Q(trashed_at__isnull=True, batch__isnull=True),
            ),
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
            models.Index(name="edit_purge", fields=["trashed_at"], condition=Q(trashed_at__isnull=False)),
            models.Index(
                name="edit_under_way",
                fields=["owner", "-created_at", "-id"],
                condition=Q(finished_at__isnull=True),
            ),
            models.Index(
                name="edit_team_by",
                fields=["owner", "-shared_at", "-id"],
                condition=Q(shared_at__isnull=False),
            ),
            models.Index(name="edit_seed", fields=["seed"]),
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
