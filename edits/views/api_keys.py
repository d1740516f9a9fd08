"""Keys of the API on the settings page: one's own are made and revoked here; administrators revoke everybody's.

Only who is signed in with a browser comes here: a key makes no keys.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from edits.forms.api_keys import ApiKeyForm
from edits.models import ApiKey
from edits.services.programs import api_keys
from edits.views.access import signed_in
from edits.views.settings_page import show_settings


@sensitive_variables("text")
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a key and show it, this once: only its hash is kept."""
    owner = signed_in(request)
    form = ApiKeyForm(request.POST, owner=owner)
    if not form.is_valid():
        return show_settings(request, status=422, api_key_form=form)
    key, text = api_keys.make_api_key(owner=owner, **form.cleaned_data)
    return show_settings(request, new_key=key, new_key_text=text)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a key useless, from its next call on."""
    user = signed_in(request)
    theirs = ApiKey.objects.all() if user.is_administrator else ApiKey.objects.of(user)
    key = get_object_or_404(theirs.select_related("owner"), pk=pk)
    if api_keys.revoke_api_key(key=key, by=user):
        messages.success(request, f"“{key.name}” is revoked. It opens nothing any more.")
    else:
        messages.error(request, "This key was revoked before.")
    return redirect(f"{reverse('edits:settings')}#api-keys")
