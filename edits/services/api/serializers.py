"""An edit as programs read it: the JSON of the API and of webhooks.

Omits withheld pictures and their review, and whatever the viewer may not see: the source, references, attempts
and cost of a colleague's edit, and edits that are private to others.  Times are seconds since 1970.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import OuterRef, Prefetch, Subquery, Sum
from django.urls import reverse
from django.utils import timezone

from edits.edit_call import EXTRAS
from edits.models import Attempt, EditReference, EditRequest, FinishReason, Reason, Status, Upload, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.api.result_links import MERGED, link_to_result
from edits.services.queue.sources import expected_merge_of
from edits.services.site_links import absolute

FINISH_REASONS = {
    Status.SUCCEEDED: FinishReason.SUCCESS.value,
    Status.FILTERED: FinishReason.CONTENT_FILTERED.value,
}

FOUR_DECIMALS = Decimal("0.0001")
"""The precision in which prices are stored; SQLite adds them up as floats."""

DESCRIBED = ("owner", "upload", "result", "merged", "parent", "rerun_of", "provider", "batch")
"""The relations that ``describe`` reads."""


def with_descriptions(edits: EditRequestQuerySet) -> EditRequestQuerySet:
    """The edits with everything that ``describe`` reads, in two queries."""
    calls = Attempt.objects.filter(edit=OuterRef("pk")).order_by().values("edit")
    references = Prefetch("references", EditReference.objects.select_related("upload"))
    with_rows = edits.select_related(*DESCRIBED).prefetch_related(references)
    return with_rows.annotate(cost_of_calls=Subquery(calls.annotate(sum=Sum("cost")).values("sum")))


def describe(
    edit: EditRequest, *, viewer: User | None = None, address: Callable[[str], str] = absolute
) -> dict[str, Any]:
    """The edit with everything needed to repeat it, as ``viewer`` may see it; defaults to its owner.

    The viewer must be allowed to see the edit.  ``address`` turns a path into an absolute URL.
    """
    viewer = viewer or edit.owner
    mine = edit.owner_id == viewer.pk
    return {
        "id": str(edit.public_id),
        "object": "edit",
        "status": edit.status,
        "created": _seconds(edit.created_at),
        "started": _seconds(edit.started_at),
        "finished": _seconds(edit.finished_at),
        "owner": edit.owner.username,
        **_asked_for(edit),
        "source": _source_of(edit) if mine or edit.source_is_shared else None,
        "references": _references_of(edit) if mine or edit.source_is_shared else None,
        "source_edit": _id_of(edit.parent, viewer=viewer),
        "rerun_of": _id_of(edit.rerun_of, viewer=viewer),
        "batch": str(edit.batch.public_id) if mine and edit.batch else None,
        "attempts": edit.attempts_made if mine else None,
        "cost": _cost_of(edit) if mine else None,
        "shared": edit.shared_at is not None,
        "trashed": edit.trashed_at is not None,
        "finish_reason": FINISH_REASONS.get(Status(edit.status)),
        "result": _result_of(edit, viewer=viewer, address=address),
        "merged": _merged_of(edit, viewer=viewer, address=address),
        "error": _error_of(edit),
        "page": address(reverse("edits:viewer", args=[edit.public_id])),
    }


def _asked_for(edit: EditRequest) -> dict[str, Any]:
    """The request.

    - ``seed``: reproduces this picture
    - ``seed_sent``: the seed that was sent; ``seed_is_drawn`` if the request left it open
    - The result has the seed that the provider reports.
    - Options that the model does not take are null.
    """
    return {
        "model": edit.model,
        "provider": edit.provider.slug,
        "prompt": edit.prompt,
        "seed": edit.seed_to_repeat,
        "seed_sent": edit.seed,
        "seed_is_drawn": edit.seed_is_drawn,
        "steps": edit.steps,
        "cfg_scale": edit.cfg_scale,
        "size": edit.size,
        **{name: edit.extras.get(name) for name in EXTRAS},
    }


def _source_of(edit: EditRequest) -> dict[str, Any]:
    """The picture as it was sent, with its size before it was fitted."""
    original = {"original_width": edit.source_width_px, "original_height": edit.source_height_px}
    return _picture(edit.upload, name=edit.source_name) | original


def _references_of(edit: EditRequest) -> list[dict[str, Any]]:
    """The additional pictures in order; their original sizes are not stored."""
    return [
        _picture(each.upload, name=each.name) | {"original_width": None, "original_height": None}
        for each in edit.references.all()
    ]


def _picture(upload: Upload, *, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "width": upload.width_px,
        "height": upload.height_px,
        "format": upload.format.lower(),
        "bytes": upload.size_bytes,
        "sha256": upload.sha256,
    }


def _cost_of(edit: EditRequest) -> str | None:
    """The cost of all calls that were or may have been charged, in US dollars; None if no price is known."""
    read = vars(edit)  # annotated by with_descriptions
    cost = (
        read["cost_of_calls"] if "cost_of_calls" in read else edit.attempts.aggregate(sum=Sum("cost"))["sum"]
    )
    return None if cost is None else str(Decimal(cost).quantize(FOUR_DECIMALS))


def _result_of(edit: EditRequest, *, viewer: User, address: Callable[[str], str]) -> dict[str, Any] | None:
    """The result if its link works: not if the edit is in the trash."""
    result = getattr(edit, "result", None)
    if edit.status != Status.SUCCEEDED or edit.trashed_at or result is None or result.withheld:
        return None
    return {
        "url": address(link_to_result(edit, viewer_id=viewer.pk, now=timezone.now())),
        "width": result.width_px,
        "height": result.height_px,
        "format": result.format.lower(),
        "bytes": result.size_bytes,
        "sha256": result.sha256,
        "seed": result.seed_used,
        "receipt": result.receipt or None,
        "similarity": result.similarity,
    }


def _merged_of(edit: EditRequest, *, viewer: User, address: Callable[[str], str]) -> dict[str, Any] | None:
    """What becomes of the answer in the original, if anything; with a link once it is there, as for the result."""
    merged = expected_merge_of(edit)
    if merged is None:
        return None
    shown = merged.is_ready and edit.status == Status.SUCCEEDED and not edit.trashed_at
    link = link_to_result(edit, viewer_id=viewer.pk, version=MERGED, now=timezone.now()) if shown else ""
    return {
        "state": merged.state,
        "kind": merged.kind,
        "refusal": merged.refusal or None,
        "url": address(link) if link else None,
        "width": merged.width_px,
        "height": merged.height_px,
        "bytes": merged.size_bytes,
        "sha256": merged.sha256 or None,
    }


def _error_of(edit: EditRequest) -> dict[str, str] | None:
    if edit.status != Status.FAILED:
        return None
    return {"code": edit.reason, "message": edit.message or str(Reason(edit.reason).label)}


def _id_of(other: EditRequest | None, *, viewer: User) -> str | None:
    return str(other.public_id) if other and not other.is_private_to(viewer) else None


def _seconds(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None
