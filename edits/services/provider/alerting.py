"""Tells the administrators that the whole queue is held: once, in the audit log and by mail where that is set up."""

from collections.abc import Callable
from datetime import datetime

from edits.models import Provider
from edits.services.team.auditing import record
from edits.services.team.mailing import in_background, mail_administrators

SUBJECT = "Retake: editing is paused"
WORDS = """Nothing is sent to the service that edits pictures any more.

{reason}.

All edits in line are kept. Retake asks again every five minutes with one of them, and goes on by itself once that
works. The page Settings > Provider tells more, and tests the connection at once.
"""


def tell_administrators_held(
    reason: str, *, now: datetime, run: Callable[[Callable[[], None]], None] = in_background
) -> None:
    """Tell them, if the queue is held since ``now``: every later fault finds it held already, and is not told.

    Never raises for the mail's sake and does not wait for it: ``run`` has it sent beside the worker.
    """
    if not Provider.objects.filter(pk=1, held_since=now).exists():
        return
    record(actor=None, action="held the queue", detail=reason, now=lambda: now)
    mail_administrators(subject=SUBJECT, text=WORDS.format(reason=reason), run=run)
