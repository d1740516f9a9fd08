"""Shows a reviewer the pictures of a stopped edit, step by step, and never without a line in the timeline.

Opening a case shows them blurred.  Each further step is asked for (``reveal``), which puts it on record, and only
then given (``look``): following a link uncovers nothing.

What is shown is made from the stored picture each time it is asked for: nothing derived of a withheld picture
ever lies on disk, so that no cache, backup or careless rule can give it away.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext, gettext_noop

from edits.images import veil
from edits.models import EditRequest, EventKind, RevealGrant, ReviewCase, Status, User
from edits.services.pictures.storing import picture_bytes
from edits.services.reviewing.claiming import renew
from edits.services.reviewing.deciding import withheld_picture
from edits.services.reviewing.timeline import note
from edits.services.team import auditing

Which = str
"""A picture of a case: ``source``, ``result``, or ``reference-1`` and so on for the further pictures of the edit."""

VEILED, GREY, COLOR, FULL = range(4)
STEP_WORDS = {
    VEILED: gettext_noop("blurred"),
    GREY: gettext_noop("small and grey"),
    COLOR: gettext_noop("small, in color"),
    FULL: gettext_noop("full size"),
}
NAMES: dict[Which, str] = {
    "source": gettext_noop("the source"),
    "result": gettext_noop("the withheld result"),
}
REFERENCE = re.compile(r"reference-([1-9][0-9]?)")


def is_picture(which: str) -> bool:
    """Whether this can name a picture of a case."""
    return which in NAMES or REFERENCE.fullmatch(which) is not None


@dataclass(frozen=True)
class Shown:
    """A picture on its way to a reviewer."""

    data: bytes
    content_type: str


def reveal(*, case: ReviewCase, reviewer: User, which: Which, step: int, now: datetime) -> bool:
    """Grant the next step of a picture to the reviewer who has the case open, and put it on record.

    Steps come one after the other: False for one whose step before was not granted since the case was opened,
    where the case is not open with this reviewer, and where there is no such picture.  Veiling again is always
    possible, and takes nothing back.
    """
    with transaction.atomic():
        if not renew(case, reviewer=reviewer, now=now) or _stored(case, which) is None:
            return False
        if step == VEILED:
            return True
        if not _grant(case, reviewer=reviewer, which=which, step=step, now=now):
            return False
        _put_on_record(case, reviewer=reviewer, which=which, step=step, now=now)
    return True


def look(*, case: ReviewCase, reviewer: User, which: Which, step: int, now: datetime) -> Shown | None:
    """One of the case's pictures at a step of the veil that ``reveal`` granted; blurred without.

    None where this reviewer does not have the case open or was not granted the step; where there is no such
    picture; and once it is released, for then it is the author's alone again.  Raises OSError when the storage
    cannot give it.
    """
    stored = (
        _stored(case, which) if _may_look(case, reviewer=reviewer, which=which, step=step, now=now) else None
    )
    if stored is None:
        return None
    file, format = stored
    data = picture_bytes(file)
    if step == FULL:
        return Shown(data, f"image/{format.lower()}")
    shown = Shown(veil(data, step=step), "image/webp")
    if step == VEILED:
        note(case, kind=EventKind.VEILED, at=now, actor=reviewer, text=_words(which, step))
    return shown


def _may_look(case: ReviewCase, *, reviewer: User, which: Which, step: int, now: datetime) -> bool:
    held = ReviewCase.objects.filter(pk=case.pk, claimed_by=reviewer, claimed_until__gt=now)
    if step == VEILED:
        return held.exists()
    granted = RevealGrant.objects.filter(case__in=held, reviewer=reviewer, picture=which, step__gte=step)
    return step in STEP_WORDS and granted.exists()


def _grant(case: ReviewCase, *, reviewer: User, which: Which, step: int, now: datetime) -> bool:
    """Move the grant to this step from the one before; also True where it is there or further already."""
    if step not in STEP_WORDS:
        return False
    mine = RevealGrant.objects.filter(case=case, reviewer=reviewer, picture=which)
    if step == GREY:
        RevealGrant.objects.get_or_create(
            case=case, reviewer=reviewer, picture=which, defaults={"step": step, "granted_at": now}
        )
        return True
    return bool(
        mine.filter(step=step - 1).update(step=step, granted_at=now) or mine.filter(step__gte=step).exists()
    )


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
    words = _words(which, step)
    note(case, kind=EventKind.REVEALED, at=now, actor=reviewer, text=words)
    if step == FULL:
        auditing.record(
            actor=reviewer,
            action="review.reveal",
            subject=str(case.edit.public_id),
            detail=words,
            now=now,
        )


def seen_words(stored: str) -> str:
    """A look as it is in the timeline, in the reader's language: the source, blurred."""
    name, _, step = stored.partition(", ")
    if step not in STEP_WORDS.values():
        return stored
    kind, _, position = name.partition(" ")
    picture = gettext("reference %(number)s") % {"number": position} if kind == "reference" else gettext(name)
    return gettext("%(picture)s, %(step)s") % {"picture": picture, "step": gettext(step)}


def _words(which: Which, step: int) -> str:
    """In English, for the timeline and the audit log."""
    return f"{NAMES.get(which) or which.replace('-', ' ')}, {STEP_WORDS[step]}"
