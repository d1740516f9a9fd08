"""Uploaded once and never lost: broken uploads, lost answers, no connection, a session that ended."""

import re
from typing import Any

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.backstage import Backstage
from tests.browser.pages import Studio
from tests.browser.people import PASSWORD, Person, assert_it_fits_the_width
from tests.browser.test_sending import LATER, NOW, says
from tests.pictures import photo

SIZES = [(1440, 900), (390, 844)]


@pytest.fixture
def studio(alice: Person) -> Studio:
    """Alice's studio, open."""
    return Studio(alice).open()


def breaks_off(studio: Studio, path: str, *, times: int = 1, reaches_the_server: bool = False) -> list[Route]:
    """The first posts to this path lose their connection, before or after the server has them."""
    seen: list[Route] = []

    def handle(route: Route) -> None:
        if route.request.method != "POST" or len(seen) >= times:
            return route.continue_()
        seen.append(route)
        if reaches_the_server:
            route.fetch()
        return route.abort("connectionreset")

    studio.person.may_break_off()
    studio.page.route(f"{studio.person.home}{path}", handle)
    return seen


def posts(studio: Studio) -> list[Request]:
    """What is posted from now on."""
    seen: list[Request] = []
    studio.page.on("request", lambda request: seen.append(request) if request.method == "POST" else None)
    return seen


def with_a_picture(studio: Studio) -> None:
    studio.add_picture()
    expect(studio.source).to_contain_text("Will be sent as")
    studio.write("sepia")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_picture_is_uploaded_once(studio: Studio, backstage: Backstage, width: int, height: int) -> None:
    studio.page.set_viewport_size({"width": width, "height": height})
    seen = posts(studio)
    with_a_picture(studio)
    studio.send()
    studio.expect_result()
    assert [request.url for request in seen if "/source/" in request.url] == [f"{studio.person.home}/source/"]
    (sent,) = (request.post_data_buffer or b"" for request in seen if request.url == f"{studio.person.home}/")
    assert b"upload:" in sent
    assert b"IMG_4471" not in sent
    assert backstage("count_edits") == 1


class TestAnUploadThatBreaksOff:
    @pytest.mark.parametrize(("width", "height"), SIZES)
    def test_it_says_so_and_is_tried_again_by_itself(self, studio: Studio, width: int, height: int) -> None:
        studio.page.set_viewport_size({"width": width, "height": height})
        breaks_off(studio, "/source/", times=2)
        studio.add_picture()
        expect(studio.source).to_contain_text("Trying again in")
        assert_it_fits_the_width(studio.page)
        expect(studio.source).to_contain_text("Will be sent as")

    def test_a_press_meanwhile_is_sent_once_it_is_there(self, studio: Studio, backstage: Backstage) -> None:
        breaks_off(studio, "/source/")
        studio.write("sepia")
        studio.add_picture()
        studio.send()
        expect(studio.send_button).to_have_accessible_name(LATER)
        studio.expect_result()
        assert backstage("count_edits") == 1

    def test_it_can_be_canceled(self, studio: Studio) -> None:
        breaks_off(studio, "/source/", times=99)
        studio.add_picture()
        studio.source.get_by_role("link", name="Cancel").click()
        expect(studio.source).to_contain_text("Add a picture")


class TestAnEditWithoutAnAnswer:
    def test_the_same_edit_is_sent_again_and_is_one(self, studio: Studio, backstage: Backstage) -> None:
        with_a_picture(studio)
        breaks_off(studio, "/", reaches_the_server=True)
        studio.send()
        says(studio, "No answer from the server.")
        studio.expect_result()
        expect(studio.send_button).to_have_accessible_name(NOW)
        assert backstage("count_edits") == 1

    def test_what_was_changed_meanwhile_is_not_sent_by_itself(
        self, studio: Studio, backstage: Backstage
    ) -> None:
        with_a_picture(studio)
        breaks_off(studio, "/", reaches_the_server=True)
        studio.send()
        says(studio, "No answer from the server.")
        studio.write("something else")
        says(studio, "may have been sent already")
        expect(studio.send_button).to_have_accessible_name(NOW)
        assert backstage("count_edits") == 1


class TestOffline:
    def test_a_press_waits_for_the_connection(self, studio: Studio, backstage: Backstage) -> None:
        with_a_picture(studio)
        studio.person.context.set_offline(True)
        studio.send()
        expect(studio.page.locator("#reasons")).to_contain_text("You are offline.")
        expect(studio.send_button).to_have_accessible_name(LATER)
        studio.person.context.set_offline(False)
        studio.expect_result()
        assert backstage("count_edits") == 1

    def test_it_is_taken_back_by_pressing_again(self, studio: Studio, backstage: Backstage) -> None:
        with_a_picture(studio)
        studio.person.context.set_offline(True)
        studio.send()
        expect(studio.send_button).to_have_accessible_name(LATER)
        studio.send()
        expect(studio.send_button).to_have_accessible_name(NOW)
        studio.person.context.set_offline(False)
        expect(studio.page.locator("#reasons")).to_be_empty()
        assert backstage("count_edits") == 0


class TestSignedOut:
    """The session ended while the page was open."""

    def signs_in(self, studio: Studio, *, password: str = PASSWORD) -> None:
        dialog = studio.page.get_by_role("dialog", name="You are signed out")
        expect(dialog).to_be_visible()
        dialog.get_by_label("Password").fill(password)
        dialog.get_by_role("button", name="Sign in").click()

    @pytest.mark.parametrize(("width", "height"), SIZES)
    def test_the_press_goes_on_after_signing_in_in_place(
        self, studio: Studio, backstage: Backstage, width: int, height: int
    ) -> None:
        studio.page.set_viewport_size({"width": width, "height": height})
        studio.person.may_be_refused(401, 403)
        with_a_picture(studio)
        studio.person.context.clear_cookies()
        studio.send()
        self.signs_in(studio, password="wrong")
        expect(studio.page.locator("#signed-out [role=alert]")).not_to_be_empty()
        assert_it_fits_the_width(studio.page)
        self.signs_in(studio)
        studio.expect_result()
        assert backstage("count_edits") == 1
        studio.write("again, with the new token")
        studio.send()
        expect(studio.thumbs).to_have_count(2)

    def test_an_upload_goes_on_too(self, studio: Studio) -> None:
        studio.person.may_be_refused(401, 403)
        studio.person.context.clear_cookies()
        studio.add_picture()
        self.signs_in(studio)
        expect(studio.source).to_contain_text("Will be sent as")

    def test_who_shuts_the_dialog_loses_nothing(self, studio: Studio, backstage: Backstage) -> None:
        studio.person.may_be_refused(401)
        with_a_picture(studio)
        studio.person.context.clear_cookies(name=re.compile("session"))
        studio.send()
        studio.page.get_by_role("dialog", name="You are signed out").get_by_role(
            "button", name="Close"
        ).click()
        expect(studio.prompt).to_have_value("sepia")
        expect(studio.source).to_contain_text("Will be sent as")
        assert backstage("count_edits") == 0


def test_a_panorama_is_uploaded_once_and_then_shaped(studio: Studio) -> None:
    seen = posts(studio)
    studio.add_picture(photo(width=1600, height=200), name="panorama.jpg")
    studio.page.get_by_role("radio", name="Crop the ends").click()
    expect(studio.source).to_contain_text("Will be sent as")
    addresses: list[Any] = [request.url for request in seen if "/source/" in request.url]
    assert len(addresses) == 1
