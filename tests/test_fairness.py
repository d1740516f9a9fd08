"""One person who queues hundreds keeps nobody else waiting, and meets a limit of their own."""

import uuid
from typing import Any

import pytest
from django.utils import timezone

from edits.models import EditRequest, Provider, User
from edits.models.budgets import WAITING_AT_MOST
from edits.services.queue.claiming import QueueLimits, claim_next
from edits.services.queue.positions import queue_positions
from tests.conftest import signed_in
from tests.editors import LEASE
from tests.factories import edit_of, upload_of

LIMITS = QueueLimits(concurrent=5, per_minute=1000)


@pytest.fixture
def five_hundred(alice: User) -> list[EditRequest]:
    """Alice's script has queued all that it may."""
    Provider.objects.update(verified_at=timezone.now())
    first = edit_of(alice, upload=upload_of())
    fields: dict[str, Any] = {
        field.attname: getattr(first, field.attname)
        for field in EditRequest._meta.concrete_fields
        if field.name not in ("id", "public_id", "submission_key")
    }
    more = [EditRequest(**fields, submission_key=uuid.uuid4()) for _ in range(WAITING_AT_MOST - 1)]
    return [first, *EditRequest.objects.bulk_create(more)]


def test_anothers_edit_is_the_next(five_hundred: list[EditRequest], bob: User) -> None:
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=timezone.now()) == five_hundred[0]
    bobs = edit_of(bob)
    assert claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=timezone.now()) == bobs


def test_another_reads_that_they_are_near_the_front(five_hundred: list[EditRequest], bob: User) -> None:
    bobs = edit_of(bob)
    assert queue_positions([bobs], limits_of=lambda _: LIMITS)[bobs.pk].position <= 2


def test_the_one_after_the_most_is_refused_in_words(five_hundred: list[EditRequest], bob: User) -> None:
    address = f"/edits/{five_hundred[0].public_id}/rerun/"
    response = signed_in(five_hundred[0].owner).post(address)
    assert (response.status_code, response["Retry-After"]) == (429, "60")
    assert "You have 500 edits waiting; the limit is 500." in response.content.decode()
    assert EditRequest.objects.count() == WAITING_AT_MOST
