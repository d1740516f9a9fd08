"""Asks the provider for a claimed edit and records what came of it."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.db import connection
from django.utils import timezone

from edits.images import BadImage
from edits.models import EditRequest
from edits.services.leases import held
from edits.services.recording import record_answer, record_fault, record_interruption
from edits.services.storing import EXTENSIONS, picture_bytes
from edits.stepfun import Answer, StepFunError, Unreachable, Unusable

log = logging.getLogger(__name__)


class ImageEditor(Protocol):
    """What can edit a picture: the StepFun client, or a stand-in for tests."""

    def edit(
        self,
        *,
        image: bytes,
        filename: str,
        content_type: str,
        prompt: str,
        seed: int,
        steps: int,
        cfg_scale: float,
        size: str,
    ) -> Answer:
        """One call, at most one charge."""
        ...


def run_edit(edit: EditRequest, *, client: ImageEditor, now: Callable[[], datetime] = timezone.now) -> None:
    """Ask for a claimed edit and record what came of it.  Never raises: one broken edit must not stop the queue."""
    with held(edit):
        try:
            _ask_and_record(edit, client=client, now=now)
        except Exception:
            # A defect of ours or a storage that is down.  The edit is not lost: its interruption is on record.
            log.exception("Edit %s was interrupted", edit.public_id)
            record_interruption(edit, now=now(), detail="An unexpected error on our side; see the log.")


def _ask_and_record(edit: EditRequest, *, client: ImageEditor, now: Callable[[], datetime]) -> None:
    try:
        image = picture_bytes(edit.upload.file)
    except OSError:
        log.exception("The source of edit %s cannot be read", edit.public_id)
        unsent = Unreachable("the storage did not give the source, so nothing was sent", cause="broken")
        record_fault(edit, unsent, now=now())
        return
    if not connection.in_atomic_block:
        connection.close()  # a call takes up to minutes: the connection goes back to the pool meanwhile
    try:
        answer = client.edit(
            image=image,
            filename=f"source.{EXTENSIONS[edit.upload.format]}",
            content_type=f"image/{edit.upload.format.lower()}",
            prompt=edit.prompt,
            seed=edit.seed,
            steps=edit.steps,
            cfg_scale=edit.cfg_scale,
            size=edit.size,
        )
        record_answer(edit, answer, now=now())
    except BadImage as error:
        record_fault(edit, Unusable(f"The result is no picture: {error.code}", status=200), now=now())
    except StepFunError as error:
        record_fault(edit, error, now=now())
