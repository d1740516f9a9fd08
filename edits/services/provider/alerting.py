"""Tells the administrators that a provider is held: once, in the audit log and by mail where that is set up."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from edits.models import Provider
from edits.services.team.auditing import record
from edits.services.team.mailing import in_background, mail_administrators

SUBJECT = "Retake: {provider} is on hold"
WORDS = """Nothing is sent to {provider} at the moment.

{reason}.

All its waiting edits are kept; other providers are not affected. Retake tries one of them again every five
minutes and resumes once that works. Settings > Providers has the details, and a test that runs at once.
"""


def tell_administrators_held(
    provider: Provider,
    reason: str,
    *,
    now: datetime,
    run: Callable[[Callable[[], None]], None] = in_background,
) -> None:
    """Tell them, if the provider is held since ``now``: every later fault finds it held already, and is not told.

    The mail is sent after the transaction, so that one that is repeated mails once.  ``run`` has it sent beside the
    worker.
    """
    if not Provider.objects.filter(pk=provider.pk, held_since=now).exists():
        return
    record(actor=None, action="held the queue", subject=provider.title, detail=reason, now=lambda: now)
    subject = SUBJECT.format(provider=provider.title)
    text = WORDS.format(provider=provider.title, reason=reason)
    transaction.on_commit(lambda: mail_administrators(subject=subject, text=text, run=run))
