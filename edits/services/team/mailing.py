"""Mails administrators what they should know, beside whoever found it out and never at their cost."""

import logging
import threading
from collections.abc import Callable
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from edits.models import Role, User

log = logging.getLogger(__name__)


def in_background(job: Callable[[], None]) -> None:
    """Do it in a thread of its own, which a worker that stops does not wait for."""
    threading.Thread(target=job, name="mail", daemon=True).start()


def mail_administrators(
    *, subject: str, text: str, run: Callable[[Callable[[], None]], None] = in_background
) -> None:
    """To each who has an address, where mail is set up.  Neither waits for the mail nor raises for its sake."""
    if not settings.MAIL_IS_SET_UP:
        return
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(email="")
    addresses = list(administrators.order_by("pk").values_list("email", flat=True))
    if addresses:
        run(lambda: _send(addresses, subject=subject, text=text))


def _send(addresses: list[str], *, subject: str, text: str) -> None:
    """One message each, so that none reads the others' addresses.  Touches no database: it runs beside others."""
    messages = [EmailMessage(subject, text, to=[address]) for address in addresses]
    try:
        get_connection().send_messages(messages)
    except (OSError, SMTPException):
        log.exception("The administrators could not be told by mail: %s", subject)
