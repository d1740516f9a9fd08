"""How allauth behaves here: who may sign up, what its errors say, where it leads."""

import logging
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.folding import fold
from edits.forms.accounts import BrowserZoneForm
from edits.languages import known_language
from edits.models import InvitationState, User
from edits.services.site_links import absolute
from edits.services.team.inviting import accept_invitation
from edits.services.team.people import take_language, take_time_zone
from edits.services.team.sign_ins import note_failure, note_sign_in
from edits.views.joining import CLOSED, SESSION_KEY, invitation_of, say_closed
from edits.views.languages import chosen_language
from edits.views.sign_in_limits import (
    ACCOUNT,
    ADDRESS,
    HERE,
    Taken,
    TooMany,
    account_of,
    remember_browser,
    take_try,
)
from edits.views.signing_in import TOO_MANY

NO_MATCH = _("Wrong username or password.")
TRY_LATER = {
    HERE: _("Too many wrong passwords. Wait five minutes, then try again, or set a new password."),
    ADDRESS: _("Too many wrong passwords from your network address. Wait a minute, then try again."),
    ACCOUNT: _(
        "Too many wrong passwords for this name. Wait an hour, set a new password, or use a browser in which you "
        "signed in before."
    ),
}
MOST_USERNAME_CHARS = 150
log = logging.getLogger(__name__)


class InvitationOnlyAdapter(DefaultAccountAdapter):
    """Sign-up needs an open invitation, and the role comes from it."""

    # Both mismatches read alike, and like those of a name that nobody has.
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": NO_MATCH,
        "email_password_mismatch": NO_MATCH,
        "email_taken": _("This email address is already in use."),
        "username_taken": _("This username is already taken."),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Only for a browser that came by an invitation which is still open."""
        return invitation_of(request) is not None

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """As Django stores usernames; refused as well where one equals it but for case, accents or composition."""
        name = super().clean_username(User.normalize_username(username), shallow)
        if len(name) > MOST_USERNAME_CHARS:
            raise ValidationError(
                _("A username may have at most %(most)s characters."),
                code="too_long",
                params={"most": MOST_USERNAME_CHARS},
            )
        if not shallow and User.objects.filter(username_folded=fold(name)).exists():
            raise self.validation_error("username_taken")
        return name

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """Save the new person and use up the invitation, both or neither."""
        super().save_user(request, user, form, commit=False)
        invitation = invitation_of(request)
        try:
            joined = invitation is not None and accept_invitation(
                invitation=invitation, user=user, now=timezone.now()
            )
        except IntegrityError:  # two people chose the same name in the same moment
            messages.error(request, gettext("Someone just took this username. Choose another one."))
            raise ImmediateHttpResponse(redirect("account_signup")) from None
        if not joined:
            raise ImmediateHttpResponse(say_closed(request, CLOSED[InvitationState.USED]))
        del request.session[SESSION_KEY]
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign the person in; without a time zone or language of their own they get those of this browser."""
        super().login(request, user)
        take_time_zone(user=user, name=BrowserZoneForm(request.POST).zone)
        take_language(user=user, code=chosen_language(request))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the try; ``authenticate`` takes it back where the password is right."""
        try:
            self._login_failed_rl_usage: Taken | None = take_try(request, credentials)
        except TooMany as error:
            self._login_failed_rl_usage = None
            note_failure(
                account_of(credentials),
                address=self.get_client_ip(request),
                why="too many tries",
                now=timezone.now(),
            )
            raise ValidationError(
                TRY_LATER[error.limit], code=TOO_MANY, params={"wait_seconds": error.wait_seconds}
            ) from error

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write it down, within bounds."""
        note_failure(
            account_of(credentials),
            address=self.get_client_ip(request),
            why="wrong password",
            now=timezone.now(),
        )

    def post_login(self, request: HttpRequest, user: User, **how: Any) -> HttpResponse:
        """Write it down, and know the browser from now on."""
        response: HttpResponse = super().post_login(request, user, **how)
        note_sign_in(user, address=self.get_client_ip(request), now=timezone.now())
        remember_browser(request, response, user)
        return response

    def set_password(self, user: User, password: str) -> None:
        """Write this column alone: saving the whole row could bring back a role that was just taken away."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """For somebody with the right password whose account is deactivated."""
        note_failure(user, address=self.get_client_ip(request), why="deactivated", now=timezone.now())
        messages.error(request, gettext("This account is deactivated. Ask an administrator."))
        return redirect("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to where the password link is."""
        return reverse("edits:settings")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under SITE_URL where it is set: the Host header comes from the person who requested the mail."""
        link = str(super().get_reset_password_from_key_url(key))
        return absolute(urlsplit(link).path) if settings.SITE_URL_IS_GIVEN else link

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """In the account's language; where it has none, in that of the page on which somebody asked for the mail.

        A mail server that is down must not reveal by an error which addresses are known.
        """
        user = context.get("user")
        code = known_language(user.language) if isinstance(user, User) else ""
        try:
            with translation.override(code or translation.get_language()):
                super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException):
            log.exception("The mail %s could not be sent", template_prefix)
