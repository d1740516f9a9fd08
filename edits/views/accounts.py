"""How allauth behaves here: who may sign up, what its errors say, where it leads."""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib import messages
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from edits.models import InvitationState, User
from edits.services.team.inviting import accept_invitation
from edits.views.joining import CLOSED, SESSION_KEY, invitation_of, say_closed

NO_MATCH = "This name and password do not belong together here. Check both."
log = logging.getLogger(__name__)


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Sign-up needs an open invitation, and the role comes from it."""

    # Both mismatches read alike, and like those of a name that nobody has.
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": NO_MATCH,
        "email_password_mismatch": NO_MATCH,
        "too_many_login_attempts": "Too many failed tries. Wait five minutes, then try again.",
        "email_taken": "Somebody here has this address already.",
        "username_taken": "Somebody here has this username already.",
        "enter_current_password": "This is not your current password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only for a browser that came by an invitation which is still open."""
        return invitation_of(request) is not None

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Save the new person and use up the invitation, both or neither."""
        super().save_user(request, user, form, commit=False)
        invitation = invitation_of(request)
        try:
            joined = invitation is not None and accept_invitation(invitation=invitation, user=user)
        except IntegrityError:  # two people chose the same name in the same moment
            messages.error(request, "Somebody took this username a moment ago. Choose another.")
            raise ImmediateHttpResponse(redirect("account_signup")) from None
        if not joined:
            raise ImmediateHttpResponse(say_closed(request, CLOSED[InvitationState.USED]))
        del request.session[SESSION_KEY]
        return user

    def set_password(self, user: User, password: str) -> None:
        """Write this column alone: saving the whole row could bring back a role that was just taken away."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """For somebody with the right password whose account is deactivated."""
        messages.error(request, "This account is deactivated. Ask an administrator.")
        return redirect("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the password link is."""
        return reverse("edits:settings")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down must not tell by an error which addresses are known."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("The mail %s could not be sent", template_prefix)
