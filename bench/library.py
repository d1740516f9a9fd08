"""Fills an empty database with the rows of a library of any size.  All its edits show the same picture.

``manage.py shell -c "from bench.library import fill; fill(1_000_000)"``: 12 people of whom the first has 70 % of the
edits, the second reviews and the third administers; 4 % failed, 4 % filtered (most of them waiting for review), 30 %
shared, 5 % starred by the first person, 5 % tagged “night”, 1 % with a comment, 2 % made of an earlier result, of
which one has hundreds of children, 0.1 % in the trash.  Twelve have a rare word, tag and size.

The first 20,000 are made one by one, the others copied from them by the database, which is much quicker.
"""

import random
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone
from PIL import Image

from bench.copying import copy_block
from edits.models import (
    FIRST,
    Attempt,
    Charged,
    Comment,
    Decision,
    EditRequest,
    FinishReason,
    Reason,
    ReturnedImage,
    ReviewCase,
    Role,
    Star,
    Status,
    Tag,
    Upload,
    User,
    rights,
)

PEOPLE = 12
REVIEWER, ADMINISTRATOR = 1, 2
PIECE = 2_000
WORDS = ("background", "sky", "harbor", "cat", "portrait", "night", "夕阳", "remove", "warm", "light", "🌅")
RARE_WORD, RARE = "ferrycloud", 12
"""As many edits have the rare word, tag and size, however many there are.  None is canceled or waits."""
BLOCK = 20_000
"""Made one by one; the rest are copies."""
EVERY = timedelta(seconds=60)
"""Between two edits: a million are two years."""
PICTURE, PICTURE_PX = "results/00/bench/full.png", (96, 64)


