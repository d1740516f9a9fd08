"""API keys on the settings page: people create and revoke their own; administrators can revoke anyone's.

Only a browser that is signed in reaches these views: a key cannot create keys.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from edits.forms.api_keys import ApiKeyForm
from edits.http.access import signed_in
from edits.models import ApiKey
from edits.services.api import api_keys
from edits.views.settings_page import show_settings


@sensitive_variables("text")
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make a key and show it, this once: only its hash is kept."""
    owner = signed_in(request)
    form = ApiKeyForm(request.POST, owner=owner)
    if not form.is_valid():
        return show_settings(request, status=422, api_key_form=form)
    key, text = api_keys.make_api_key(owner=owner, **form.cleaned_data, now=timezone.now())
    return show_settings(request, new_key=key, new_key_text=text)


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a key useless, from its next call on."""
    user = signed_in(request)
    theirs = ApiKey.objects.all() if user.is_administrator else ApiKey.objects.of(user)
    key = get_object_or_404(theirs.select_related("owner"), pk=pk)
    if api_keys.revoke_api_key(key=key, by=user, now=timezone.now()):
        messages.success(request, gettext("Key “%(name)s” revoked. It no longer works.") % {"name": key.name})
    else:
        messages.error(request, gettext("This key was already revoked."))
    return redirect(f"{reverse('edits:settings')}#api-keys")
