"""Whose clock: names of zones, where a person's comes from, and that each request has its own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.utils import timezone

from edits.models import User
from edits.services.team.first_run import setup_code
from edits.services.team.inviting import invite
from edits.services.team.people import choose_time_zone, take_time_zone
from edits.time_zones import REGIONS, check_name, choices, known_name, moment_words, title_of, zone_of
from edits.views.time_zones import TimeZoneMiddleware
from tests.conftest import signed_in
from tests.factories import finished_edit_of

SHANGHAI, LOS_ANGELES, LOST = "Asia/Shanghai", "America/Los_Angeles", "Mars/Olympus_Mons"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PASSWORD = "open sesame 7"


def kept(user: User) -> tuple[str, bool]:
    """The zone of the person's row, and whether it was chosen."""
    user.refresh_from_db()
    return user.time_zone, user.time_zone_is_chosen


class TestNames:
    @pytest.mark.parametrize(
        ("browser", "name"),
        [
            ("Asia/Shanghai", "Asia/Shanghai"),
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("Europe/Kiev", "Europe/Kyiv"),
            ("Etc/UTC", "UTC"),
            ("UTC", "UTC"),
        ],
    )
    def test_a_name_is_kept_in_today_s_spelling(self, browser: str, name: str) -> None:
        assert known_name(browser) == name

    @pytest.mark.parametrize(
        "name",
        [LOST, "", "Europe", "localtime", "Factory", "../../etc/passwd", "/etc/localtime", "a\0b", "utc"],
    )
    def test_what_is_no_zone_is_not_kept(self, name: str) -> None:
        assert known_name(name) == ""

    @pytest.mark.parametrize("name", [LOST, "Asia/Calcutta"])
    def test_a_row_takes_only_known_names(self, name: str) -> None:
        with pytest.raises(ValidationError):
            check_name(name)

    @override_settings(TIME_ZONE="Europe/Berlin")
    @pytest.mark.parametrize("name", ["", LOST, "Europe", "a\0b", "../../etc/passwd"])
    def test_a_name_that_means_nothing_here_means_the_server_s_zone(self, name: str) -> None:
        assert title_of(zone_of(name)) == "Europe/Berlin"

    def test_each_choice_can_be_kept_and_says_how_far_its_clocks_are_ahead(self) -> None:
        offered = dict(choices(NOON))
        assert [*offered] == [*REGIONS, "Everywhere"]
        for places in offered.values():
            for name, _ in places:
                check_name(name)
        assert (SHANGHAI, "Shanghai (UTC+8)") in offered["Asia"]
        assert ("Asia/Kathmandu", "Kathmandu (UTC+5:45)") in offered["Asia"]
        assert (LOS_ANGELES, "Los Angeles (UTC−8)") in offered["America"]
        assert ("Africa/Abidjan", "Abidjan (UTC)") in offered["Africa"]

    def test_a_choice_follows_daylight_saving_time(self) -> None:
        summer = dict(dict(choices(datetime(2026, 7, 1, tzinfo=UTC)))["America"])
        assert summer[LOS_ANGELES] == "Los Angeles (UTC−7)"