def fill(
    edits: int,
    *,
    block: int = BLOCK,
    now: datetime | None = None,
    tell: Callable[[int], object] = lambda _: None,
) -> list[User]:
    """Add as many edits, the last one now; returns the people, the one with the most edits first.

    The first ``block`` of them are made one by one.  ``tell`` hears how many there are already.
    """
    now, people = now or timezone.now(), [_person(number) for number in range(PEOPLE)]
    last: int = EditRequest.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    block = min(edits, block)
    _fill_block(block, people, first_at=now - EVERY * edits)
    tell(block)
    for made in range(block, edits, block):
        copy_block(after=last, length=min(block, edits - made), by=made, seconds=made * EVERY.total_seconds())
        tell(made + block)
    EditRequest.objects.filter(trashed_at__isnull=False).update(trashed_at=now)  # workers empty an old trash
    _mark_rare(
        EditRequest.objects.filter(pk__in=[last + 1 + number * edits // RARE for number in range(RARE)])
    )
    return people


def _fill_block(edits: int, people: list[User], *, first_at: datetime) -> None:
    chance = random.Random(edits)  # noqa: S311
    upload, night = _upload(first_at), Tag.objects.get_or_create(name="night")[0]
    parents: list[EditRequest] = []
    piece = min(PIECE, edits // 4 + 1)
    for first in range(0, edits, piece):
        rows = [
            _edit(chance, people, upload, first_at + EVERY * (number + 1))
            for number in range(first, min(edits, first + piece))
        ]
        for row in rows:
            if parents and chance.random() < 0.02:
                row.parent_id = chance.choice(parents).pk
        made = EditRequest.objects.bulk_create(rows)
        parents = parents or [row for row in made if row.status == Status.SUCCEEDED][:1]
        _add(made, chance=chance, people=people)
        _tag(night, [row for row in made if chance.random() < 0.05])


def _mark_rare(edits: QuerySet[EditRequest]) -> None:
    for edit in edits:
        edit.prompt, edit.size = f"{RARE_WORD} {edit.prompt}", "768x768"
        edit.save(update_fields=["prompt", "prompt_folded", "size"])
    _tag(Tag.objects.get_or_create(name="rare")[0], edits)


def show_progress(edits: int) -> None:
    """What the command that fills a library prints."""
    sys.stderr.write(f"{edits:,} edits\n")


def keep_picture() -> None:
    """Store the one picture that all results show.  Plans and counts need none."""
    if not default_storage.exists(PICTURE):
        picture = BytesIO()
        Image.new("RGB", PICTURE_PX, "teal").save(picture, "PNG")
        default_storage.save(PICTURE, ContentFile(picture.getvalue()))


def _person(number: int) -> User:
    role = {REVIEWER: Role.REVIEWER, ADMINISTRATOR: Role.ADMINISTRATOR}.get(number, Role.MEMBER)
    defaults = {"time_zone": "UTC", **rights(role)}
    return User.objects.get_or_create(username=f"person{number}", defaults=defaults)[0]


def _tag(tag: Tag, edits: Iterable[EditRequest]) -> None:
    through = Tag.edits.through
    through.objects.bulk_create(through(tag_id=tag.pk, editrequest_id=edit.pk) for edit in edits)


def _upload(now: datetime) -> Upload:
    size = {"width_px": 96, "height_px": 64, "size_bytes": 100}
    name = PICTURE
    made, _ = Upload.objects.get_or_create(
        sha256="0" * 64,
        defaults={"file": name, "thumb_320": name, "format": "PNG", "created_at": now, **size},
    )
    return made


def _edit(chance: random.Random, people: list[User], upload: Upload, at: datetime) -> EditRequest:
    part = chance.random()
    status = Status.FAILED if part < 0.04 else Status.FILTERED if part < 0.08 else Status.SUCCEEDED
    is_shared = status == Status.SUCCEEDED and chance.random() < 0.3
    return EditRequest(
        owner=people[0] if chance.random() < 0.7 else chance.choice(people[1:]),
        upload=upload,
        source_name="harbor.png",
        source_width_px=96,
        source_height_px=64,
        prompt=" ".join(chance.choices(WORDS, k=6)),
        provider_id=FIRST,
        model="step-1x-edit",
        seed=chance.randint(1, 2**31 - 2),
        steps=28,
        cfg_scale=6.0,
        size="512x512" if chance.random() < 0.7 else "1024x1024",
        status=status,
        reason=Reason.SERVICE_REJECTED if status == Status.FAILED else "",
        filtered_at_stage="result" if status == Status.FILTERED else "",
        fence=1,
        attempts_made=1,
        created_at=at,
        queued_at=at,
        started_at=at,
        finished_at=at,
        shared_at=at if is_shared else None,
        trashed_at=at if chance.random() < 0.001 else None,
    )


def _add(edits: list[EditRequest], *, chance: random.Random, people: list[User]) -> None:
    """What belongs to the edits."""
    stopped = [edit for edit in edits if edit.status == Status.FILTERED]
    ReturnedImage.objects.bulk_create(_result(edit) for edit in edits if edit.status == Status.SUCCEEDED)
    ReviewCase.objects.bulk_create(_case(edit, chance, people) for edit in stopped)
    Attempt.objects.bulk_create(_attempt(edit) for edit in edits)
    spoken_of = [edit for edit in edits if edit.shared_at and chance.random() < 0.03]
    Comment.objects.bulk_create(
        Comment(edit=edit, author=chance.choice(people), text="Look at this", created_at=edit.created_at)
        for edit in spoken_of
    )
    starred = (edit for edit in edits if chance.random() < 0.05)
    Star.objects.bulk_create(Star(user=people[0], edit=edit, created_at=edit.created_at) for edit in starred)


def _result(edit: EditRequest) -> ReturnedImage:
    name = PICTURE
    return ReturnedImage(
        edit=edit,
        file=name,
        sha256=edit.public_id.hex * 2,
        format="PNG",
        width_px=96,
        height_px=64,
        size_bytes=100,
        seed_used=edit.seed,
        finish_reason=FinishReason.SUCCESS,
        thumb_320=name,
        thumb_1024=name,
        created_at=edit.created_at,
    )


def _case(edit: EditRequest, chance: random.Random, people: list[User]) -> ReviewCase:
    """Three of four wait; the others are decided, and their authors know it but for one in ten."""
    at = edit.created_at
    decided: dict[str, Any] = {"decision": Decision.DISMISSED, "decided_at": at, "decided_by": people[1]}
    is_read = chance.random() < 0.9
    fields = decided | {"author_notified_at": at if is_read else None} if chance.random() < 0.25 else {}
    return ReviewCase(edit=edit, author_id=edit.owner_id, opened_at=at, **fields)


def _attempt(edit: EditRequest) -> Attempt:
    at = edit.created_at
    return Attempt(
        edit=edit, account_id=FIRST, model=edit.model, number=1, fence=1, started_at=at, ended_at=at,
        status=200, charged=Charged.YES, sent=[["prompt", edit.prompt]],
    )  # fmt: skip
