"""The statuses of an edit and the reasons for which one fails, with the words for its owner."""

from django.db import models


class Status(models.TextChoices):
    """Where an edit stands."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SAVING = "saving", "Saving"
    SUCCEEDED = "succeeded", "Done"
    FILTERED = "filtered", "Filtered"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Canceled"


ACTIVE = (Status.QUEUED, Status.RUNNING, Status.SAVING)
FINISHED = (Status.SUCCEEDED, Status.FILTERED, Status.FAILED, Status.CANCELED)


class Reason(models.TextChoices):
    """Why an edit failed, in words for its owner."""

    SERVICE_REJECTED = "service_rejected", "The service refused this edit."
    SERVICE_UNAVAILABLE = "service_unavailable", "The service could not be reached. Nothing was delivered."
    OUTCOME_UNKNOWN = (
        "outcome_unknown",
        "No answer arrived. The edit may have been made and charged. Your picture and prompt are kept.",
    )
    BAD_RESULT = "bad_result", "The service sent something we cannot read. It may have been charged."
    NO_PICTURE = (
        "no_picture",
        "The service returned no picture; services do this when a filter stops it. It was probably charged.",
    )
    RESULT_LOST = "result_lost", "The picture was made but could not be fetched."
    STORAGE = "storage", "The picture was made but could not be stored."
    INTERRUPTED = "interrupted", "The edit was interrupted while it ran. It may have been charged."
