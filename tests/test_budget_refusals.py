"""Limits in the studio: what is left is said before, what is too much is refused with everything kept."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from edits.models import Attempt, Budget, EditRequest, Reason, StagedUpload, Status, User
from edits.services.budgets.periods import day_of
from edits.services.team.people import take_time_zone
from tests.conftest import signed_in
from tests.factories import edit_of, finished_edit_of
from tests.pictures import photo
from tests.stored import stored

USED_UP = "You have used your 2 edits for today. You can send more from midnight (UTC)."
IN_PLACE = {"HX-Request": "true", "HX-Target": "stage"}


@pytest.fixture(autouse=True)
def _two_a_day(db: None) -> None:
    Budget.objects.update(person_per_day=2)


def said(response: Any) -> str:
    return str(response.content.decode()).replace("&#x27;", "'")


def post(client: Client, *, in_place: bool = False, **values: str) -> Any:
    data: dict[str, Any] = {"prompt": "make it sepia", "submission_key": str(uuid.uuid4())} | values
    data["image"] = SimpleUploadedFile("harbor.jpg", photo(), content_type="image/jpeg")
    return client.post("/", data, headers=IN_PLACE if in_place else {})


def used_up(owner: User) -> Client:
    """Their browser, once they have nothing left."""
    for _ in range(2):
        finished_edit_of(owner)
    return signed_in(owner)


def is_429_until_midnight(response: Any) -> bool:
    left = (day_of(timezone.now()).end - timezone.now()).total_seconds()
    return response.status_code == 429 and abs(int(response["Retry-After"]) - left) < 120


class TestSending:
    def test_the_form_says_so_and_keeps_what_was_typed(self, alice: User) -> None:
        client = used_up(alice)
        before = stored()
        response = post(client, prompt="a <b>rare</b> prompt", seed="99", steps="12", size="768x768")
        assert is_429_until_midnight(response)
        page = said(response)
        assert page.count(USED_UP) == 1
        assert "a &lt;b&gt;rare&lt;/b&gt; prompt</textarea>" in page
        assert 'value="99"' in page
        assert 'value="768x768" checked' in page
        kept = StagedUpload.objects.get()  # the picture need not be chosen again
        assert f'name="source" value="upload:{kept.public_id}"' in page
        assert set(stored()) - set(before) == {kept.upload.file.name}
        assert EditRequest.objects.count() == 2

    def test_in_place_only_the_sentence_comes(self, alice: User) -> None:
        response = post(used_up(alice), in_place=True)
        assert is_429_until_midnight(response)
        assert response["HX-Reswap"] == "none"
        assert f'id="error-all" hx-swap-oob="true"><li>{USED_UP}</li>' in said(response)
        assert "0 of 2 left today" in said(response)
        assert "<html" not in said(response)

    def test_too_many_waiting_are_refused_with_a_minute_to_wait(self, alice: User) -> None:
        Budget.objects.update(person_per_day=None, person_waiting=1)
        edit_of(alice)
        response = post(signed_in(alice))
        assert (response.status_code, response["Retry-After"]) == (429, "60")
        assert "the limit is 1." in said(response)

    def test_the_last_one_is_taken_in(self, alice: User) -> None:
        finished_edit_of(alice)
        response = post(signed_in(alice), in_place=True)
        assert response.status_code == 200
        assert "0 of 2 left today, again from midnight (UTC)" in said(response)


class TestElsewhere:
    """Budgets keep to the server's midnight, so that they name it to somebody whose day is another one."""

    def test_what_is_left_today_names_the_server_s_zone(self, alice: User) -> None:
        client = signed_in(alice)
        assert "2 of 2 left today<" in said(client.get("/"))
        take_time_zone(user=alice, name="Asia/Shanghai")
        assert "2 of 2 left today (UTC)<" in said(client.get("/"))

    def test_the_settings_name_the_server_s_midnight_and_not_the_reader_s(self, root: User) -> None:
        take_time_zone(user=root, name="Asia/Shanghai")
        html = said(signed_in(root).get("/settings/"))
        assert (
            html.count("Days and months begin at midnight (UTC).") == 2
        )  # of one's own budget, and of the team's

    def test_a_refusal_names_it(self, alice: User) -> None:
        take_time_zone(user=alice, name="Asia/Shanghai")
        assert USED_UP in said(post(used_up(alice)))

    def test_the_limit_counts_the_server_s_day(self, alice: User) -> None:
        take_time_zone(user=alice, name="Pacific/Kiritimati")
        before = day_of(timezone.now()).start - timedelta(minutes=1)  # of the reader's today, perhaps
        for _ in range(2):
            finished_edit_of(alice, queued_at=before, created_at=before)
        EditRequest.objects.update(queued_at=before, created_at=before)
        assert post(signed_in(alice), in_place=True).status_code == 200


