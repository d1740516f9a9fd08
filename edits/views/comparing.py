"""Two edits side by side: their pictures, the words of their prompts, their options, and where the pictures differ.

Both must be visible to the viewer, and done: what the filter stopped is compared with nothing.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import quote_etag
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from edits.http.access import signed_in
from edits.http.humanize import percent
from edits.http.prompt_diff import prompt_diff
from edits.http.serving import SAFE_HEADERS
from edits.http.shown_pictures import ShownPicture, before_picture_of, face_picture_of
from edits.images import BadImage
from edits.models import EditRequest, ProviderModel, Status, User
from edits.services.pictures.difference import difference_between
from edits.services.pictures.faces import face_of
from edits.services.team.auditing import record
from edits.views.compared import rows_of
from edits.views.lineage import first_source_of

Pair = tuple[EditRequest, EditRequest]
MOST_OTHERS = 8
OTHERS_SHOW = ("public_id", "prompt", "original", "merged__state")


@gzip_page
@require_safe
def compare(request: HttpRequest, first: UUID, second: UUID) -> HttpResponse:
    """The page.  With ``?before=first`` the second is compared with the first source of its chain."""
    user = signed_in(request)
    if first == second:
        return redirect("edits:viewer", first)
    pair = pair_of(user, first, second)
    _note_looks(pair, user)
    response = render(request, "compare/compare.html", _context(request, pair, user))
    patch_cache_control(response, private=True, no_cache=True)  # as the page of one edit
    return response


@require_safe
def difference(request: HttpRequest, first: UUID, second: UUID) -> HttpResponseBase:
    """The map of changes from one result to the other; the share that differs is in ``X-Changed-Share``."""
    user = signed_in(request)
    one, other = pair_of(user, first, second)
    _note_looks((one, other), user, at=request.path)
    first_face, second_face = face_of(one), face_of(other)
    etag = quote_etag(
        f"{first_face.file.name}:{second_face.file.name}"
    )  # a name is never used for other bytes
    answer: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if answer is None:
        try:
            overlay, share = difference_between(first_face, second_face)
        except (OSError, BadImage):
            return HttpResponse(status=503, headers={"Retry-After": "60", "Cache-Control": "no-store"})
        answer = HttpResponse(overlay, content_type="image/webp", headers={"X-Changed-Share": percent(share)})
    for header, value in {"ETag": etag, **SAFE_HEADERS}.items():
        answer.headers[header] = value
    return answer


def pair_of(user: User, first: UUID, second: UUID) -> Pair:
    """Two done edits that this person may open.  Raises Http404 where one is not."""
    model = ProviderModel.objects.filter(provider=OuterRef("provider"), name=OuterRef("model"))
    done = EditRequest.objects.visible_to(user).filter(
        public_id__in=[first, second], status=Status.SUCCEEDED, result__withheld=False
    )
    found = done.select_related("owner", "upload", "result", "merged", "provider", "parent").annotate(
        model_label=Subquery(model.values("label")[:1])
    )
    edits = {edit.public_id: edit for edit in found.prefetch_related("references")}
    try:
        return edits[first], edits[second]
    except KeyError as error:
        raise Http404 from error


def _note_looks(pair: Iterable[EditRequest], user: User, *, at: str = "") -> None:
    for edit in pair:
        if edit.is_private_to(user):
            record(
                actor=user,
                action="looked at a picture" if at else "looked at an edit",
                subject=str(edit.public_id),
                detail=at or f"of {edit.owner.username}, compared with another",
                now=timezone.now(),
            )


def _context(request: HttpRequest, pair: Pair, user: User) -> dict[str, Any]:
    first, second = pair
    root = first_source_of(second, viewer=user)
    before_is_source = root is not None and request.GET.get("before") == "first"
    before = before_picture_of(root) if root and before_is_source else face_picture_of(first)
    after = face_picture_of(second)
    own = user.pk in (first.owner_id, second.owner_id)
    rows = rows_of(first, second, viewer=user)
    return {
        "first": first,
        "second": second,
        "viewer": user,
        "before": before,
        "after": after,
        "is_alike": before.is_like(after),
        "has_map": not before_is_source and before.is_like(after),
        "zoom_px": _zoom_px(before, after),
        "root": root,
        "before_is_source": before_is_source,
        "words": prompt_diff(first.prompt, second.prompt),
        "rows": rows,
        "differing": sum(row.differs is True for row in rows),
        "others": _others(pair, user),
        "may_reuse": [not edit.is_private_to(user) for edit in pair],
        "is_on_record": any(edit.is_private_to(user) for edit in pair),
        "list_url": reverse("edits:history" if own else "edits:team"),
        "list_is_team": not own,
    }


def _others(pair: Pair, user: User) -> list[EditRequest]:
    """The person's latest done edits, besides these two."""
    done = EditRequest.objects.of(user).not_trashed().filter(status=Status.SUCCEEDED, result__withheld=False)
    latest = done.order_by("-id").select_related("merged").only(*OTHERS_SHOW)[: MOST_OTHERS + len(pair)]
    return [edit for edit in latest if edit not in pair][:MOST_OTHERS]


def _zoom_px(before: ShownPicture, after: ShownPicture) -> int:
    """How wide the picture is that 100 % is about: the larger one, so that no pixel of either is lost."""
    return max(before.width_px, after.width_px) if before.is_like(after) else after.width_px
