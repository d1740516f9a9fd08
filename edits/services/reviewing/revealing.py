"""Shows a reviewer the pictures of a stopped edit, step by step, and never without a line in the timeline.

What is shown is made from the stored picture each time it is asked for: nothing derived of a withheld picture
ever lies on disk, so that no cache, backup or careless rule can give it away.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.fields.files import FieldFile

from edits.images import veil
from edits.models import EditRequest, EventKind, ReviewCase, Status, User
from edits.services.pictures.storing import picture_bytes
from edits.services.reviewing.deciding import withheld_picture
from edits.services.reviewing.timeline import note
from edits.services.team import auditing

Which = str
"""A picture of a case: ``source``, ``result``, or ``reference-1`` and so on for the further pictures of the edit."""

VEILED, GREY, COLOR, FULL = range(4)
STEP_WORDS = {
    VEILED: "blurred",
    GREY: "small and grey",
    COLOR: "small, in color",
    FULL: "full size",
}
NAMES: dict[Which, str] = {"source": "the source", "result": "the withheld result"}
REFERENCE = re.compile(r"reference-([1-9][0-9]?)")


def is_picture(which: str) -> bool:
    """Whether this can name a picture of a case."""
    return which in NAMES or REFERENCE.fullmatch(which) is not None


@dataclass(frozen=True)
class Shown:
    """A picture on its way to a reviewer."""

    data: bytes
    content_type: str


def reveal(*, case: ReviewCase, reviewer: User, which: Which, step: int, now: datetime) -> Shown | None:
    """One of the case's pictures at one step of the veil, with the look on record before a byte is given.

    None where there is no such picture; once it is released, for then both are the author's alone again; and for
    the withheld result of one's own edit, which its author must not see, whatever else they are.  Raises
    OSError when the storage cannot give it.
    """
    if step not in STEP_WORDS or (which == "result" and case.edit.owner_id == reviewer.pk):
        return None
    stored = _stored(case, which)
    if stored is None:
        return None
    file, format = stored
    data = picture_bytes(file)
    shown = (
        Shown(data, f"image/{format.lower()}") if step == FULL else Shown(veil(data, step=step), "image/webp")
    )
    _put_on_record(case, reviewer=reviewer, which=which, step=step, now=now)
    return shown


def _stored(case: ReviewCase, which: Which) -> tuple[FieldFile, str] | None:
    if not EditRequest.objects.filter(pk=case.edit_id, status=Status.FILTERED).exists():
        return None
    if which == "source":
        return case.edit.upload.file, case.edit.upload.format
    if position := REFERENCE.fullmatch(which):
        found = case.edit.references.select_related("upload").filter(position=position[1]).first()
        return (found.upload.file, found.upload.format) if found else None
    picture = withheld_picture(case) if which == "result" else None
    return (picture.file, picture.format) if picture else None


def _put_on_record(case: ReviewCase, *, reviewer: User, which: Which, step: int, now: datetime) -> None:
    kind = EventKind.VEILED if step == VEILED else EventKind.REVEALED
    words = f"{NAMES.get(which) or which.replace('-', ' ')}, {STEP_WORDS[step]}"
    with transaction.atomic():
        note(case, kind=kind, at=now, actor=reviewer, text=words)
        if step == FULL:
            auditing.record(
                actor=reviewer,
                action="review.reveal",
                subject=str(case.edit.public_id),
                detail=words,
                now=lambda: now,
            )
