"""Receiving: what arrives at a real receiver is signed, says what happened, and nothing that may not be seen."""

import base64
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from edits.models import EditRequest, Status, User, Webhook, WebhookDelivery
from edits.services.reviewing import release, undo_decision
from edits.services.webhooks import Sender, create_deliveries, send_test
from edits.services.webhooks.deliveries import woken
from edits.services.webhooks.sending import MOST_TO_ONE_HOST
from edits.services.webhooks.signing import new_secret, signed_headers
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.hooks import Clock, hook_of
from tests.receiver import PATIENCE_SECONDS, Receiver, receiver
from tests.stored import fetched

PAPER = Path(__file__).parent.parent / "docs" / "webhooks.md"


@pytest.fixture
def there(settings: Settings) -> Iterator[Receiver]:
    settings.SITE_URL = "https://retake.example.com"
    with receiver(204) as found:
        settings.WEBHOOK_PRIVATE_HOSTS = [found.host]
        yield found


def send_all(sender: Sender | None = None) -> None:
    """Go on as the worker does until nothing is in flight and nothing is due."""
    sender = sender or Sender()
    while sender.begin_due() or sender.in_flight:
        assert woken.wait(PATIENCE_SECONDS)
        woken.clear()
        sender.record_ended()


def told_of(edit: EditRequest, there: Receiver) -> dict[str, Any]:
    """What the receiver got last."""
    create_deliveries(edit, now=timezone.now())
    send_all()
    return dict(there.posts[-1].event["data"]["edit"])


