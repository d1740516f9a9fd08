"""Tells the administrators that the whole queue is held: once, in the audit log and by mail where that is set up."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from edits.models import Provider, Role, User
from edits.services.auditing import record

log = logging.getLogger(__name__)

SUBJECT = "Retake: editing is paused"
WORDS = """Nothing is sent to the service that edits pictures any more.

{reason}.

All edits in line are kept. Retake asks again every five minutes with one of them, and goes on by itself once that
works. The page Settings > Provider tells more, and tests the connection at once.
"""


def _in_background(job: Callable[[], None]) -> None:
    threading.Thread(target=job, name="alert", daemon=True).start()


def tell_administrators_held(
    reason: str, *, now: datetime, run: Callable[[Callable[[], None]], None] = _in_background
) -> None:
    """Tell them, if the queue is held since ``now``: every later fault finds it held already, and is not told.

    Never raises for the mail's sake and does not wait for it: ``run`` has it sent beside the worker.
    """
    if not Provider.objects.filter(pk=1, held_since=now).exists():
        return
    record(actor=None, action="held the queue", detail=reason, now=lambda: now)
    if not settings.MAIL_IS_SET_UP:
        return
    administrators = User.objects.filter(role=Role.ADMINISTRATOR, is_active=True).exclude(email="")
    addresses = list(administrators.order_by("pk").values_list("email", flat=True))
    if addresses:
        run(lambda: _send(addresses, reason))


def _send(addresses: list[str], reason: str) -> None:
    """One message each, so that none reads the others' addresses.  Touches no database: it runs beside others."""
    messages = [EmailMessage(SUBJECT, WORDS.format(reason=reason), to=[address]) for address in addresses]
    try:
        get_connection().send_messages(messages)
    except (OSError, SMTPException):
        log.exception("The administrators could not be told by mail that the queue is held")
