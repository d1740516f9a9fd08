"""The page of a provider: who may see it, what it says in each state, its switches, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from edits.models import Attempt, AuditEntry, Budget, EditRequest, Provider, Status, User
from edits.views.provider_calls import today
from tests.conftest import signed_in
from tests.factories import edit_of
from tests.provider import provider

PAGE = "/settings/providers/stepfun/"
SWITCHES = ["test_provider", "pause_queue", "resume_queue", "probe_provider"]
MINUTE = timedelta(minutes=1)


def page_of(user: User, **row: Any) -> str:
    """The page as this person sees it while the provider's row says this."""
    Provider.objects.update(**row)
    answer = signed_in(user).get(PAGE)
    assert answer.status_code == 200
    page: str = answer.content.decode()
    return page


def call(edit: EditRequest, **fields: Any) -> Attempt:
    """A call for the edit that was answered well a moment ago, unless said otherwise."""
    now = timezone.now()
    usual: dict[str, Any] = {
        "number": edit.attempts.count() + 1, "fence": edit.fence, "seed_sent": edit.seed, "status": 200,
        "started_at": now - timedelta(seconds=4), "ended_at": now, "charged": "yes",
    }  # fmt: skip
    return Attempt.objects.create(edit=edit, **(usual | fields))


@pytest.mark.django_db
class TestAccess:
    @pytest.mark.parametrize("who", ["alice", "rita"])
    def test_for_others_it_does_not_exist(self, request: pytest.FixtureRequest, who: str) -> None:
        client = signed_in(request.getfixturevalue(who))
        assert client.get(PAGE).status_code == client.get("/no/such/page/").status_code == 404
        assert PAGE not in client.get("/settings/").content.decode()

    @pytest.mark.parametrize("who", ["alice", "rita"])
    @pytest.mark.parametrize("switch", SWITCHES)
    def test_for_others_its_switches_do_not_exist(
        self, request: pytest.FixtureRequest, who: str, switch: str
    ) -> None:
        client = signed_in(request.getfixturevalue(who))
        before = Provider.objects.values().get()
        assert client.post(reverse(f"edits:{switch}", args=["stepfun"])).status_code == 404
        assert Provider.objects.values().get() == before
        assert not AuditEntry.objects.exists()

    def test_strangers_are_led_to_the_sign_in(self, root: User, stranger: Client) -> None:
        assert stranger.get(PAGE).headers["Location"].startswith("/accounts/login/")

    @pytest.mark.parametrize("switch", SWITCHES)
    def test_its_switches_are_posts_with_a_token(self, root: User, switch: str) -> None:
        assert signed_in(root).get(reverse(f"edits:{switch}", args=["stepfun"])).status_code == 405
        client = Client(enforce_csrf_checks=True)
        client.force_login(root, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.post(reverse(f"edits:{switch}", args=["stepfun"])).status_code == 403

    def test_the_settings_lead_there(self, root: User) -> None:
        client = signed_in(root)
        assert 'href="/settings/providers/"' in client.get("/settings/").content.decode()
        assert f'href="{PAGE}"' in client.get("/settings/providers/").content.decode()


class TestState:
    def test_open(self, root: User) -> None:
        assert "Edits are sent as they come" in page_of(root, verified_at=timezone.now())
        assert "until one does, at most 2 edits are sent at a time" in page_of(root, verified_at=None)

    def test_held_with_the_reason_and_the_next_probe(self, root: User) -> None:
        now = timezone.now()
        page = page_of(root, held_since=now, held_reason="The key was refused", probe_at=now + MINUTE)
        assert "On hold since" in page
        assert "The key was refused." in page
        assert "Next try at" in page
        assert "Try now" in page

    def test_stopped_with_who_it_was_and_the_way_back(self, root: User) -> None:
        page = page_of(root, stopped_since=timezone.now(), stopped_by="Root Gardener")
        assert "Switched off by Root Gardener" in page
        assert "Switch on" in page
        assert "Switch off" not in page

    @pytest.mark.parametrize(("minutes", "may_be_cut"), [(5, False), (60, True)])
    def test_waiting_may_be_cut_short_where_it_is_long(
        self, root: User, minutes: int, may_be_cut: bool
    ) -> None:
        now = timezone.now()
        page = page_of(root, paused_since=now, paused_until=now + minutes * MINUTE)
        assert "Waiting until" in page
        assert ("Try now" in page) is may_be_cut

    def test_a_worker_that_is_silent_is_told(self, root: User) -> None:
        assert "No worker has ever connected" in page_of(root, worker_seen_at=None)
        assert "No worker is running" in page_of(root, worker_seen_at=timezone.now() - 2 * MINUTE)
        assert "No worker is running" not in page_of(root, worker_seen_at=timezone.now())

    def test_a_budget_that_is_used_up_is_told(self, root: User) -> None:
        words = "The team's budget is used up"
        assert words not in page_of(root)
        Budget.objects.update(budget_exhausted_until=timezone.now() + MINUTE)
        assert words in page_of(root)

    def test_the_line_and_its_longest_wait(self, root: User, alice: User) -> None:
        edit_of(alice, queued_at=timezone.now() - 10 * MINUTE)
        edit_of(alice)
        page = page_of(root)
        assert "<b>2</b> edits" in page
        assert "<b>10 min</b>" in page

    def test_its_own_words_stand_in_place_of_the_banner(self, root: User) -> None:
        page = page_of(root, stopped_since=timezone.now(), stopped_by="Root")
        assert "StepFun is switched off" not in page


class TestCalls:
    def test_a_call_is_told_with_all_that_support_asks_for(self, root: User, alice: User) -> None:
        edit = edit_of(alice, status=Status.SUCCEEDED, prompt="a private prompt")
        call(edit, trace_id="trace-77", answer_bytes=1_250_000)
        page = page_of(root)
        for words in ("Answered", "trace-77", "1.2 MB", "4.0 s", f"/edits/{edit.public_id}/", "200"):
            assert words in page
        assert "a private prompt" not in page, "a look at it is logged, so it is not shown in passing"

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"status": 451, "charged": "no"}, "Stopped by the filter"),
            ({"fault": "busy", "status": 429, "charged": "no"}, "Busy"),
            ({"fault": "no_answer", "status": None, "charged": "maybe"}, "No answer"),
            ({"fault": "account", "status": 401, "charged": "no"}, "Refused the account"),
            ({"ended_at": None, "status": None}, "Cut off"),
        ],
    )
    def test_every_end_has_its_words(
        self, root: User, alice: User, fields: dict[str, Any], words: str
    ) -> None:
        call(edit_of(alice, status=Status.FAILED), **fields)
        assert f"{words}</span>" in page_of(root)

    def test_one_that_runs_is_under_way(self, root: User, alice: User) -> None:
        call(edit_of(alice, status=Status.RUNNING), ended_at=None, status=None)
        assert "In progress</span>" in page_of(root)

    def test_the_last_twenty_are_shown(self, root: User, alice: User) -> None:
        edit = edit_of(alice, status=Status.SUCCEEDED)
        for number in range(23):
            call(edit, trace_id=f"trace-{number:02}", started_at=timezone.now() - number * MINUTE)
        page = page_of(root)
        assert "trace-19" in page
        assert "trace-20" not in page

    def test_todays_calls_are_counted_by_outcome_and_price(self, alice: User) -> None:
        now = timezone.now()
        edit = edit_of(alice, status=Status.SUCCEEDED)
        for fields in (
            {},
            {},
            {"fault": "busy", "charged": "no"},
            {"fault": "no_answer", "charged": "maybe"},
        ):
            call(edit, started_at=now, **fields)
        call(edit, started_at=now - timedelta(days=1))
        counted = today(now, Provider.objects.get())
        assert [(share.words, share.number) for share in counted.shares] == [
            ("Answered", 2), ("Busy", 1), ("No answer", 1)
        ]  # fmt: skip
        assert (counted.number, counted.charged, counted.maybe_charged) == (4, 2, 1)
        assert [share.x for share in counted.shares] == [0.0, 50.0, 75.0]


