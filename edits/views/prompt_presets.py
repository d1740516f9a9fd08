"""Presets: the list of one's own and the team's, and saving, changing, sharing and deleting one's own."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from edits.forms.prompt_presets import PresetForm
from edits.http.access import signed_in
from edits.models import PromptPreset
from edits.models.prompt_presets import PromptPresetQuerySet
from edits.services.prompts.prompt_presets import (
    change_preset,
    delete_preset,
    restore_preset,
    save_preset,
    share_preset,
    take_back_preset,
)
from edits.services.team.auditing import record
from edits.views.htmx import HtmxRequest
from edits.views.preset_sources import Kept, kept_of_address, kept_of_preset
from edits.views.redirects import came_from
from edits.views.undo import success_with_undo

PER_PAGE = 24
SHOWN = ("example__upload", "example__result", "example__merged")
"""What its pictures are read with."""


@cache_control(private=True, no_cache=True)
@require_safe
def presets(request: HtmxRequest) -> HttpResponse:
    """A page of them, or in place what the studio's dialog shows; ``?show=own`` or ``team`` narrows it."""
    user, show = signed_in(request), request.GET.get("show", "")
    rows = PromptPreset.objects.usable_by(user).latest_first()
    rows = rows.of(user) if show == "own" else rows.of_team() if show == "team" else rows
    older = request.GET.get("older", "")
    if older.isdecimal() and len(older) <= 18:
        rows = rows.filter(pk__lt=int(older))
    shown = list(rows.select_related("owner", *SHOWN)[: PER_PAGE + 1])
    context = {
        "presets": shown[:PER_PAGE],
        "more": shown[PER_PAGE - 1].pk if len(shown) > PER_PAGE else None,
        "older": older,
        "show": show if show in ("own", "team") else "",
        "viewer": user,
        "in_place": bool(request.htmx),
    }
    return render(request, f"presets/{'_presets' if request.htmx else 'presets'}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """A new preset of what the address names: ``?edit=…``, ``?draft=1``, or nothing yet."""
    user = signed_in(request)
    kept = kept_of_address(request, owner=user)
    form = _form(request, kept)
    if request.method == "POST" and form.is_valid():
        preset = save_preset(
            owner=user,
            content=form.to_content(),
            shared=form.cleaned_data["is_shared"],
            now=timezone.now(),
        )
        messages.success(request, gettext("Preset “%(name)s” saved.") % {"name": preset.name})
        return redirect("edits:presets")
    edit = request.GET.get("edit")
    back = reverse("edits:viewer", args=[UUID(edit)]) if edit else reverse("edits:presets")
    return _shown(request, {"form": form, "kept": kept, "back": back})


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One's own preset in a form."""
    user = signed_in(request)
    preset = get_object_or_404(_own(request).select_related(*SHOWN), public_id=public_id)
    kept = kept_of_preset(preset, owner=user)
    form = _form(request, kept)
    if request.method == "POST" and form.is_valid():
        change_preset(preset=preset, content=form.to_content())
        if form.cleaned_data["is_shared"]:
            share_preset(preset=preset, now=timezone.now())
        else:
            take_back_preset(preset=preset)
        messages.success(request, gettext("Preset “%(name)s” changed.") % {"name": preset.name})
        return redirect("edits:presets")
    context = {"form": form, "kept": kept, "preset": preset, "back": reverse("edits:presets")}
    return _shown(request, context)


def _form(request: HttpRequest, kept: Kept) -> PresetForm:
    data = request.POST if request.method == "POST" else None
    return PresetForm(
        data, options=kept.options, model=kept.model, examples=kept.examples, initial=kept.initial
    )


def _shown(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, "presets/preset.html", context, status=status)


@require_POST
def share(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let the team use one's own preset, or with ``shared=0`` take it back.

    Reviewers may take anybody's from the team; that is written down.
    """
    user, now = signed_in(request), timezone.now()
    if request.POST.get("shared", request.GET.get("shared")) == "0":
        shared = PromptPreset.objects.kept()
        takable = shared.of(user) | shared.of_team() if user.is_reviewer else shared.of(user)
        preset = get_object_or_404(takable.select_related("owner"), public_id=public_id)
        if take_back_preset(preset=preset) and preset.owner_id != user.pk:
            record(
                actor=user, action="unshared a preset", subject=str(public_id), detail=f"of {preset.owner}",
                now=now,
            )  # fmt: skip
            messages.success(request, gettext("No longer shared with the team."))
        else:
            undo = f"{reverse('edits:share_preset', args=[public_id])}?shared=1"
            success_with_undo(request, gettext("Only you can use this preset now."), undo=undo)
        return _back(request)
    preset = get_object_or_404(_own(request), public_id=public_id)
    if share_preset(preset=preset, now=now):
        undo = f"{reverse('edits:share_preset', args=[public_id])}?shared=0"
        success_with_undo(request, gettext("The team can use this preset now."), undo=undo)
    return _back(request)


@require_POST
def delete(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Delete one's own preset, with a way back."""
    preset = get_object_or_404(_own(request), public_id=public_id)
    delete_preset(preset=preset, now=timezone.now())
    undo = reverse("edits:restore_preset", args=[public_id])
    success_with_undo(request, gettext("Preset “%(name)s” deleted.") % {"name": preset.name}, undo=undo)
    return redirect("edits:presets")


@require_POST
def restore(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Undo deleting it."""
    if not restore_preset(owner=signed_in(request), public_id=public_id):
        raise Http404
    messages.success(request, gettext("Restored."))
    return _back(request)


def _own(request: HttpRequest) -> PromptPresetQuerySet:
    return PromptPreset.objects.kept().of(signed_in(request))


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(came_from(request, default=reverse("edits:presets")))
