"""The pages of webhooks: one's own are added, changed, tested and deleted; another's do not exist."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.functional import Promise
from pytest_django import Settings

from edits.forms.webhooks import NOT_IN_TIME, NOT_PUBLIC, NOT_WHOLE, TOO_MANY, WebhookForm
from edits.models import AuditEntry, OffReason, User, Webhook, WebhookDelivery
from edits.services.api.api_keys import make_api_key, revoke_api_key
from edits.services.webhooks import MOST_WEBHOOKS
from edits.services.webhooks.delivery_results import TURNED_OFF
from edits.services.webhooks.posting import PROBLEMS, SECONDS
from edits.views.webhooks import ROWS_SHOWN
from tests.conftest import signed_in
from tests.factories import filtered_edit_of, finished_edit_of
from tests.hooks import hook_of, only_delivery

LISTED = "127.0.0.1:1"
URL = f"http://{LISTED}/hook"


@pytest.fixture(autouse=True)
def _listed(settings: Settings) -> None:
    settings.WEBHOOK_PRIVATE_HOSTS = [LISTED]


def posted(user: User, path: str, **form: Any) -> str:
    """What the page says after this person posted the form."""
    return signed_in(user).post(path, form, follow=True).content.decode()


def page_of(user: User, path: str = "/settings/") -> str:
    """The page as this person sees it."""
    return signed_in(user).get(path).content.decode()


def delivery_of(hook: Webhook, **fields: Any) -> WebhookDelivery:
    """One that stands as these fields say; due unless they say otherwise."""
    now = timezone.now()
    usual: dict[str, Any] = {"edit": finished_edit_of(hook.owner), "created_at": now, "due_at": now}
    return hook.deliveries.create(**(usual | fields))


class TestAdding:
    def test_an_address_is_added_and_its_page_shown(self, alice: User) -> None:
        answer = signed_in(alice).post("/settings/webhooks/", {"url": URL, "api_key": "all"})
        hook = Webhook.objects.get()
        assert (hook.owner, hook.url, hook.api_key, hook.is_on) == (alice, URL, None, True)
        assert answer.headers["Location"] == f"/settings/webhooks/{hook.pk}/"
        assert URL in page_of(alice)
        assert AuditEntry.objects.get().action == "made a webhook"

    def test_for_one_key_alone(self, alice: User) -> None:
        key, _ = make_api_key(owner=alice, name="nightly", now=timezone.now())
        posted(alice, "/settings/webhooks/", url=URL, api_key=key.pk)
        assert Webhook.objects.get().api_key == key
        assert "nightly" in page_of(alice)

    def test_neither_anothers_key_nor_a_dead_one(self, alice: User, bob: User) -> None:
        theirs, _ = make_api_key(owner=bob, name="theirs", now=timezone.now())
        dead, _ = make_api_key(owner=alice, name="dead", now=timezone.now())
        revoke_api_key(key=dead, by=alice, now=timezone.now())
        for key in (theirs, dead):
            answer = signed_in(alice).post("/settings/webhooks/", {"url": URL, "api_key": key.pk})
            assert answer.status_code == 422
        assert not Webhook.objects.exists()

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("", NOT_WHOLE),
            ("hooks.example.com", NOT_WHOLE),
            ("ftp://hooks.example.com/", NOT_WHOLE),
            ("http://127.0.0.1:8000/", NOT_PUBLIC),
            ("http://169.254.169.254/latest/", NOT_PUBLIC),
            ("http://[::ffff:10.0.0.1]/", NOT_PUBLIC),
            ("http://user:pass@example.com/", NOT_PUBLIC),
        ],
    )
    def test_what_cannot_be_posted_to_is_refused_in_a_sentence(
        self, alice: User, url: str, sentence: Promise
    ) -> None:
        answer = signed_in(alice).post("/settings/webhooks/", {"url": url})
        assert answer.status_code == 422
        assert str(sentence) in answer.content.decode()
        assert not Webhook.objects.exists()

    @pytest.mark.parametrize(
        ("found", "sentence"), [(["10.0.0.1"], NOT_PUBLIC), (None, NOT_PUBLIC), (["93.184.216.34"], None)]
    )
    def test_a_name_is_judged_by_where_it_leads(
        self, alice: User, found: list[str] | None, sentence: Promise | None
    ) -> None:
        def look_up(host: str, port: int) -> list[str]:
            if found is None:
                raise OSError("no such name")
            return found

        form = WebhookForm({"url": "https://a.example/", "api_key": "all"}, owner=alice, look_up=look_up)  # type: ignore[arg-type]
        assert form.errors.get("url", []) == ([sentence] if sentence else [])

    def test_a_name_server_that_hangs_does_not_hold_up_the_page(
        self, alice: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answer = threading.Event()

        def hangs(host: str, port: int) -> list[str]:
            answer.wait(60)
            return ["93.184.216.34"]

        monkeypatch.setattr("edits.providers.addresses.resolve", hangs)
        monkeypatch.setattr("edits.forms.webhooks.LOOK_UP_SECONDS", 0.05)
        try:
            page = signed_in(alice).post(
                "/settings/webhooks/", {"url": "https://a.example/", "api_key": "all"}
            )
            assert page.status_code == 422
            assert str(NOT_IN_TIME) in page.content.decode()
            assert not answer.is_set()
        finally:
            answer.set()
        assert not Webhook.objects.exists()

    def test_there_are_not_too_many(self, alice: User) -> None:
        for _ in range(MOST_WEBHOOKS):
            hook_of(alice)
        assert TOO_MANY % {"most": MOST_WEBHOOKS} in posted(
            alice, "/settings/webhooks/", url=URL, api_key="all"
        )
        assert Webhook.objects.count() == MOST_WEBHOOKS

    def test_an_address_is_not_markup(self, alice: User) -> None:
        hook = hook_of(alice, 'http://a.example/"><script>alert(1)</script>')
        assert "<script>alert" not in page_of(alice) + page_of(alice, f"/settings/webhooks/{hook.pk}/")


class TestOwners:
    PATHS = ("change", "secret", "turn", "test", "delete")

    def test_somebody_elses_webhook_is_not_found_for_any_role(
        self, alice: User, bob: User, root: User
    ) -> None:
        hook = hook_of(alice)
        delivery = delivery_of(hook, due_at=None)
        for other in (bob, root):
            there = signed_in(other)
            assert there.get(f"/settings/webhooks/{hook.pk}/").status_code == 404
            for path in (*self.PATHS, str(delivery.public_id)):
                assert there.post(f"/settings/webhooks/{hook.pk}/{path}/", {"url": URL}).status_code == 404
            assert hook.url not in page_of(other)
        hook.refresh_from_db()
        assert (hook.is_on, hook.url) == (True, "https://hooks.example.com/retake")

    def test_a_stranger_has_to_sign_in(self, alice: User, stranger: Client) -> None:
        hook = hook_of(alice)
        assert stranger.get(f"/settings/webhooks/{hook.pk}/").status_code == 302
        assert stranger.post("/settings/webhooks/", {"url": URL}).status_code == 302
        assert Webhook.objects.count() == 1

    def test_an_api_key_opens_none_of_it(self, alice: User, stranger: Client) -> None:
        hook = hook_of(alice)
        _, text = make_api_key(owner=alice, name="script", now=timezone.now())
        answer = stranger.post(
            f"/settings/webhooks/{hook.pk}/secret/", headers={"authorization": f"Bearer {text}"}
        )
        assert answer.status_code in (302, 401)

    def test_changes_are_posts(self, alice: User) -> None:
        hook = hook_of(alice)
        for path in self.PATHS:
            assert signed_in(alice).get(f"/settings/webhooks/{hook.pk}/{path}/").status_code == 405

    def test_a_delivery_of_another_webhook_is_not_sent_again(self, alice: User, bob: User) -> None:
        mine, theirs = hook_of(alice), hook_of(bob)
        delivery = delivery_of(theirs, due_at=None)
        path = f"/settings/webhooks/{mine.pk}/{delivery.public_id}/"
        assert signed_in(alice).post(path).status_code == 404
        assert only_delivery().due_at is None


class TestOne:
    def test_the_secret_is_shown_when_it_is_asked_for_and_not_before(self, alice: User) -> None:
        hook = hook_of(alice)
        assert hook.secret not in page_of(alice) + page_of(alice, f"/settings/webhooks/{hook.pk}/")
        answer = signed_in(alice).post(f"/settings/webhooks/{hook.pk}/secret/")
        assert hook.secret in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]

    def test_the_address_can_be_changed_and_a_bad_one_is_refused(self, alice: User) -> None:
        hook = hook_of(alice)
        path = f"/settings/webhooks/{hook.pk}/change/"
        assert signed_in(alice).post(path, {"url": "http://10.0.0.1/"}).status_code == 422
        hook.refresh_from_db()
        assert hook.url == "https://hooks.example.com/retake"
        assert "Saved." in posted(alice, path, url=URL, api_key="all")
        hook.refresh_from_db()
        assert hook.url == URL

    def test_it_keeps_a_key_that_was_revoked_meanwhile(self, alice: User) -> None:
        key, _ = make_api_key(owner=alice, name="old", now=timezone.now())
        hook = hook_of(alice, api_key=key)
        revoke_api_key(key=key, by=alice, now=timezone.now())
        posted(alice, f"/settings/webhooks/{hook.pk}/change/", url=URL, api_key=key.pk)
        hook.refresh_from_db()
        assert (hook.url, hook.api_key) == (URL, key)

    def test_it_is_turned_off_and_on(self, alice: User) -> None:
        hook = hook_of(alice)
        posted(alice, f"/settings/webhooks/{hook.pk}/turn/", to="off")
        hook.refresh_from_db()
        assert not hook.is_on
        assert "Send a test" not in page_of(alice, f"/settings/webhooks/{hook.pk}/")
        posted(alice, f"/settings/webhooks/{hook.pk}/turn/", to="on")
        hook.refresh_from_db()
        assert hook.is_on

    def test_a_test_is_sent_once_at_a_time(self, alice: User) -> None:
        hook = hook_of(alice)
        path = f"/settings/webhooks/{hook.pk}/test/"
        assert "Test queued" in posted(alice, path)
        assert only_delivery().edit is None
        assert "still pending" in posted(alice, path)
        assert WebhookDelivery.objects.count() == 1

    def test_it_is_deleted_with_its_log(self, alice: User) -> None:
        hook = hook_of(alice)
        delivery_of(hook)
        assert "Webhook deleted" in posted(alice, f"/settings/webhooks/{hook.pk}/delete/")
        assert not Webhook.objects.exists()
        assert not WebhookDelivery.objects.exists()

    @pytest.mark.parametrize("reason", OffReason)
    def test_why_it_was_turned_off_stands_on_the_settings_page(self, alice: User, reason: OffReason) -> None:
        hook = hook_of(alice)
        Webhook.objects.update(is_on=False, off_reason=reason)
        for page in (page_of(alice), page_of(alice, f"/settings/webhooks/{hook.pk}/")):
            assert str(reason.label) in page
            assert "turn the webhook on again" in page


class TestLog:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({}, "Waiting"),
            ({"tries": 1}, "Being sent"),
            ({"tries": 1, "problem": "Answered 500.", "answer_status": 500}, "Trying again"),
            ({"tries": 8, "problem": "Answered 500.", "due_at": None}, "Given up"),
            ({"due_at": None, "problem": "The webhook was turned off before this was sent."}, "Not sent"),
            ({"tries": 1, "due_at": None, "delivered_at": timezone.now(), "answer_status": 204}, "Delivered"),
        ],
    )
    def test_each_says_how_it_stands(self, alice: User, fields: dict[str, Any], words: str) -> None:
        hook = hook_of(alice)
        delivery_of(hook, **fields)
        page = page_of(alice, f"/settings/webhooks/{hook.pk}/")
        assert f">{words}<" in page
        assert fields.get("problem", "") in page
        assert ('id="again-' in page) == (words not in ("Waiting", "Being sent"))

    def test_it_is_sent_again_by_hand(self, alice: User) -> None:
        hook = hook_of(alice)
        delivery = delivery_of(hook, due_at=None, tries=8, problem="Answered 500.")
        path = f"/settings/webhooks/{hook.pk}/{delivery.public_id}/"
        assert "Sending it again now" in posted(alice, path)
        assert only_delivery().due_at
        WebhookDelivery.objects.update(tries=1, problem="")
        assert "being sent right now" in posted(alice, path)

    def test_it_looks_again_only_while_something_is_on_its_way(self, alice: User) -> None:
        hook = hook_of(alice)
        path = f"/settings/webhooks/{hook.pk}/"
        assert "every 2s" not in page_of(alice, path)
        delivery = delivery_of(hook)
        assert "every 2s" in page_of(alice, path)
        for hours in (-1, 1):
            WebhookDelivery.objects.update(due_at=timezone.now() + timedelta(hours=hours))
            assert "every 2s" not in page_of(alice, path)
        assert delivery.edit

    def test_older_ones_follow_page_by_page(self, alice: User) -> None:
        hook, edit = hook_of(alice), finished_edit_of(alice)
        made = [delivery_of(hook, edit=edit, due_at=None) for _ in range(ROWS_SHOWN + 1)]
        first = page_of(alice, f"/settings/webhooks/{hook.pk}/")
        assert f'id="delivery-{made[1].pk}"' in first
        assert f'id="delivery-{made[0].pk}"' not in first
        assert f"?before={made[1].pk}" in first
        second = page_of(alice, f"/settings/webhooks/{hook.pk}/?before={made[1].pk}")
        assert f'id="delivery-{made[0].pk}"' in second
        assert "?before=" not in second
        assert signed_in(alice).get(f"/settings/webhooks/{hook.pk}/?before=nonsense").status_code == 200

    def test_of_a_stopped_edit_it_shows_no_picture(self, alice: User) -> None:
        hook = hook_of(alice)
        edit = filtered_edit_of(alice)
        delivery_of(hook, edit=edit)
        page = page_of(alice, f"/settings/webhooks/{hook.pk}/")
        assert str(edit.public_id) in page
        assert "<img" not in page

    @pytest.mark.parametrize(
        ("status", "problem", "shown"),
        [
            (500, "Answered 500.", "返回 500。"),
            (
                302,
                "Answered 302, a redirect. Redirects are not followed.",
                "返回 302（重定向）",
            ),
            (None, PROBLEMS["timeout"], "15 秒内没有响应。"),
            (500, TURNED_OFF, "发送前 webhook 已被关闭。"),
            (None, "Worded by an older version.", "Worded by an older version."),
        ],
    )
    def test_a_problem_is_in_the_reader_s_language(
        self, alice: User, status: int | None, problem: str, shown: str
    ) -> None:
        hook = hook_of(alice)
        delivery_of(hook, due_at=None, tries=8, answer_status=status, problem=problem)
        page = signed_in(alice).get(f"/settings/webhooks/{hook.pk}/", headers={"accept-language": "zh-CN"})
        assert shown in page.content.decode()

    def test_the_sentence_for_no_answer_has_the_time_that_posts_have(self) -> None:
        assert f"{SECONDS:.0f} seconds" in PROBLEMS["timeout"]
