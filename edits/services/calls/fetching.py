"""Fetches pictures that are paid for and whose links gave nothing at first, for as long as the links live.

The link lies on the disk of the machine whose worker got it, among the answers that are not stored yet.
"""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction

from edits.images import BadImage, ResultImage, check_result
from edits.models import Attempt, EditRequest, Reason
from edits.providers import ProviderError, ResultLost, UnsafeLink, Unusable, expires_at
from edits.services import event_log
from edits.services.calls.call_results import linked_result
from edits.services.calls.recording import record_linked
from edits.services.calls.retry_policy import FINAL_REASONS
from edits.services.calls.saving import GIVEN_UP_AFTER, fail_unsaved, save, spooled_edit
from edits.services.calls.spooling import SpooledAnswer, spool_answer
from edits.services.calls.spooling import spooled_links as kept_links
from edits.services.calls.unreadable import keep_unreadable
from edits.services.provider.connecting import link_client

LINKS_LIVE_FOR = timedelta(hours=2)
"""Where they do not say it themselves."""
LONGEST = GIVEN_UP_AFTER - timedelta(hours=1)
SHORTEST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=30)

log = logging.getLogger(__name__)


class Fetcher(Protocol):
    """What can follow a link: a provider's client, or a stand-in for tests."""

    def download(self, link: str, *, tries: int) -> bytes:
        """The picture behind it."""
        ...


def keep_link(edit: EditRequest, lost: ResultLost, *, now: datetime) -> SpooledAnswer | None:
    """Write down the link of a paid answer, to be followed again.  None where the disk does not take it."""
    kept = spool_answer(edit, linked_result(lost), now=now)
    kept.note_try(now)
    return kept if kept.path else None


def fetch_linked(
    *, lease: timedelta, now: datetime, client_for: Callable[[EditRequest], Fetcher] = link_client
) -> int:
    """Follow the links whose time has come; returns how many edits were settled."""
    settled = 0
    for kept in kept_links():
        with kept:
            edit = spooled_edit(kept)
            if edit is None or not record_linked(edit, kept.outcome, now=now):
                kept.forget()
            elif now >= next_try(kept):
                with event_log.about(edit):
                    settled += _fetch(edit, kept, client=client_for(edit), now=now)
    return settled


def next_try(kept: SpooledAnswer) -> datetime:
    """After as long again as it was tried for already, but between a minute and half an hour."""
    tried_for = kept.tried_at - kept.answered_at
    return kept.tried_at + min(LONGEST_PAUSE, max(SHORTEST_PAUSE, tried_for))


def lives_until(kept: SpooledAnswer) -> datetime:
    """When it is given up: at the end that the link names, within reason."""
    usual = kept.answered_at + LINKS_LIVE_FOR
    named = expires_at(kept.outcome.link)
    return max(usual, min(named, kept.answered_at + LONGEST)) if named else usual


def _fetch(edit: EditRequest, kept: SpooledAnswer, *, client: Fetcher, now: datetime) -> bool:
    try:
        picture = _picture(edit, client.download(kept.outcome.link, tries=1))
    except ProviderError as error:
        if isinstance(error, ResultLost) and error.may_come and now < lives_until(kept):
            log.warning("A paid picture cannot be fetched yet: %s", error)
            kept.note_try(now)
            return False
        _lose(edit, error, now=now)
        kept.forget()
        return True
    whole = spool_answer(edit, replace(kept.outcome, picture=picture, link=""), now=kept.answered_at)
    if whole.path:  # else the link stays until the picture is stored
        kept.forget()
    return save(whole, now=now, edit=edit)


@transaction.atomic
def _lose(edit: EditRequest, error: ProviderError, *, now: datetime) -> None:
    reason = Reason.BAD_RESULT if isinstance(error, UnsafeLink) else FINAL_REASONS[error.fault]
    if fail_unsaved(edit, now=now, reason=reason, fault=error.fault):
        ended = Attempt.objects.filter(edit=edit, fence=edit.fence)
        ended.update(fault=error.fault, detail=str(error)[:2000])


def _picture(edit: EditRequest, data: bytes) -> ResultImage:
    try:
        return check_result(data)
    except BadImage as trouble:
        keep_unreadable(edit, data)
        raise Unusable(f"The result is no picture: {trouble.code}") from trouble
