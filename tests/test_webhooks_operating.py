"""What operators see of webhooks: figures, and that a restored backup tells nobody."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from edits.models import User, WebhookDelivery
from edits.services.backups.restoring import RESTORED, restore
from edits.services.metrics import read_metrics
from tests.backups import backup_in, fresh
from tests.editors import NOW
from tests.factories import finished_edit_of
from tests.hooks import OK, Post, hook_of, send, sender_of


def deliveries_of(owner: User) -> None:
    """One that is due, one that failed, one that was delivered."""
    hook, edit = hook_of(owner), finished_edit_of(owner)
    hook.deliveries.create(edit=edit, created_at=NOW, due_at=NOW)
    later = NOW + timedelta(hours=1)
    hook.deliveries.create(edit=edit, created_at=NOW, due_at=later, tries=3, problem="Answered 500.")
    hook.deliveries.create(edit=edit, created_at=NOW, delivered_at=NOW, tries=1, answer_status=204)


def test_what_is_due_and_what_fails_is_counted(alice: User) -> None:
    deliveries_of(alice)
    found = read_metrics(now=NOW)
    assert (found.deliveries_due, found.deliveries_failing) == (1, 1)


@pytest.mark.django_db(transaction=True)
class TestRestoring:
    def test_what_waited_in_the_backup_is_told_to_nobody(self, alice: User, tmp_path: Path) -> None:
        deliveries_of(alice)
        path = backup_in(tmp_path)
        fresh()
        restore(path, now=timezone.now())
        post = Post([OK])
        assert send(sender_of(post, now=lambda: NOW + timedelta(days=2))) == 0
        assert post.messages == []
        assert WebhookDelivery.objects.filter(problem=RESTORED).count() == 2
        assert WebhookDelivery.objects.exclude(delivered_at=None).count() == 1

    def test_it_is_where_the_queue_is_kept(self, alice: User, tmp_path: Path) -> None:
        deliveries_of(alice)
        path = backup_in(tmp_path)
        fresh()
        restore(path, now=timezone.now(), keep_queue=True)
        assert send(sender_of(Post([OK]), now=lambda: NOW + timedelta(days=2))) == 2
