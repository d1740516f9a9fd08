"""GET /v1/edits: the caller's own edits, or the team's shared ones; newest first by default.

Pages continue after an edit, not after a number of edits, so that new edits shift nothing.  Counts never include
edits that the caller may not see.
"""

from django.db.models import Q, Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse

from edits.api.access import api, wrong_scope
from edits.api.errors import ApiError, refused
from edits.forms.edit_list import EditListForm
from edits.models import ApiKey, EditRequest
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.api.api_keys import open_to
from edits.services.api.serializers import describe, with_descriptions


@api("GET", scope="any")
def edit_list(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """A page of edits; with a key without read permission, of those that the key created."""
    form = EditListForm(request.GET)
    if not form.is_valid():
        raise refused(form)
    edits, has_more = _page(form, key=key)
    shown = [describe(edit, viewer=key.owner, address=request.build_absolute_uri) for edit in edits]
    ends = {
        "first_id": shown[0]["id"] if shown else None,
        "last_id": shown[-1]["id"] if shown else None,
    }
    return JsonResponse({"object": "list", "data": shown, **ends, "has_more": has_more})


def _page(form: EditListForm, *, key: ApiKey) -> tuple[list[EditRequest], bool]:
    """The edits and whether more follow, in one query; in one more if nothing follows the given edit, and in three
    more for a search.

    Raises ApiError for an edit that is not in the list, and for the team's list with a key without read
    permission.
    """
    asked = form.cleaned_data
    of_team, backwards = asked["scope"] == "team", asked["before"] is not None
    rising = (asked["order"] == "asc") != backwards
    if of_team and not key.can_read:
        raise wrong_scope("read edits")
    listed = EditRequest.objects.shared() if of_team else open_to(key).of(key.owner)
    edits = listed.not_trashed()
    place = listed.filter(public_id=asked["after"] or asked["before"]).order_by()
    if asked["after"] or asked["before"]:
        edits = _beyond(edits, place, rising=rising, of_team=of_team)
    columns = [_moment(of_team), "pk"]
    ordered = edits.order_by(*(column if rising else f"-{column}" for column in columns))
    found = list(with_descriptions(form.narrow(ordered, viewer=key.owner))[: asked["limit"] + 1])
    if not found and (asked["after"] or asked["before"]) and not place.exists():
        raise _unknown_place("before" if backwards else "after")
    shown = found[: asked["limit"]]
    return (shown[::-1] if backwards else shown), len(found) > len(shown)


def _beyond(
    edits: EditRequestQuerySet, place: EditRequestQuerySet, *, rising: bool, of_team: bool
) -> EditRequestQuerySet:
    """The edits after a given edit of the list."""
    side, moment = "gt" if rising else "lt", _moment(of_team)
    past = Q((f"pk__{side}", Subquery(place.values("pk")[:1])))
    # The first condition is redundant, but lets the index start at the edit.
    at = Subquery(place.values(moment)[:1])
    return edits.filter(Q((f"{moment}__{side}e", at))).filter(Q((f"{moment}__{side}", at)) | past)


def _moment(of_team: bool) -> str:
    return "shared_at" if of_team else "created_at"


def _unknown_place(param: str) -> ApiError:
    return ApiError(
        "There is no such edit in this list (any more). Begin again without it.",
        status=400,
        code="invalid",
        param=param,
    )
