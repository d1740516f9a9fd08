"""What administrators do with people: roles, deactivating and reactivating, password links, invitations."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from edits.forms.accounts import InvitationForm, RoleForm
from edits.http.access import administrators_only, signed_in
from edits.models import ApiKey, EditRequest, Invitation, Role, User
from edits.services.queue.canceling import canceled_with
from edits.services.team import people, sign_ins
from edits.services.team.inviting import invite, revoke_invitation
from edits.views.settings_page import show_settings

LAST_ADMINISTRATOR = _("%(name)s is the only administrator. Make someone else an administrator first.")
NEW_ROLE = {
    Role.MEMBER: _("%(name)s is now a member."),
    Role.REVIEWER: _("%(name)s is now a reviewer."),
    Role.ADMINISTRATOR: _("%(name)s is now an administrator."),
}


@require_POST
@administrators_only
def set_role(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody another role."""
    person = get_object_or_404(User, pk=pk)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("This role does not exist."))
    elif people.set_role(
        user=person, role=form.cleaned_data["role"], by=signed_in(request), now=timezone.now()
    ):
        messages.success(request, NEW_ROLE[Role(person.role)] % {"name": person.name})
    else:
        messages.error(request, LAST_ADMINISTRATOR % {"name": person.name})
    return _back("people")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first and say what will happen; then sign the person out and lock the account."""
    person = get_object_or_404(User, pk=pk)
    if request.method != "POST":
        return _ask(request, "deactivate", person, held=_held_by(person))
    if people.deactivate(user=person, by=signed_in(request), now=timezone.now()):
        messages.success(request, gettext("%(name)s is deactivated and signed out.") % {"name": person.name})
    else:
        messages.error(request, LAST_ADMINISTRATOR % {"name": person.name})
    return _back("people")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask whether canceled edits should be queued again; then let the person sign in again."""
    person = get_object_or_404(User, pk=pk)
    canceled = canceled_with(person).count()
    if request.method != "POST":
        keys = ApiKey.objects.of(person).lasting(timezone.now()).count()
        return _ask(request, "reactivate", person, canceled=canceled, keys=keys)
    wanted = "queue_again" in request.POST
    queued = people.reactivate(user=person, by=signed_in(request), with_edits=wanted, now=timezone.now())
    messages.success(request, _signs_in_again(person, queued, canceled if wanted else 0))
    return _back("people")


def _ask(request: HttpRequest, what: str, person: User, **shown: Any) -> HttpResponse:
    context = {"person": person, "people_url": f"{reverse('edits:settings')}#people"} | shown
    return render(request, f"people/{what}.html", context)


def _held_by(person: User) -> dict[str, int]:
    """What a deactivation ends or leaves, in numbers."""
    now, edits = timezone.now(), EditRequest.objects.of(person)
    return {
        "waiting": edits.queued().count(),
        "running": edits.active().count() - edits.queued().count(),
        "keys": ApiKey.objects.of(person).usable(now).count(),
        "invitations": Invitation.objects.open(now).filter(created_by=person).count(),
        "shared": edits.shared().count(),
    }


def _signs_in_again(person: User, queued: int, wanted: int) -> str:
    """The message after a reactivation: how many of the edits that should wait again do."""
    values = {"name": person.name, "queued": f"{queued:,}", "wanted": f"{wanted:,}"}
    if not wanted:
        return gettext("%(name)s can sign in again.") % values
    if queued < wanted:
        words = gettext(
            "%(name)s can sign in again. %(queued)s of %(wanted)s edits are queued again; the others are over "
            "their budget."
        )
        return words % values
    words = ngettext(
        "%(name)s can sign in again. %(queued)s edit is queued again.",
        "%(name)s can sign in again. %(queued)s edits are queued again.",
        queued,
    )
    return words % values


@require_POST
@administrators_only
def make_password_link(request: HttpRequest, pk: int) -> HttpResponse:
    """For somebody who forgot their password: a link that sets a new one, shown this once."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    uid, key = people.make_reset_key(user=person, by=signed_in(request), now=timezone.now())
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key})
    return show_settings(request, password_link=request.build_absolute_uri(path), password_link_for=person)


@require_POST
@administrators_only
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    """End the waits that wrong passwords caused for somebody."""
    person = get_object_or_404(User, pk=pk, is_active=True)
    sign_ins.unlock(user=person, by=signed_in(request), now=timezone.now())
    messages.success(request, gettext("%(name)s can try to sign in again now.") % {"name": person.name})
    return _back("people")


@require_POST
@administrators_only
def make_invitation(request: HttpRequest) -> HttpResponse:
    """Make an invitation and show its link, this once: only a hash of it is kept."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return show_settings(request, status=422, invitation_form=form)
    invitation, token = invite(by=signed_in(request), **form.cleaned_data, now=timezone.now())
    link = request.build_absolute_uri(reverse("edits:join", args=[token]))
    return show_settings(request, invitation_link=link, made_until=invitation.expires_at)


@require_POST
@administrators_only
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke an invitation that is still open."""
    invitation = get_object_or_404(Invitation, pk=pk)
    if revoke_invitation(invitation=invitation, by=signed_in(request), now=timezone.now()):
        messages.success(request, gettext("Invitation revoked. Its link no longer works."))
    else:
        messages.error(request, gettext("This invitation was already used, revoked or expired."))
    return _back("invitations")


def _back(section: str) -> HttpResponse:
    return redirect(f"{reverse('edits:settings')}#{section}")
