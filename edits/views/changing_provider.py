"""Changing a provider: name, URL, limits, key; and removing it, after a page that says what waits."""

from collections.abc import Sequence
from copy import copy

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from edits.forms.providers import TAKEN, ChangeProviderForm, KeyForm
from edits.http.access import administrators_only, signed_in
from edits.models import EditRequest, Provider
from edits.providers.presets import PRESETS
from edits.services.provider.changing import change_provider, replace_key
from edits.services.provider.connection_test import ConnectionFailed, list_models
from edits.services.provider.naming import NameTaken
from edits.services.provider.removing import remove_provider
from edits.views.provider_lookup import find_editable

UNPROCESSABLE = 422


@never_cache
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def change(request: HttpRequest, slug: str) -> HttpResponse:
    """Another name, URL, limits or key.  A new URL or key is tried for free before it is stored."""
    provider = find_editable(slug)
    if request.method != "POST":
        return _change_page(request, provider, ChangeProviderForm(provider=provider))
    form = ChangeProviderForm(request.POST, provider=provider)
    if form.is_valid() and _works(form, provider) and _change(request, form, provider):
        return redirect("edits:provider", slug)
    return _change_page(request, provider, form, status=UNPROCESSABLE)


def _works(form: ChangeProviderForm, provider: Provider) -> bool:
    """Where URL and key are as they were there is nothing to try."""
    wanted = form.to_provider()
    if wanted.stored_url == provider.stored_url and form.new_key is None:
        return True
    try:
        list_models(wanted)
    except ConnectionFailed as error:
        form.add_error(error.field, str(error))
        return False
    return True


def _change(request: HttpRequest, form: ChangeProviderForm, provider: Provider) -> bool:
    try:
        changed = change_provider(
            provider, form.to_provider(), actor=signed_in(request), now=timezone.now(), key=form.new_key
        )
    except NameTaken:
        form.add_error("name", TAKEN)
        return False
    messages.success(request, _saved_words(changed))
    return True


def _saved_words(changed: Sequence[str]) -> str:
    if not changed:
        return gettext("Nothing changed.")
    return gettext("Saved: %(changes)s.") % {"changes": gettext(", ").join(map(gettext, changed))}


def _change_page(
    request: HttpRequest, provider: Provider, form: ChangeProviderForm, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "provider": provider, "kind": PRESETS[provider.kind]}
    return render(request, "provider/change.html", context, status=status)


@never_cache
@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def key(request: HttpRequest, slug: str) -> HttpResponse:
    """Another key.  One that the service refuses is not stored; then a provider on hold is tried at once."""
    provider = find_editable(slug)
    form = KeyForm(request.POST if request.method == "POST" else None, auto_id="id_provider_%s")
    if request.method == "POST" and form.is_valid():
        refusal = _refusal_of(form, provider)
        if not refusal:
            replace_key(provider, form.wanted_key, actor=signed_in(request), now=timezone.now())
            messages.success(request, gettext("Key replaced."))
            return redirect("edits:provider", slug)
        form.add_error("key_variable" if form.cleaned_data["key_variable"] else "key", refusal)
    status = UNPROCESSABLE if form.errors else 200
    context = {"form": form, "provider": provider, "kind": PRESETS[provider.kind]}
    return render(request, "provider/key.html", context, status=status)


def _refusal_of(form: KeyForm, provider: Provider) -> str:
    """What is wrong with the key; "" where the server takes it, or cannot be asked now."""
    wanted = form.wanted_key
    if not (wanted.encrypted or wanted.variable) and PRESETS[provider.kind].key_rule == "required":
        return gettext("Enter the key.")
    tried = copy(provider)
    tried.encrypted_key, tried.key_variable = wanted.encrypted, wanted.variable
    try:
        list_models(tried)
    except ConnectionFailed as error:
        return str(error) if error.field == "key" else ""
    return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask first and say how many edits wait; then remove it."""
    provider = find_editable(slug)
    if request.method != "POST":
        waiting = EditRequest.objects.queued().filter(provider=provider).count()
        return render(request, "provider/remove.html", {"provider": provider, "waiting": waiting})
    if remove_provider(provider, actor=signed_in(request), now=timezone.now()):
        messages.success(request, gettext("%(name)s removed; its key is erased.") % {"name": provider.title})
    return redirect("edits:providers")
