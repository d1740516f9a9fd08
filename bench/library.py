"""Fills an empty database with the rows of a large library, without pictures, to look at query plans.

``manage.py shell -c "from bench.library import fill; fill(100_000)"``: 12 people of whom one has 70 % of the edits;
4 % failed, 4 % filtered (most of them waiting for review), 30 % shared, 5 % starred, 0.1 % in the trash.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from edits.models import (
    FIRST,
    Attempt,
    Charged,
    Decision,
    EditRequest,
    FinishReason,
    Reason,
    ReturnedImage,
    ReviewCase,
    Star,
    Status,
    Upload,
    User,
)

PEOPLE = 12
PIECE = 2_000
WORDS = ("background", "sky", "harbor", "cat", "portrait", "night", "夕阳", "remove", "warm", "light", "🌅")
EVERY = timedelta(seconds=60)
"""Between two edits: a million are two years."""


def fill(edits: int, *, now: datetime | None = None) -> list[User]:
    """Add as many edits, the last one now; returns the people, the one with the most edits first."""
    now, chance = now or timezone.now(), random.Random(edits)  # noqa: S311
    people = [User.objects.get_or_create(username=f"person{number}")[0] for number in range(PEOPLE)]
    upload = _upload(now)
    for first in range(0, edits, PIECE):
        left = range(edits - first, max(0, edits - first - PIECE), -1)
        rows = [_edit(chance, people, upload, now - EVERY * number) for number in left]
        _add(EditRequest.objects.bulk_create(rows), chance=chance, people=people)
    return people


def _upload(now: datetime) -> Upload:
    size = {"width_px": 96, "height_px": 64, "size_bytes": 100}
    name = "uploads/00/none/full.png"
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
        size="512x512",
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
    starred = (edit for edit in edits if chance.random() < 0.05)
    Star.objects.bulk_create(Star(user=people[0], edit=edit, created_at=edit.created_at) for edit in starred)


def _result(edit: EditRequest) -> ReturnedImage:
    name = f"results/{edit.public_id}/full.png"
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
    return ReviewCase(edit=edit, opened_at=at, **fields)


def _attempt(edit: EditRequest) -> Attempt:
    at = edit.created_at
    return Attempt(
        edit=edit, account_id=FIRST, model=edit.model, number=1, fence=1, started_at=at, ended_at=at,
        status=200, charged=Charged.YES, sent=[["prompt", edit.prompt]],
    )  # fmt: skip