class TestButtons:
    @pytest.mark.parametrize("seed", ["same", "new"])
    def test_a_re_run_is_refused_on_a_page_that_leads_back(self, alice: User, seed: str) -> None:
        client = used_up(alice)
        edit = EditRequest.objects.latest("pk")
        response = client.post(f"/edits/{edit.public_id}/rerun/", {"seed": seed, "next": "/history/"})
        assert is_429_until_midnight(response)
        assert USED_UP in said(response)
        assert 'href="/history/"' in said(response)
        assert EditRequest.objects.count() == 2

    def test_in_place_it_is_a_toast_and_nothing_moves(self, alice: User) -> None:
        client = used_up(alice)
        edit = EditRequest.objects.latest("pk")
        response = client.post(f"/edits/{edit.public_id}/rerun/", headers=IN_PLACE)
        assert is_429_until_midnight(response)
        assert response["HX-Reswap"] == "none"
        assert 'hx-swap-oob="beforeend:#toasts"' in said(response)
        assert USED_UP in said(response)

    def test_programs_get_json(self, alice: User) -> None:
        client = used_up(alice)
        edit = EditRequest.objects.latest("pk")
        response = client.post(f"/edits/{edit.public_id}/rerun/", headers={"Accept": "application/json"})
        assert is_429_until_midnight(response)
        assert response.json()["error"]["code"] == "rate_limit_exceeded"
        assert response.json()["error"]["message"] == USED_UP

    @pytest.mark.parametrize("in_place", [False, True])
    def test_a_failed_edit_is_not_tried_again(self, alice: User, in_place: bool) -> None:
        client = used_up(alice)
        failed = edit_of(alice, status=Status.FAILED)
        headers = {"HX-Request": "true"} if in_place else {}
        response = client.post(f"/edits/{failed.public_id}/retry/", {"as": "card"}, headers=headers)
        assert is_429_until_midnight(response)
        assert USED_UP in said(response)
        failed.refresh_from_db()
        assert failed.status == Status.FAILED


class TestWhatIsLeft:
    def test_it_is_said_near_the_button(self, alice: User) -> None:
        Budget.objects.update(person_per_day=60, person_per_month=1000)
        for _ in range(3):
            finished_edit_of(alice)
        page = said(signed_in(alice).get("/"))
        assert "<span>57 of 60 left today</span>" in page
        assert "<span>997 of 1,000 left in " in page

    def test_near_the_end_it_is_marked(self, alice: User) -> None:
        finished_edit_of(alice)
        assert '<span class="warn">1 of 2 left today</span>' in said(signed_in(alice).get("/"))

    def test_without_a_limit_nothing_is_said(self, alice: User) -> None:
        Budget.objects.update(person_per_day=None)
        assert '<div class="budget-left" id="budget-left"></div>' in said(signed_in(alice).get("/"))

    def test_ones_own_limit_is_the_one_that_is_said(self, alice: User, bob: User) -> None:
        User.objects.filter(pk=alice.pk).update(edits_per_day=20)
        assert "20 of 20 left today" in said(signed_in(alice).get("/"))
        assert "2 of 2 left today" in said(signed_in(bob).get("/"))

    def test_what_fails_gives_its_place_back_in_the_open_page(self, alice: User) -> None:
        edit = edit_of(alice)
        client = signed_in(alice)
        assert "1 of 2 left today" in said(client.get("/"))
        EditRequest.objects.update(
            status=Status.FAILED, reason=Reason.SERVICE_UNAVAILABLE, finished_at=timezone.now()
        )
        poll = {"as": "thumb", "id": str(edit.public_id), "was": "queued"}
        page = said(client.get("/status/", poll))
        assert 'id="budget-left" hx-swap-oob="true"' in page
        assert "2 of 2 left today" in page
        assert 'id="budget-left"' not in said(client.get("/status/", poll | {"was": "failed"}))

    def test_it_costs_three_questions_at_most(
        self,
        alice: User,
        django_assert_max_num_queries: DjangoAssertNumQueries,
        keep_the_queue: Callable[[], None],
    ) -> None:
        Budget.objects.update(person_per_month=50, team_per_day=50, team_per_month=500)
        for _ in range(15):
            finished_edit_of(alice)
            edit_of(alice)
        client = signed_in(alice)
        client.get("/")
        keep_the_queue()
        with django_assert_max_num_queries(13):
            client.get("/")


class TestTheTeam:
    @pytest.fixture(autouse=True)
    def _one_call_a_day(self, alice: User) -> None:
        Budget.objects.update(team_per_day=1)
        edit = finished_edit_of(alice)
        Attempt.objects.create(edit=edit, number=1, fence=1, started_at=timezone.now(), seed_sent=1)

    def test_the_form_says_that_an_edit_will_wait_and_takes_it(self, bob: User) -> None:
        client = signed_in(bob)
        assert (
            "The team's budget for today is used up. "
            "What you send now waits and continues at midnight (UTC)." in said(client.get("/"))
        )
        assert post(client).status_code == 302
        assert EditRequest.objects.of(bob).queued().count() == 1

    def test_who_has_nothing_left_reads_that_alone(self, alice: User) -> None:
        page = said(used_up(alice).get("/"))
        assert "0 of 2 left today" in page
        assert "What you send now" not in page

    def test_all_pages_say_it_once_edits_wait(
        self, alice: User, root: User, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        sentence = "The team's budget for today is used up. Waiting edits continue at midnight (UTC)."
        client = signed_in(alice)
        assert sentence not in said(client.get("/history/"))
        Budget.objects.update(budget_exhausted_until=day_of(timezone.now()).end)
        with django_assert_max_num_queries(6):
            page = said(client.get("/history/"))
        assert sentence in page
        assert "#budgets" not in page
        assert 'href="/settings/#budgets">Change budget' in said(signed_in(root).get("/history/"))

    def test_what_is_over_is_not_said(self, alice: User) -> None:
        Budget.objects.update(budget_exhausted_until=timezone.now() - timedelta(seconds=1))
        assert "Waiting edits continue" not in said(signed_in(alice).get("/history/"))

    def test_the_card_of_a_waiting_edit_says_why_it_waits(self, alice: User) -> None:
        edit_of(alice)
        Budget.objects.update(budget_exhausted_until=day_of(timezone.now()).end)
        page = said(signed_in(alice).get("/history/"))
        assert "Your edit is kept and continues at midnight (UTC)." in page
