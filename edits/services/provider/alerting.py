"""Notifies the administrators that a provider is held: once, in the audit log and by mail where that is set up."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext

from edits.models import Provider
from edits.services.provider.error_messages import reason_words
from edits.services.team.auditing import record
from edits.services.team.mailing import in_background, mail_administrators


def tell_administrators_held(
    provider: Provider,
    reason: str,
    *,
    now: datetime,
    run: Callable[[Callable[[], None]], None] = in_background,
) -> None:
    """Notify them, if the provider is held since ``now``: every later fault finds it held already, and sends nothing.

    The mail is sent after the transaction, so that one that is repeated mails once.  ``run`` has it sent beside the
    worker.
    """
    if not Provider.objects.filter(pk=provider.pk, held_since=now).exists():
        return
    record(actor=None, action="held the queue", subject=provider.title, detail=reason, now=now)
    transaction.on_commit(
        lambda: mail_administrators(
            subject=lambda: gettext("Retake: %(provider)s is on hold") % {"provider": provider.title},
            text=lambda: _text(provider.title, reason),
            run=run,
        )
    )


def _text(provider: str, reason: str) -> str:
    paragraphs = (
        gettext("Nothing is sent to %(provider)s at the moment.") % {"provider": provider},
        reason_words(reason),
        gettext(
            "All its waiting edits are kept; other providers are not affected. Retake tries one of them again every "
            "five minutes and resumes once that works. Settings > Providers has the details and an immediate test."
        ),
    )
    return "\n\n".join(paragraphs) + "\n"