class TestTaking:
    @pytest.fixture(autouse=True)
    def _no_failures_yet(self, db: None) -> Iterator[None]:
        cache.clear()
        yield
        cache.clear()

    def test_signing_in_brings_the_browser_s_zone(self, alice: User, client: Client) -> None:
        form = {"login": "alice", "password": PASSWORD, "time_zone": SHANGHAI}
        assert client.post("/accounts/login/", form).status_code == 302
        assert kept(alice) == (SHANGHAI, False)

    @pytest.mark.parametrize("given", [{}, {"time_zone": ""}, {"time_zone": LOST}, {"time_zone": "x" * 9000}])
    def test_without_a_zone_one_signs_in_all_the_same(
        self, alice: User, client: Client, given: dict[str, str]
    ) -> None:
        form = {"login": "alice", "password": PASSWORD} | given
        assert client.post("/accounts/login/", form).status_code == 302
        assert kept(alice) == ("", False)

    def test_a_wrong_password_changes_nothing(self, alice: User, client: Client) -> None:
        client.post("/accounts/login/", {"login": "alice", "password": "wrong", "time_zone": SHANGHAI})
        assert kept(alice) == ("", False)

    def test_an_account_made_by_invitation_has_it_from_the_start(self, root: User, client: Client) -> None:
        _, token = invite(by=root, role="member", days=1, now=timezone.now())
        client.get(f"/invitations/{token}/", follow=True)
        form = {"username": "carol", "email": "", "password1": "a harbor at dawn 9", "time_zone": SHANGHAI}
        assert client.post("/accounts/signup/", form).status_code == 302
        assert kept(User.objects.get(username="carol")) == (SHANGHAI, False)

    def test_so_has_the_first_account(self, db: None, client: Client) -> None:
        form = {
            "code": setup_code(),
            "username": "root",
            "password": "velvet hammer 9",
            "time_zone": SHANGHAI,
        }
        assert client.post("/setup/", form).status_code == 302
        assert kept(User.objects.get()) == (SHANGHAI, False)

    def test_signing_in_on_a_journey_moves_nothing(self, alice: User, client: Client) -> None:
        take_time_zone(user=alice, name=SHANGHAI)
        client.post("/accounts/login/", {"login": "alice", "password": PASSWORD, "time_zone": LOS_ANGELES})
        assert kept(alice) == (SHANGHAI, False)

    @pytest.mark.parametrize("chosen", ["", SHANGHAI])
    def test_what_was_chosen_stays_even_where_that_is_the_server_s(
        self, alice: User, client: Client, chosen: str
    ) -> None:
        choose_time_zone(user=alice, name=chosen)
        client.post("/accounts/login/", {"login": "alice", "password": PASSWORD, "time_zone": LOS_ANGELES})
        assert not take_time_zone(user=alice, name=LOS_ANGELES)
        assert kept(alice) == (chosen, True)

    def test_a_page_of_somebody_without_a_zone_asks_the_browser_once(self, alice: User) -> None:
        client = signed_in(alice)
        assert 'data-zone-wanted="/settings/time-zone/"' in client.get("/history/").content.decode()
        assert client.post("/settings/time-zone/", {"time_zone": SHANGHAI}).json() == {
            "taken": True,
            "differs": True,
        }
        assert kept(alice) == (SHANGHAI, False)
        assert "data-zone-wanted" not in client.get("/history/").content.decode()
        assert client.post("/settings/time-zone/", {"time_zone": LOS_ANGELES}).json()["taken"] is False

    def test_a_page_is_not_loaded_again_where_its_times_stay_as_they_are(self, alice: User) -> None:
        answer = signed_in(alice).post("/settings/time-zone/", {"time_zone": "Etc/UTC"})
        assert answer.json() == {"taken": True, "differs": False}

    def test_an_answer_to_a_form_does_not_ask_as_it_cannot_be_loaded_again(self, alice: User) -> None:
        refused = signed_in(alice).post("/settings/profile/", {"email": "no address"})
        assert refused.status_code == 422
        assert "data-zone-wanted" not in refused.content.decode()

    def test_only_people_who_are_signed_in_have_a_zone_and_only_a_post_sets_it(
        self, alice: User, client: Client
    ) -> None:
        headers = {"HX-Request": "true"}
        assert (
            client.post("/settings/time-zone/", {"time_zone": SHANGHAI}, headers=headers).status_code == 401
        )
        assert signed_in(alice).get("/settings/time-zone/").status_code == 405


class TestChoosing:
    def test_the_settings_change_it(self, alice: User) -> None:
        client = signed_in(alice)
        form = {"name": "Alice", "email": alice.email, "time_zone": LOS_ANGELES}
        assert client.post("/settings/profile/", form).status_code == 302
        assert kept(alice) == (LOS_ANGELES, True)
        assert '<option value="America/Los_Angeles" selected>' in client.get("/settings/").content.decode()

    @override_settings(TIME_ZONE="Europe/Berlin")
    def test_the_first_choice_is_the_server_s_by_its_name(self, alice: User) -> None:
        page = signed_in(alice).get("/settings/").content.decode()
        assert '<option value="" selected>Same as the server (Europe/Berlin)</option>' in page

    def test_the_server_s_can_be_chosen_back(self, alice: User) -> None:
        take_time_zone(user=alice, name=SHANGHAI)
        signed_in(alice).post("/settings/profile/", {"email": alice.email, "time_zone": ""})
        assert kept(alice) == ("", True)

    def test_saving_another_field_chooses_nothing(self, alice: User) -> None:
        take_time_zone(user=alice, name=SHANGHAI)
        signed_in(alice).post("/settings/profile/", {"name": "Al", "email": "", "time_zone": SHANGHAI})
        assert kept(alice) == (SHANGHAI, False)

    def test_an_invented_zone_is_refused(self, alice: User) -> None:
        answer = signed_in(alice).post("/settings/profile/", {"email": "", "time_zone": LOST})
        assert answer.status_code == 422
        assert kept(alice) == ("", False)


