"""The canary: a fixed small edit, made once a day for each model that enables it, to detect that a model changed."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from edits.models.attempts import Charged
from edits.models.fault_field import FaultField
from edits.models.provider_models import ProviderModel
from edits.time_zones import moment_words


class CanarySkip(models.TextChoices):
    """Why nothing was sent on a day."""

    HELD = "held", _("the provider was on hold")
    PAUSED = "paused", _("the service had asked for a wait")
    STOPPED = "stopped", _("the provider was switched off")
    SPEC = "spec", _("the model's settings contradict each other")


class CanaryRunQuerySet(models.QuerySet["CanaryRun"]):
    """Runs by model and outcome."""

    def of(self, model: ProviderModel) -> Self:
        """The runs of one model, oldest first."""
        return self.filter(model=model).order_by("began_at")

    def with_picture(self) -> Self:
        """Runs that returned a picture."""
        return self.exclude(picture="")

    def sent(self) -> Self:
        """Runs that were not skipped."""
        return self.filter(skipped="")

    def ended(self) -> Self:
        """Runs that are over, excluding those cut off with their worker."""
        return self.filter(seconds__isnull=False)


class CanaryRun(models.Model):
    """One run: how long it took, how it failed, and how far its picture is from the baseline's.

    The baseline is the first picture that was returned; after the model changed, the first one since then.
    """

    model = models.ForeignKey(ProviderModel, on_delete=models.CASCADE, related_name="canary_runs")
    began_at = models.DateTimeField()
    seconds = models.FloatField(null=True, blank=True)
    skipped = models.CharField(
        max_length=8, choices=CanarySkip, blank=True, help_text="Why nothing was sent."
    )
    fault = FaultField(help_text="How the call failed; blank if it did not.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status.")
    charged = models.CharField(max_length=5, choices=Charged, default=Charged.MAYBE)
    cost = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    format = models.CharField(max_length=4, blank=True)
    width_px = models.PositiveIntegerField(null=True, blank=True)
    height_px = models.PositiveIntegerField(null=True, blank=True)
    size_bytes = models.PositiveIntegerField(null=True, blank=True)
    call_digest = models.CharField(
        max_length=8,
        blank=True,
        help_text="Hash of the request: only pictures of equal requests are compared.",
    )
    picture = models.TextField(blank=True, help_text="A small copy of the result, as a data: URI.")
    difference = models.FloatField(null=True, blank=True, help_text="From the baseline's picture, 0 to 1.")
    is_baseline = models.BooleanField(default=False)
    model_changed = models.BooleanField(default=False, help_text="Results of the model differ from here on.")

    objects = CanaryRunQuerySet.as_manager()

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.CheckConstraint(
                name="canary_difference_is_a_share",
                condition=Q(difference__isnull=True) | Q(difference__range=(0, 1)),
            ),
            models.CheckConstraint(
                name="canary_failed_has_no_picture",
                condition=Q(fault="", skipped="") | Q(picture="", is_baseline=False),
            ),
        ]
        indexes = [models.Index(name="canary_of_model", fields=["model", "began_at"])]

    def __str__(self) -> str:
        return f"Canary of {self.model} at {moment_words(self.began_at, 'full')}"

    @property
    def is_skipped(self) -> bool:
        """Whether nothing was sent on that day."""
        return self.skipped != ""

    @property
    def is_open(self) -> bool:
        """Whether it is running or was cut off with its worker: no end was recorded."""
        return self.seconds is None and not (self.fault or self.skipped)

    @property
    def has_picture(self) -> bool:
        """Whether it returned a picture.  Checks its format, so that lists need not load the picture itself."""
        return bool(self.format)

    @property
    def is_filtered(self) -> bool:
        """Whether the provider answered, but a content filter withheld the picture."""
        return self.seconds is not None and not self.fault and not self.has_picture

    @property
    def has_failed(self) -> bool:
        """Whether it was sent, is over and returned no picture."""
        return not (self.is_skipped or self.is_open or self.has_picture)
