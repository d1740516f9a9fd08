"""A row of the table of faults, and the way of an edit through it: submitted, claimed and sent by the real client
to the misbehaving provider, again and again as a worker would, on a clock that does not wait.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from edits.edit_call import EditOptions
from edits.http.edit_status import StatusDisplay, status_display
from edits.models import EditRequest, ProviderModel, Reason, Status, Upload, User
from edits.models import Provider as Account
from edits.providers import Client
from edits.services.calls.running import run_edit
from edits.services.queue.claiming import claim_next
from edits.services.queue.positions import queue_positions
from edits.services.queue.submitting import Source, submit_edit
from tests.editors import LEASE, LIMITS, NOW
from tests.factories import default_model, upload_of
from tests.provider import Provider, provider
from tests.provider_client import KEY, PICTURE, PROMPT, client_of

MOST_ROUNDS = 2000
"""A worker's rounds within which each fault must have come to its end."""


@dataclass(frozen=True)
class Row:
    """How a fault must end.  ``card`` and ``detail`` are how the words of the edit's card begin."""

    fault: str
    """The name of the fault in the provider; several are played one after the other."""
    calls: int
    status: Status
    reason: str = ""
    charged: str = "no"
    """What the last attempt says."""
    held: bool = False
    card: str = ""
    detail: str = ""
    client: dict[str, Any] = field(default_factory=dict)
    """What this client does otherwise: its patience, above all."""
    source: bytes = PICTURE

    def __str__(self) -> str:
        return self.fault


def good(fault: str) -> Row:
    """A paid picture is not lost over what else is odd."""
    return Row(fault, calls=1, status=Status.SUCCEEDED, charged="yes", card="Done")


def useless(fault: str, **client: Any) -> Row:
    """Paid for, and no picture."""
    return Row(
        fault,
        calls=1,
        status=Status.FAILED,
        reason=Reason.BAD_RESULT,
        charged="yes",
        card="The service sent something we cannot read",
        detail="It may have been charged.",
        client=client,
    )


@dataclass
class Outcome:
    """What came of a row.  ``at`` is when the last round was."""

    edit: EditRequest
    there: Provider
    elsewhere: Provider
    at: datetime

    @property
    def card(self) -> StatusDisplay:
        """The words of the edit's card when the last round was over."""
        edit = EditRequest.objects.with_cards(self.edit.owner).get(pk=self.edit.pk)
        return status_display(
            edit, place=queue_positions([edit], limits_of=lambda _: LIMITS).get(edit.pk), now=self.at
        )

    @property
    def charges(self) -> list[str]:
        """What each attempt says of its cost."""
        return list(self.edit.attempts.values_list("charged", flat=True))


def submitted(
    owner: User, *, source: bytes = PICTURE, model: ProviderModel | None = None, prompt: str = PROMPT
) -> EditRequest:
    """An edit as the form hands it on, of the default model unless another one is named."""
    return submit_edit(
        model=model or default_model(),
        owner=owner,
        source=Source(Upload.objects.first() or upload_of(source), "cat.png", 96, 64),
        options=EditOptions(prompt, None, 28, 6.0, "512x512"),
        submission_key=uuid.uuid4(),
        now=NOW,
    )


@contextmanager
def played(
    row: Row, owner: User, *, tls: Any = None, model: ProviderModel | None = None, **client: Any
) -> Iterator[Outcome]:
    """Send an edit through the fault until it is final or waits for somebody else than the clock."""
    with provider() as elsewhere, provider(*row.fault.split(), elsewhere=elsewhere.host, tls=tls) as there:
        edit = submitted(owner, source=row.source, model=model)
        impatient = client_of(there, **(client | row.client))
        yield worked_off(edit, impatient, there=there, elsewhere=elsewhere)


def worked_off(
    edit: EditRequest,
    client: Client,
    *,
    there: Provider,
    elsewhere: Provider,
    at_least: timedelta = timedelta(0),
) -> Outcome:
    """A worker's rounds, each at the moment when the edit may be sent again, or ``at_least`` so much later."""
    outcome = Outcome(edit, there, elsewhere, NOW)
    for _ in range(MOST_ROUNDS):
        if not one_round(outcome, client) or not edit.is_active:
            break
        wait = (edit.not_before or outcome.at) - outcome.at
        if wait > timedelta(minutes=15):
            break
        outcome.at += max(at_least, wait)
    return outcome


def one_round(outcome: Outcome, client: Client) -> bool:
    """What a worker does once.  False when nothing may be sent."""
    claimed = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=outcome.at)
    if claimed is None:
        return False
    run_edit(claimed, client_for=lambda _: client, now=lambda: outcome.at)
    outcome.edit.refresh_from_db()
    return True


def check(row: Row, outcome: Outcome) -> None:
    """The row's own columns, and what holds for every row."""
    edit, card = outcome.edit, outcome.card
    assert (edit.status, edit.reason) == (row.status, row.reason)
    assert outcome.there.calls == row.calls
    assert outcome.charges[-1] == row.charged
    assert bool(Account.objects.get(pk=edit.provider_id).held_since) is row.held
    assert card.title.startswith(row.card), card
    assert card.detail.startswith(row.detail), card
    _check_money(outcome)
    _check_secrets(outcome, card.sentence)


def _check_money(outcome: Outcome) -> None:
    """Nothing that was charged is called free, each call is on record, and all asked for the same."""
    attempts = list(outcome.edit.attempts.all())
    assert all(attempt.ended_at for attempt in attempts)
    assert len(attempts) >= outcome.there.calls
    assert outcome.there.charged <= len([each for each in attempts if each.charged != "no"])
    for first, second in pairwise(outcome.there.received):
        assert first.fields == second.fields
        assert first.image == second.image


def _check_secrets(outcome: Outcome, sentence: str) -> None:
    """What is kept tells no secret, and nobody else was asked for anything."""
    recorded = " ".join(each.detail for each in outcome.edit.attempts.all()) + outcome.edit.message
    for secret in (KEY, PROMPT, "iVBORw0KGgo", outcome.elsewhere.host):
        assert secret not in recorded + sentence
    assert (outcome.elsewhere.calls, outcome.elsewhere.downloads) == (0, [])
    assert all("Authorization" not in download.headers for download in outcome.there.downloads)
    assert "<" not in sentence