class TestLost:
    """A zone that this machine does not know any more: an older tz database, or a row of another machine."""

    @pytest.fixture(autouse=True)
    def _lost(self, alice: User) -> None:
        User.objects.filter(pk=alice.pk).update(time_zone=LOST)

    def test_pages_show_the_server_s_time(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        client = signed_in(alice)
        for path in ("/", "/history/", f"/edits/{edit.public_id}/", "/trash/", "/settings/"):
            assert client.get(path).status_code == 200
        assert "(UTC)" in client.get(f"/edits/{edit.public_id}/").content.decode()

    def test_the_rest_of_the_profile_can_still_be_saved(self, alice: User) -> None:
        client = signed_in(alice)
        page = client.get("/settings/").content.decode()
        assert f'<option value="{LOST}" selected>{LOST}, unknown to this server</option>' in page
        form = {"name": "Al", "email": "", "time_zone": LOST}
        assert client.post("/settings/profile/", form).status_code == 302
        assert kept(alice) == (LOST, False)


class TestEachRequest:
    @pytest.fixture(autouse=True)
    def _in_shanghai(self, alice: User) -> None:
        take_time_zone(user=alice, name=SHANGHAI)

    def test_its_end_leaves_no_zone_behind(self, alice: User) -> None:
        finished_edit_of(alice)
        assert f"({SHANGHAI})" in signed_in(alice).get("/history/").content.decode()
        assert timezone.get_current_timezone_name() == "UTC"

    def test_not_even_where_the_view_fails(self, alice: User, rf: Any) -> None:
        request = rf.get("/")
        request.user = alice
        request.COOKIES = dict.fromkeys(signed_in(alice).cookies, "x")

        def fail(request: HttpRequest) -> HttpResponse:
            middleware.process_view(request, fail, (), {})
            assert timezone.get_current_timezone_name() == SHANGHAI
            raise RuntimeError

        middleware = TimeZoneMiddleware(fail)
        with pytest.raises(RuntimeError):
            middleware(request)
        assert timezone.get_current_timezone_name() == "UTC"

    def test_each_reads_the_same_moment_on_their_own_clock(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared_at=NOON, created_at=NOON)
        type(edit).objects.update(created_at=NOON)
        take_time_zone(user=bob, name=LOS_ANGELES)
        path = f"/edits/{edit.public_id}/"
        assert "22 November 2026, 20:00 (Asia/Shanghai)" in signed_in(alice).get(path).content.decode()
        assert "22 November 2026, 04:00 (America/Los Angeles)" in signed_in(bob).get(path).content.decode()

    def test_the_admin_follows_it_and_names_it(self, root: User) -> None:
        take_time_zone(user=root, name=SHANGHAI)
        User.objects.filter(username="alice").update(date_joined=NOON)
        page = signed_in(root).get("/admin/edits/user/").content.decode()
        assert "Nov. 22, 2026, 8 p.m." in page
        assert f"Times are in the time zone {SHANGHAI}." in page

    def test_a_page_that_needs_no_sign_in_follows_it_too(self, root: User) -> None:
        take_time_zone(user=root, name=SHANGHAI)
        assert signed_in(root).get("/v1/docs").status_code == 200
        assert timezone.get_current_timezone_name() == "UTC"


class TestWords:
    @pytest.mark.parametrize(
        ("style", "words"),
        [
            ("clock", "02:07"),
            ("full", "23 November 2025, 02:07"),
            ("day", "23 November 2025"),
            ("short", "23 Nov 2025 02:07"),
            ("exact", "23 November 2025, 02:07:09"),
        ],
    )
    def test_a_moment_is_shown_on_the_reader_s_clock(self, style: Any, words: str) -> None:
        with timezone.override(SHANGHAI):
            assert moment_words(datetime(2025, 11, 22, 18, 7, 9, tzinfo=UTC), style) == words
