"""GET /v1/presets: the caller's own presets and the team's; newest first.  Names no edit and no picture."""

from typing import Any

from django.db.models import Subquery
from django.http import HttpRequest, HttpResponse, JsonResponse

from edits.api.access import api
from edits.api.errors import ApiError, refused
from edits.forms.preset_list import PresetListForm
from edits.models import ApiKey, PromptPreset, User


@api("GET", scope="read")
def preset_list(request: HttpRequest, key: ApiKey) -> HttpResponse:
    """A page of presets, which continues after a given one."""
    form = PresetListForm(request.GET)
    if not form.is_valid():
        raise refused(form)
    limit, after = form.cleaned_data["limit"], form.cleaned_data["after"]
    usable = PromptPreset.objects.usable_by(key.owner).latest_first().select_related("owner")
    place = PromptPreset.objects.usable_by(key.owner).filter(public_id=after).order_by()
    rows = usable.filter(pk__lt=Subquery(place.values("pk")[:1])) if after else usable
    found = list(rows[: limit + 1])
    if after and not found and not place.exists():
        raise ApiError(
            "There is no such preset in this list (any more). Begin again without it.",
            status=400,
            code="invalid",
            param="after",
        )
    shown = [describe_preset(preset, viewer=key.owner) for preset in found[:limit]]
    return JsonResponse({"object": "list", "data": shown, "has_more": len(found) > limit})


def describe_preset(preset: PromptPreset, *, viewer: User) -> dict[str, Any]:
    """The preset as programs read it.  ``options`` are fields of ``POST /v1/images/edits`` as text."""
    return {
        "id": str(preset.public_id),
        "object": "preset",
        "name": preset.name,
        "prompt": preset.prompt,
        "options": preset.options,
        "model": preset.model or None,
        "owner": preset.owner.username,
        "mine": preset.owner_id == viewer.pk,
        "shared": preset.shared_at is not None,
        "created": int(preset.created_at.timestamp()),
        "rates": preset.rates.stored() if preset.rates else None,
    }
