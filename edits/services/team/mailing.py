"""Mails administrators, without ever delaying or failing the caller."""

import logging
import threading
from collections.abc import Callable
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone
from django.utils.functional import Promise

from edits.languages import in_language
from edits.models import Role, User

Words = str | Promise | Callable[[], str]

log = logging.getLogger(__name__)


def in_background(job: Callable[[], None]) -> None:
    """Run the job in a daemon thread, for which a stopping worker does not wait."""
    threading.Thread(target=job, name="mail", daemon=True).start()


def mail_administrators(
    *,
    subject: Words,
    text: Words,
    run: Callable[[Callable[[], None]], None] = in_background,
) -> None:
    """Mail every administrator who has an address, if mail is set up.  Neither waits for delivery nor raises.

    Each reads it in their own language and time zone: pass lazy translations, and functions for texts that
    contain times, numbers or joined sentences.
    """
    if not settings.MAIL_IS_SET_UP:
        return
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(email="")
    letters = [_letter(person, subject=subject, text=text) for person in administrators.order_by("pk")]
    if letters:
        run(lambda: _send(letters))


def _letter(person: User, *, subject: Words, text: Words) -> EmailMessage:
    """One message per person, so that recipients do not see each other's addresses."""
    with timezone.override(person.zone), in_language(person.language):
        return EmailMessage(_said(subject), _said(text), to=[person.email])


def _said(words: Words) -> str:
    return str(words() if callable(words) else words)


def _send(letters: list[EmailMessage]) -> None:
    """Runs in a thread: must not use the database."""
    try:
        get_connection().send_messages(letters)
    except (OSError, SMTPException):
        log.exception("Could not mail the administrators: %s", letters[0].subject)