class TestService:
    def test_the_key_is_on_no_page(self, root: User, settings: Settings) -> None:
        settings.STEPFUN_API_KEY = "sk-very-secret"
        settings.STEPFUN_BASE_URL = "https://user:password@api.stepfun.ai/v1"
        page = page_of(root)
        assert "api.stepfun.ai" in page
        assert ">STEPFUN_API_KEY<" in page
        assert "sk-very-secret" not in page
        assert "password@" not in page

    def test_the_practice_engine_is_told_plainly(self, root: User, settings: Settings) -> None:
        settings.PRACTICE_ENGINE = True
        page = page_of(root)
        assert "It is not an AI model" in page
        assert "may cost one call" not in page


class TestSwitches:
    def test_stop_and_resume(self, root: User) -> None:
        client = signed_in(root)
        assert "StepFun is switched off." in client.post(f"{PAGE}stop/", follow=True).content.decode()
        assert Provider.objects.get().stopped_by == root.name
        assert "StepFun is switched on." in client.post(f"{PAGE}resume/", follow=True).content.decode()
        assert Provider.objects.get().stopped_since is None

    def test_trying_now_says_why_not(self, root: User) -> None:
        page = signed_in(root).post(f"{PAGE}try/", follow=True).content.decode()
        assert "This provider is not on hold" in page

    def test_a_test_says_on_the_page_what_came_of_it(self, root: User, settings: Settings) -> None:
        with provider("402", "ok") as stepfun:
            settings.STEPFUN_BASE_URL = stepfun.base_url
            page = signed_in(root).post(f"{PAGE}test/").content.decode()
            assert stepfun.calls == 1
        assert "The account has no balance left" in page
        assert "Not charged" in page
        assert "trace-1" in page


class TestLive:
    def poll(self, root: User, **asked: str) -> Any:
        return signed_in(root).get(PAGE, asked, headers={"HX-Request": "true"})

    def test_an_open_page_gets_the_figures_alone_while_no_call_moves(self, root: User, alice: User) -> None:
        call(edit_of(alice, status=Status.SUCCEEDED))
        first = self.poll(root, was="open").content.decode()
        assert 'id="now"' in first
        assert 'id="calls"' in first
        assert "<html" not in first
        seen = first.partition("&amp;seen=")[2].partition('"')[0]
        assert 'id="calls"' not in self.poll(root, was="open", seen=seen).content.decode()
        call(edit_of(alice, status=Status.SUCCEEDED))
        assert 'id="calls"' in self.poll(root, was="open", seen=seen).content.decode()

    def test_it_loads_anew_when_its_switches_would_be_others(self, root: User) -> None:
        Provider.objects.update(stopped_since=timezone.now(), stopped_by="Root")
        answer = self.poll(root, was="open")
        assert answer.headers["HX-Refresh"] == "true"

    def test_as_many_queries_with_fifty_calls_as_with_one(self, root: User, alice: User) -> None:
        client = signed_in(root)
        call(edit_of(alice, status=Status.SUCCEEDED))
        client.get(PAGE)
        with CaptureQueriesContext(connection) as few:
            client.get(PAGE)
        for _ in range(50):
            call(edit_of(alice, status=Status.SUCCEEDED))
        with CaptureQueriesContext(connection) as many:
            client.get(PAGE)
        assert len(many) == len(few) <= 20
