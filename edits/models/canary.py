"""The canary: a fixed small edit, once a day for each model that has it on, which shows when the model changes."""

from typing import Self

from django.db import models
from django.db.models import Q

from edits.models.attempts import Charged
from edits.models.provider_models import ProviderModel


class CanarySkip(models.TextChoices):
    """Why nothing was sent on a day."""

    HELD = "held", "the provider was on hold"
    PAUSED = "paused", "the service had asked for a wait"
    STOPPED = "stopped", "the provider was switched off"
    SPEC = "spec", "the model's settings contradict each other"


class CanaryRunQuerySet(models.QuerySet["CanaryRun"]):
    """Named reads."""

    def of(self, model: ProviderModel) -> Self:
        """The runs of one model, the oldest first."""
        return self.filter(model=model).order_by("began_at")

    def with_picture(self) -> Self:
        """Those whose picture came."""
        return self.exclude(picture="")

    def sent(self) -> Self:
        """Those that were not skipped."""
        return self.filter(skipped="")

    def ended(self) -> Self:
        """Neither under way nor cut off."""
        return self.filter(seconds__isnull=False)


class CanaryRun(models.Model):
    """One run: how long it took, how it failed, and how far its picture is from the baseline's.

    The baseline is the first picture that came, and again the first one after the model changed.
    """

    model = models.ForeignKey(ProviderModel, on_delete=models.CASCADE, related_name="canary_runs")
    began_at = models.DateTimeField()
    seconds = models.FloatField(null=True, blank=True)
    skipped = models.CharField(
        max_length=8, choices=CanarySkip, blank=True, help_text="Why nothing was sent."
    )
    fault = models.CharField(max_length=2, blank=True, help_text="Class of the fault, blank where none.")
    status = models.PositiveSmallIntegerField(null=True, blank=True, help_text="HTTP status.")
    charged = models.CharField(max_length=5, choices=Charged, default=Charged.MAYBE)
    cost = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    format = models.CharField(max_length=4, blank=True)
    width_px = models.PositiveIntegerField(null=True, blank=True)
    height_px = models.PositiveIntegerField(null=True, blank=True)
    size_bytes = models.PositiveIntegerField(null=True, blank=True)
    call_digest = models.CharField(
        max_length=8, blank=True, help_text="Of what was asked: pictures of other calls are not compared."
    )
    picture = models.TextField(blank=True, help_text="A small copy of the result, as a data: URI.")
    difference = models.FloatField(null=True, blank=True, help_text="From the baseline's picture, 0 to 1.")
    is_baseline = models.BooleanField(default=False)
    model_changed = models.BooleanField(
        default=False, help_text="From here on the model gives other pictures."
    )

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
        return f"Canary of {self.model} at {self.began_at:%Y-%m-%d %H:%M}"

    @property
    def is_skipped(self) -> bool:
        """Nothing was sent on that day."""
        return self.skipped != ""

    @property
    def is_open(self) -> bool:
        """Under way, or cut off with its worker: no end was written."""
        return self.seconds is None and not (self.fault or self.skipped)

    @property
    def has_picture(self) -> bool:
        """A picture came.  Asks for its format, so that lists need not read the picture itself."""
        return bool(self.format)

    @property
    def is_filtered(self) -> bool:
        """Answered, but a content filter stopped the picture."""
        return self.seconds is not None and not self.fault and not self.has_picture

    @property
    def has_failed(self) -> bool:
        """It was sent, is over, and brought no picture."""
        return not (self.is_skipped or self.is_open or self.has_picture)
