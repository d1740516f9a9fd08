"""GET /v1/edits: one's own edits, or what the team shares; the newest first unless asked otherwise.

Pages go on after an edit, never after a number of edits: what arrives meanwhile moves nothing.  Nothing counts what
the caller may not see.
"""

from django.db.models import Q, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse

from edits.api.access import api
from edits.api.errors import ApiError, refused
from edits.forms.edit_list import EditListForm
from edits.models import ApiKey, EditRequest, User
from edits.models.edit_requests import EditRequestQuerySet
from edits.services.programs.describing import describe, with_descriptions


@api("GET", scope="read")
def edit_list(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """A page of edits."""
    form = EditListForm(request.GET)
    if not form.is_valid():
        raise refused(form)
    edits, has_more = _page(form, viewer=key.owner)
    shown = [describe(edit, viewer=key.owner, address=request.build_absolute_uri) for edit in edits]
    ends = {
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
    }
    return JsonResponse({"object": "list", "data": shown, **ends, "has_more": has_more})


def _page(form: EditListForm, *, viewer: User) -> tuple[list[EditRequest], bool]:
    """The edits and whether more follow, in one query; in two where nothing follows the place that is named.

    Raises ApiError for a place that is not in the list.
    """
    asked = form.cleaned_data
    of_team, backwards = asked["scope"] == "team", asked["before"] is not None
    rising = (asked["order"] == "asc") != backwards
    listed = EditRequest.objects.shared() if of_team else EditRequest.objects.of(viewer)
    edits = form.narrow(listed.kept(), viewer=viewer)
    place = listed.filter(public_id=asked["after"] or asked["before"]).order_by()
    if asked["after"] or asked["before"]:
        edits = _beyond(edits, place, rising=rising, of_team=of_team)
    columns = ["shared_at", "pk"] if of_team else ["pk"]
    ordered = edits.order_by(*(column if rising else f"-{column}" for column in columns))
    found = list(with_descriptions(ordered)[: asked["limit"] + 1])
    if not found and (asked["after"] or asked["before"]) and not place.exists():
        raise _unknown_place("before" if backwards else "after")
    shown = found[: asked["limit"]]
    return (shown[::-1] if backwards else shown), len(found) > len(shown)


def _beyond(
    edits: EditRequestQuerySet, place: EditRequestQuerySet, *, rising: bool, of_team: bool
) -> EditRequestQuerySet:
    """What comes after a place, which is an edit of the list."""
    side = "gt" if rising else "lt"
    past = Q((f"pk__{side}", Subquery(place.values("pk")[:1])))
    if not of_team:
        return edits.filter(past)
    # The first condition says nothing new, but lets the index start at the place.
    at = Subquery(place.values("shared_at")[:1])
    return edits.filter(Q((f"shared_at__{side}e", at))).filter(Q((f"shared_at__{side}", at)) | past)


def _unknown_place(param: str) -> ApiError:
    return ApiError(
        "There is no such edit in this list (any more). Begin again without it.",
        status=400,
        code="invalid",
        param=param,
    )
