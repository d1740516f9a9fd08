"""Edits in every state for tests, with tiny pictures drawn in memory and stored like real ones."""

import hashlib
import itertools
import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw

from edits.models import (
    ACTIVE,
    FIRST,
    EditRequest,
    FinishReason,
    Provider,
    ProviderModel,
    Reason,
    ReturnedImage,
    Status,
    Upload,
    User,
)
from edits.services.pictures.storing import new_stem, save_picture
from edits.services.reviewing import open_case

_numbers = itertools.count(1)


def picture(
    *, width_px: int = 96, height_px: int = 64, mark: int | None = None, format: str = "PNG"
) -> bytes:
    """A small picture that no other call gives, unless ``mark`` is the same."""
    number = next(_numbers) if mark is None else mark
    image = Image.new(
        "RGB", (width_px, height_px), (number * 37 % 256, number * 91 % 256, number // 256 % 256)
    )
    box = (width_px // 4, height_px // 4, width_px // 2, height_px // 2)
    ImageDraw.Draw(image).rectangle(box, fill=(number * 53 % 256, 200, number * 11 % 256))
    stream = BytesIO()
    image.save(stream, format)
    return stream.getvalue()


def upload_of(data: bytes | None = None, *, width_px: int = 96, height_px: int = 64) -> Upload:
    """A stored source picture, a PNG."""
    data = data or picture(width_px=width_px, height_px=height_px)
    sha256 = hashlib.sha256(data).hexdigest()
    return Upload.objects.create(
        sha256=sha256,
        file=save_picture(f"uploads/{sha256[:2]}/{sha256}", data, "PNG"),
        format="PNG",
        width_px=width_px,
        height_px=height_px,
        size_bytes=len(data),
        created_at=timezone.now(),
    )


def default_model() -> ProviderModel:
    """The model of those who choose none: that of the settings."""
    return ProviderModel.objects.default()


def unsaved_model(name: str = "step-1x-edit") -> ProviderModel:
    """One of StepFun's models as the settings' provider offers it, without a database."""
    return ProviderModel(name=name, provider=Provider(slug="stepfun", from_settings=True))


PLACEHOLDER = "data:image/webp;base64,"
"""So that pages take a result for one that the worker is done with."""


def edit_of(owner: User, *, status: Status = Status.QUEUED, **fields: Any) -> EditRequest:
    """An edit in this state with what the database asks of the state, and no result."""
    now = fields.pop("now", None) or timezone.now()
    upload = fields.pop("upload", None) or upload_of()
    defaults: dict[str, Any] = {
        "submission_key": uuid.uuid4(),
        "upload": upload,
        "source_name": "harbor.png",
        "source_width_px": upload.width_px,
        "source_height_px": upload.height_px,
        "prompt": "turn it black and white",
        "provider_id": FIRST,
        "model": "step-1x-edit",
        "seed": 77120,
        "steps": 28,
        "cfg_scale": 6.0,
        "size": "512x512",
        "created_at": now,
        "queued_at": now,
    } | _of_status(status, now=now)
    if "provider" in fields:
        del defaults["provider_id"]
    return EditRequest.objects.create(owner=owner, status=status, **(defaults | fields))


def _of_status(status: Status, *, now: Any) -> dict[str, Any]:
    """What the constraints demand of a row in this state."""
    if status == Status.QUEUED:
        return {}
    if status == Status.RUNNING:
        return {"started_at": now, "lease_until": now + timedelta(seconds=30), "fence": 1, "attempts_made": 1}
    if status == Status.SAVING:
        return {"started_at": now, "fence": 1, "attempts_made": 1}
    assert status not in ACTIVE
    ended = {"started_at": now, "finished_at": now, "fence": 1, "attempts_made": 1}
    if status == Status.FAILED:
        return ended | {"reason": Reason.SERVICE_REJECTED}
    if status == Status.FILTERED:
        return ended | {"filtered_at_stage": "result"}
    return ended


def result_of(edit: EditRequest, data: bytes | None = None, *, withheld: bool = False) -> ReturnedImage:
    """A stored picture for the edit, without renditions: those are the worker's."""
    data = data or picture()
    with Image.open(BytesIO(data)) as image:
        width_px, height_px = image.size
    return ReturnedImage.objects.create(
        edit=edit,
        file=save_picture(f"{new_stem(withheld=withheld)}/full", data, "PNG"),
        sha256=hashlib.sha256(data).hexdigest(),
        format="PNG",
        width_px=width_px,
        height_px=height_px,
        size_bytes=len(data),
        seed_used=edit.seed,
        finish_reason=FinishReason.CONTENT_FILTERED if withheld else FinishReason.SUCCESS,
        placeholder="" if withheld else PLACEHOLDER,
        withheld=withheld,
        created_at=edit.finished_at or timezone.now(),
    )


def finished_edit_of(owner: User, **fields: Any) -> EditRequest:
    """A done edit with its picture.  ``shared=True`` shares it."""
    if fields.pop("shared", False):
        fields["shared_at"] = timezone.now()
    edit = edit_of(owner, status=Status.SUCCEEDED, **fields)
    result_of(edit)
    return edit


def filtered_edit_of(owner: User, *, with_picture: bool = True, **fields: Any) -> EditRequest:
    """An edit that the content filter stopped, waiting for a reviewer; without a picture the request was stopped."""
    fields.setdefault("filtered_at_stage", "result" if with_picture else "request")
    edit = edit_of(owner, status=Status.FILTERED, **fields)
    if with_picture:
        result_of(edit, withheld=True)
    assert edit.finished_at
    open_case(edit=edit, now=edit.finished_at)
    return edit
