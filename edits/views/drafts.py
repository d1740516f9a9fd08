"""Saves the studio's form while somebody fills it in, clears it, and gives it back on the next visit."""

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.forms.part_fields import PART_FIELDS
from edits.http.access import signed_in
from edits.models import Draft
from edits.models.batches import MOST_EDITS
from edits.services.drafts import BEFORE, Content, StaleDraft, bring_back_draft, clear_draft, save_draft
from edits.views.batch_fields import BATCH_FIELDS
from edits.views.entered import OPTIONS
from edits.views.prefill import Prefill
from edits.views.studio_form import read_source
from edits.views.undo import success_with_undo

PICTURES = ("source", "picture", "reference_source")
FIELDS = (
    *PICTURES,
    *PART_FIELDS,
    "shape",
    "prompt",
    "model",
    "lock",
    "kept",
    "preset",
    *OPTIONS,
    *BATCH_FIELDS,
    "show",
    "sent",
)
"""What is kept of the form.  ``show`` is the edit on the stage, ``sent`` says that all of it was sent."""
ENTERED = (*PICTURES, "prompt")
"""Without one of these there is nothing to go on with."""
MOST_CHARS = 200_000
WINNING = ("from", "fold", "sample", "model", "shared")
"""What an address may ask for instead of the draft."""


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Store what is entered; 409 with the latest revision where the page has not seen it."""
    content = _content(request.POST)
    if sum(len(text) for values in content.values() for text in values) > MOST_CHARS:
        return JsonResponse({}, status=413)
    try:
        revision = save_draft(
            owner=signed_in(request),
            content=content,
            uploads=_uploads(request.POST),
            seen=_number(request.POST.get("revision", "")),
            tab=request.POST.get("tab", "")[:64],
            at=_number(request.POST.get("at", "")),
            now=timezone.now(),
        )
    except StaleDraft as error:
        return JsonResponse({"revision": error.revision}, status=409)
    return JsonResponse({"revision": revision})


@require_POST
def clear(request: HttpRequest) -> HttpResponse:
    """Begin with an empty form."""
    if clear_draft(owner=signed_in(request), now=timezone.now()):
        success_with_undo(request, gettext("Form cleared."), undo=reverse("edits:bring_back_draft"))
    return redirect("edits:studio")


@require_POST
def bring_back(request: HttpRequest) -> HttpResponse:
    """Undo clearing it."""
    bring_back_draft(owner=signed_in(request), now=timezone.now())
    return redirect("edits:studio")


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def _content(data: QueryDict) -> Content:
    return {name: data.getlist(name) for name in FIELDS if any(data.getlist(name))}


def _uploads(data: QueryDict) -> list[str]:
    chosen = [read_source(text) for name in PICTURES for text in data.getlist(name)[:MOST_EDITS]]
    return [choice.key for choice in chosen if choice and choice.kind == "upload"]


def entered_before(request: HttpRequest, draft: Draft | None, *, prefill: Prefill) -> QueryDict | None:
    """The draft as a form that was sent; None where there is nothing in it, or the address asks for something else.

    An edit on the stage fills the form only where all of the draft was sent.
    """
    content = draft.content if draft else {}
    if not any(content.get(name) for name in ENTERED) or BEFORE in content:
        return None
    if any(name in request.GET for name in WINNING):
        return None
    shown = request.GET.get("show", "")
    if prefill.of_edit and "sent" in content and content.get("show") != [shown]:
        return None
    data = QueryDict(mutable=True)
    for name, values in content.items():
        data.setlist(name, values)
    return prefill.put_into(data)
