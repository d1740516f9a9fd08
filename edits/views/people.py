"""What administrators do with people: roles, locking out and letting in again, password links, invitations."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.views.decorators.http import require_POST

from edits.forms.accounts import InvitationForm, RoleForm
from edits.models import Invitation, Role, User
from edits.services.team import people
from edits.services.team.inviting import invite, revoke_invitation
from edits.views.access import administrators_only, signed_in
from edits.views.settings_page import show_settings

LAST_ADMINISTRATOR = "{} is the only administrator. Make somebody else administrator first."


@require_POST
@administrators_only
def set_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another role."""
    person = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "There is no such role.")
    elif people.set_role(user=person, role=form.cleaned_data["role"], by=signed_in(request)):
        messages.success(request, f"{person.name} is now {Role(person.role).label.lower()}.")
    else:
        messages.error(request, LAST_ADMINISTRATOR.format(person.name))
    return _back("people")


@require_POST
@administrators_only
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Lock somebody out at once."""
    person = get_object_or_404(User, pk=pk)
    if people.deactivate(user=person, by=signed_in(request)):
        messages.success(request, f"{person.name} is signed out and cannot sign in any more.")
    else:
        messages.error(request, LAST_ADMINISTRATOR.format(person.name))
    return _back("people")


@require_POST
@administrators_only
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody in again."""
    person = get_object_or_404(User, pk=pk)
    people.reactivate(user=person, by=signed_in(request))
    messages.success(request, f"{person.name} can sign in again.")
    return _back("people")


@require_POST
@administrators_only
def make_password_link(request: HttpRequest, pk: int) -> HttpResponse:
    """For somebody who forgot their password: a link that sets a new one, shown this once."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    uid, key = people.make_reset_key(user=person, by=signed_in(request))
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    return show_settings(request, password_link=request.build_absolute_uri(path), password_link_for=person)


@require_POST
@administrators_only
def make_invitation(request: HttpRequest) -> HttpResponse:
    """Make an invitation and show its link, this once: only a hash of it is kept."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return show_settings(request, status=422, invitation_form=form)
    invitation, token = invite(by=signed_in(request), **form.cleaned_data)
    link = request.build_absolute_uri(reverse("edits:join", args=[token]))
    until = date_format(localtime(invitation.expires_at), "Y-m-d H:i")
    return show_settings(request, invitation_link=link, made_until=until)


@require_POST
@administrators_only
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an invitation useless."""
    invitation = get_object_or_404(Invitation, pk=pk)
    if revoke_invitation(invitation=invitation, by=signed_in(request)):
        messages.success(request, "The invitation is revoked. Its link opens nothing any more.")
    else:
        messages.error(request, "This invitation was no longer open.")
    return _back("invitations")


def _back(section: str) -> HttpResponse:
    return redirect(f"{reverse('edits:settings')}#{section}")
