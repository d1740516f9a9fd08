"""An edit as programs read it: the JSON of the API and of webhooks.

A withheld picture and who reviews it do not exist here.  Times are seconds since 1970.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from edits.models import EditRequest, FinishReason, Reason, Status
from edits.services.result_links import link_to_result

FINISH_REASONS = {
    Status.SUCCEEDED: FinishReason.SUCCESS.value,
    Status.FILTERED: FinishReason.CONTENT_FILTERED.value,
}


def absolute(path: str) -> str:
    """A path of this site as an address for other programs, where no request tells under which name it is known."""
    return f"{settings.SITE_URL}{path}"


def describe(edit: EditRequest, *, address: Callable[[str], str] = absolute) -> dict[str, Any]:
    """The edit with all that can be repeated of it; load ``result``, ``parent`` and ``rerun_of`` with it.

    ``address`` makes an absolute address of a path.
    """
    result = getattr(edit, "result", None) if edit.status == Status.SUCCEEDED else None
    return {
        "id": str(edit.public_id),
        "object": "edit",
        "status": edit.status,
        "created": _seconds(edit.created_at),
        "started": _seconds(edit.started_at),
        "finished": _seconds(edit.finished_at),
        "model": edit.model,
        "prompt": edit.prompt,
        "seed": edit.seed_to_repeat,
        "steps": edit.steps,
        "cfg_scale": edit.cfg_scale,
        "size": edit.size,
        "source": {"name": edit.source_name, "width": edit.upload.width_px, "height": edit.upload.height_px},
        "source_edit": _id_of(edit.parent),
        "rerun_of": _id_of(edit.rerun_of),
        "finish_reason": FINISH_REASONS.get(Status(edit.status)),
        "result": {
            "url": address(link_to_result(edit)),
            "width": result.width_px,
            "height": result.height_px,
            "format": result.format.lower(),
            "bytes": result.size_bytes,
            "sha256": result.sha256,
            "receipt": result.receipt or None,
        }
        if result
        else None,
        "error": _error_of(edit),
        "page": address(reverse("edits:viewer", args=[edit.public_id])),
    }


def _error_of(edit: EditRequest) -> dict[str, str] | None:
    if edit.status != Status.FAILED:
        return None
    return {"code": edit.reason, "message": edit.message or Reason(edit.reason).label}


def _id_of(edit: EditRequest | None) -> str | None:
    return str(edit.public_id) if edit else None


def _seconds(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None
