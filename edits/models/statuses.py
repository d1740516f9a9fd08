"""The statuses of an edit, and the reasons for which one fails, with the sentences for its owner."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """The status of an edit."""

    QUEUED = "queued", pgettext_lazy("status", "Queued")
    RUNNING = "running", pgettext_lazy("status", "Running")
    SAVING = "saving", pgettext_lazy("status", "Saving")
    SUCCEEDED = "succeeded", pgettext_lazy("status", "Done")
    FILTERED = "filtered", pgettext_lazy("status", "Filtered")
    FAILED = "failed", pgettext_lazy("status", "Failed")
    CANCELED = "canceled", pgettext_lazy("status", "Canceled")


ACTIVE = (Status.QUEUED, Status.RUNNING, Status.SAVING)
FINISHED = (Status.SUCCEEDED, Status.FILTERED, Status.FAILED, Status.CANCELED)
UNSUCCESSFUL = (Status.FILTERED, Status.FAILED, Status.CANCELED)
"""Ended without a picture that may be shown: few of all, and found by an index of their own."""


class Reason(models.TextChoices):
    """Why an edit failed, in words for its owner."""

    SERVICE_REJECTED = "service_rejected", _("The service refused this edit.")
    SERVICE_UNAVAILABLE = (
        "service_unavailable",
        _("The service could not be reached. Nothing was delivered."),
    )
    OUTCOME_UNKNOWN = (
        "outcome_unknown",
        _("No answer arrived. The edit may have been made and charged. Your picture and prompt are kept."),
    )
    BAD_RESULT = "bad_result", _("The service sent something we cannot read. It may have been charged.")
    NO_PICTURE = (
        "no_picture",
        _(
            "The service returned no picture; services do this when a filter stops it. It was probably charged."
        ),
    )
    RESULT_LOST = "result_lost", _("The picture was made but could not be fetched.")
    STORAGE = "storage", _("The picture was made but could not be stored.")
    INTERRUPTED = "interrupted", _("The edit was interrupted while it ran. It may have been charged.")
