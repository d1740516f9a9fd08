"""What every page shows around its content, and what it costs."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory, override_settings
from django.urls import reverse
from django.utils import timezone

from edits.models import Decision, Provider, ReviewCase, User
from edits.views.site import Site, site
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of


def site_for(user: User | AnonymousUser, **headers: str) -> Site:
    """What a page gets that this person asks for."""
    request = RequestFactory().get("/", headers=headers)
    request.user = user
    return site(request)["site"]


class TestCounts:
    def test_reviewers_see_how_many_wait(self, alice: User, rita: User, root: User) -> None:
        for _ in range(3):
            filtered_edit_of(alice)
        edit_of(alice)
        assert site_for(rita).review_count == 3
        assert site_for(root).review_count == 3

    def test_members_do_not_see_how_many_wait(self, alice: User, bob: User) -> None:
        filtered_edit_of(alice)
        assert site_for(alice).review_count == 0
        assert site_for(bob).review_count == 0

    def test_the_author_sees_how_many_answers_they_have_not_read(
        self, alice: User, bob: User, rita: User
    ) -> None:
        decided, asked, _waiting = (filtered_edit_of(alice) for _ in range(3))
        cases = ReviewCase.objects
        cases.filter(edit=decided).update(
            decision=Decision.DISMISSED,
            decided_by=rita,
            decided_at=decided.created_at,
            author_notified_at=None,
        )
        cases.filter(edit=asked).update(question_open=True, author_notified_at=None)
        assert site_for(alice).notice_count == 2
        assert site_for(bob).notice_count == 0
        cases.filter(edit=asked).update(author_notified_at=asked.created_at)
        assert site_for(alice).notice_count == 1

    def test_with_nothing_there_both_are_zero(self, rita: User) -> None:
        assert (site_for(rita).review_count, site_for(rita).notice_count) == (0, 0)


class TestQueueOutage:
    def page(self, user: User, **provider: Any) -> str:
        """A page as this person sees it while the provider's row says this."""
        Provider.objects.update(**provider)
        page: str = signed_in(user).get(reverse("edits:settings")).content.decode()
        return page

    def test_an_administrator_reads_why_nothing_is_sent_and_where_to_fix_it(self, root: User) -> None:
        page = self.page(root, held_since=timezone.now(), held_reason="HTTP 401: the key was refused")
        assert "HTTP 401: the key was refused" in page
        assert f'class="link nowrap" href="{reverse("edits:provider", args=["stepfun"])}"' in page

    def test_a_member_reads_that_nothing_is_lost_but_not_the_cause(self, alice: User) -> None:
        page = self.page(alice, held_since=timezone.now(), held_reason="HTTP 401: the key was refused")
        assert "StepFun is on hold" in page
        assert "401" not in page
        assert reverse("edits:provider", args=["stepfun"]) not in page

    def test_who_stopped_it_is_for_administrators(self, root: User, alice: User) -> None:
        stopped = {"stopped_since": timezone.now(), "stopped_by": "Root Gardener"}
        assert "Root Gardener switched it off" in self.page(root, **stopped)
        assert "StepFun is switched off" in self.page(alice)
        assert "Root Gardener" not in self.page(alice)

    def test_a_wait_of_hours_is_told_to_all_with_its_end(self, root: User, alice: User) -> None:
        now = timezone.now()
        until = (now + timedelta(days=2)).replace(hour=14, minute=5)
        for person in (root, alice):
            page = self.page(person, paused_since=now, paused_until=until)
            assert "The service asked us to wait until" in page
            assert "14:05</time>" in page

    def test_a_wait_of_minutes_is_everyday(self, alice: User) -> None:
        now = timezone.now()
        page = self.page(alice, paused_since=now, paused_until=now + timedelta(minutes=14))
        assert "StepFun is paused" not in page

    def test_stopped_stands_above_held(self, root: User) -> None:
        now = timezone.now()
        Provider.objects.update(stopped_since=now, stopped_by="Root", held_since=now, held_reason="HTTP 401")
        (still,) = site_for(root).queue_outages
        assert (still.kind, still.by, still.reason) == ("stopped", "Root", "")

    def test_nobody_reads_it_while_edits_go_out(self, root: User) -> None:
        assert site_for(root).queue_outages == []
        assert "triangle-alert" not in self.page(root).partition("<main")[0]


class TestCost:
    @pytest.mark.parametrize("who", ["alice", "rita", "root"])
    def test_all_that_waits_is_one_query(
        self, db: None, request: pytest.FixtureRequest, who: str, django_assert_num_queries: Any
    ) -> None:
        shown = site_for(request.getfixturevalue(who))
        with django_assert_num_queries(1):
            assert shown.review_count + shown.notice_count + shown.review_count == 0
            assert shown.queue_outages == []

    def test_what_is_not_shown_is_not_asked_for(self, rita: User, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(0):
            shown = site_for(rita)
            assert not shown.shortcuts_off

    def test_a_part_of_a_page_asks_for_nothing(self, rita: User, django_assert_num_queries: Any) -> None:
        shown = site_for(rita, **{"HX-Request": "true"})
        with django_assert_num_queries(0):
            assert (shown.review_count, shown.notice_count, shown.queue_outages) == (0, 0, [])

    def test_a_stranger_costs_nothing(self) -> None:
        shown = site_for(AnonymousUser())  # this test has no database to ask
        assert (shown.review_count, shown.notice_count, shown.shortcuts_off) == (0, 0, False)


class TestNote:
    def test_the_practice_engine_is_called_that(self, alice: User) -> None:
        with override_settings(PRACTICE_ENGINE=True):
            assert site_for(alice).provider_note == "Practice engine · no AI"

    def test_otherwise_the_default_model_and_its_provider(self, alice: User) -> None:
        assert site_for(alice).provider_note == "step-1x-edit · StepFun"