def documented_check() -> Any:
    """The example of the papers, as it stands there."""
    (example,) = re.findall(r"```python\n(.*?)```", PAPER.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    return names["is_from_retake"]


class TestSigned:
    def test_the_documented_check_takes_what_comes_and_nothing_else(
        self, alice: User, there: Receiver
    ) -> None:
        hook = hook_of(alice, there.url)
        told_of(finished_edit_of(alice), there)
        (post,) = there.posts
        is_from_retake = documented_check()
        assert is_from_retake(hook.secret, post.headers, post.body)
        assert not is_from_retake(hook.secret, post.headers, post.body + b" ")
        assert not is_from_retake(new_secret(), post.headers, post.body)
        for changed in ({"webhook-id": "other"}, {"webhook-timestamp": str(int(time.time()) + 1)}):
            assert not is_from_retake(hook.secret, post.headers | changed, post.body)

    def test_an_old_post_is_not_taken_once_more(self) -> None:
        secret, now = new_secret(), timezone.now()
        check = documented_check()
        for age, taken in ((0, True), (240, True), (330, False)):
            headers = signed_headers(b"{}", secret=secret, message_id="1", now=now - timedelta(seconds=age))
            assert check(secret, headers, b"{}") is taken

    def test_it_is_signed_as_the_specification_of_standard_webhooks_does(self) -> None:
        headers = signed_headers(
            b'{"test": 2432232314}',
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
            now=datetime.fromtimestamp(1614265330, UTC),
        )
        assert headers == {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        }

    def test_no_two_secrets_are_the_same_and_each_is_long(self) -> None:
        first, second = new_secret(), new_secret()
        assert first != second
        assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32
        assert len(first) <= 64


class TestSays:
    def test_which_edit_ended_and_where_its_picture_is(
        self, alice: User, there: Receiver, stranger: Client
    ) -> None:
        hook_of(alice, there.url)
        edit = finished_edit_of(alice, prompt="ein Kätzchen 🐱")
        said = told_of(edit, there)
        event = there.posts[0].event
        delivery = WebhookDelivery.objects.get()
        assert event.keys() == {"id", "type", "created", "data"}
        assert (event["id"], event["type"]) == (str(delivery.public_id), "edit.finished")
        assert event["created"] == int(delivery.created_at.timestamp())
        assert there.posts[0].headers["webhook-id"] == event["id"]
        assert (said["id"], said["status"]) == (str(edit.public_id), "succeeded")
        assert said["prompt"] == "ein Kätzchen 🐱"
        path = said["result"]["url"].removeprefix("https://retake.example.com")
        assert fetched(stranger, path).status_code == 200

    def test_nothing_of_a_picture_that_the_filter_stopped(self, alice: User, there: Receiver) -> None:
        hook_of(alice, there.url)
        edit = filtered_edit_of(alice)
        said = told_of(edit, there)
        assert (said["status"], said["finish_reason"]) == ("filtered", "content_filtered")
        assert said["result"] is None
        for word in (str(edit.result.file), edit.result.sha256, "quarantine", "/v1/results/", "review"):
            assert word.encode() not in there.posts[0].body

    def test_nothing_of_one_whose_release_was_undone(self, alice: User, rita: User, there: Receiver) -> None:
        hook_of(alice, there.url)
        edit = filtered_edit_of(alice)
        now = timezone.now()
        assert release(case=edit.review, reviewer=rita, reason="art", now=now).done
        assert undo_decision(case=edit.review, reviewer=rita, now=now + timedelta(seconds=9))
        send_all(Sender(now=lambda: now + timedelta(seconds=16)))
        (post,) = there.posts
        assert post.event["data"]["edit"]["result"] is None
        assert b"/v1/results/" not in post.body

    def test_why_an_edit_failed_and_nothing_of_its_answer(self, alice: User, there: Receiver) -> None:
        hook_of(alice, there.url)
        said = told_of(edit_of(alice, status=Status.FAILED, reason="outcome_unknown"), there)
        assert said["error"]["code"] == "outcome_unknown"
        assert said["result"] is None

    def test_a_test_tells_of_no_edit(self, alice: User, there: Receiver) -> None:
        hook = hook_of(alice, there.url)
        assert send_test(webhook=hook, now=timezone.now())
        send_all()
        (post,) = there.posts
        assert (post.event["type"], post.event["data"]) == ("webhook.test", {})
        assert documented_check()(hook.secret, post.headers, post.body)


class TestTimes:
    def test_what_was_not_taken_comes_again_under_the_same_id(self, alice: User, there: Receiver) -> None:
        there.answers = [500, 302, 204]
        hook_of(alice, there.url)
        create_deliveries(finished_edit_of(alice), now=timezone.now())
        clock = Clock(timezone.now())
        for _ in range(3):
            send_all(Sender(now=clock))
            clock.move(days=1)
        assert len({post.headers["webhook-id"] for post in there.posts}) == 1
        assert [post.path for post in there.posts] == ["/hook"] * 3
        assert WebhookDelivery.objects.get().delivered_at

    def test_gone_is_taken_at_its_word(self, alice: User, there: Receiver) -> None:
        there.answers = [410]
        hook_of(alice, there.url)
        told_of(finished_edit_of(alice), there)
        assert not Webhook.objects.get().is_on

    def test_a_receiver_that_is_slow_is_asked_little_at_once_and_holds_up_nobody(
        self, alice: User, bob: User, there: Receiver, settings: Settings
    ) -> None:
        with receiver(204, free=False) as slow:
            settings.WEBHOOK_PRIVATE_HOSTS = [slow.host.replace("127.0.0.1", "localhost"), there.host]
            hook_of(alice, slow.url.replace("127.0.0.1", "localhost"))
            for _ in range(5):
                create_deliveries(finished_edit_of(alice), now=timezone.now())
            hook_of(bob, there.url)
            create_deliveries(finished_edit_of(bob), now=timezone.now())
            sender = Sender()
            sender.begin_due()
            slow.wait_for_posts(MOST_TO_ONE_HOST)
            there.wait_for_posts()
            assert sender.begin_due() == 0
            slow.free.set()
            send_all(sender)
            assert (len(slow.posts), slow.most_at_once) == (5, MOST_TO_ONE_HOST)


def test_its_owner_alone_could_have_seen_what_is_told(alice: User, bob: User, there: Receiver) -> None:
    hook_of(alice, there.url)
    parent = finished_edit_of(bob)
    said = told_of(finished_edit_of(alice, parent=parent), there)
    assert said["source_edit"] is None
    assert signed_in(alice).get(f"/edits/{parent.public_id}/").status_code == 404
