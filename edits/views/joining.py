"""The way in for new members: an invitation link opens the sign-up page for one browser."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from edits.models import Invitation, InvitationState
from edits.services.team.inviting import find_invitation

SESSION_KEY = "invitation"
"""Holds the invitation's row number, never its token."""

CLOSED = {
    InvitationState.USED: _("This invitation has already been used. Each link creates one account."),
    InvitationState.REVOKED: _("This invitation has been revoked."),
    InvitationState.EXPIRED: _("This invitation has expired."),
}
UNKNOWN = _("This invitation does not exist. The link may not have been copied completely.")


@never_cache
@login_not_required
@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Remember the invitation and go on to the account; or say why it opens nothing.

    Looking at the link uses nothing up: mail scanners and chat previews look at links too.
    """
    invitation = find_invitation(token)
    state = invitation.state(timezone.now()) if invitation else None
    if invitation is None or state != InvitationState.OPEN:
        return say_closed(request, CLOSED.get(state, UNKNOWN) if state else UNKNOWN)
    if request.user.is_authenticated:
        return render(request, "joining/signed_in.html", {"invitation": invitation})
    request.session[SESSION_KEY] = invitation.pk
    return redirect("account_signup")


def say_closed(request: HttpRequest, sentence: str | Promise) -> HttpResponse:
    """The one page for links that open nothing."""
    return render(request, "joining/closed.html", {"sentence": sentence}, status=404)


def invitation_of(request: HttpRequest) -> Invitation | None:
    """The open invitation that this browser came by."""
    pk = request.session.get(SESSION_KEY)
    return Invitation.objects.open(timezone.now()).filter(pk=pk).first() if pk else None
