"""Pressing Edit while a picture is still on its way, and what is said and focused when an edit is refused."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import FilePayload, Route, expect

from tests.browser.backstage import Backstage
from tests.browser.pages import Studio
from tests.browser.people import Person, assert_it_fits_the_width
from tests.pictures import photo

LATER, NOW = "Sending when ready — cancel", re.compile("^Edit image")
NO_PICTURE = b"%PDF-1.7 not a picture"
PRESS_AGAIN_ONCE_SENT = """form => form.addEventListener("htmx:afterRequest", ({ target }) => {
  if (target === form) queueMicrotask(() => document.getElementById("send").click());
}, { once: true })"""
"""In the moment in which the answer is there: a finger that was already on its way."""


@pytest.fixture
def studio(alice: Person) -> Studio:
    """Alice's studio, open."""
    return Studio(alice).open()


class Held:
    """Requests that wait for their test; ``go`` lets them through."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def go(self) -> None:
        for route in self.routes:
            route.continue_()
        self.routes.clear()


@contextmanager
def slow(studio: Studio, path: str) -> Iterator[Held]:
    """Posts to this path are held."""
    held, address = Held(), f"{studio.person.home}{path}"

    def hold(route: Route) -> None:
        held.routes.append(route) if route.request.method == "POST" else route.continue_()

    studio.page.route(address, hold)
    yield held
    held.go()
    studio.page.unroute(address)


def says(studio: Studio, words: str) -> None:
    """To a screen reader, without the focus being moved."""
    expect(studio.page.locator("#send-status")).to_contain_text(words)
    expect(studio.page.locator("#send-status")).to_have_role("status")


def with_a_picture_on_its_way(studio: Studio, data: bytes | None = None) -> None:
    studio.write("sepia")
    studio.add_picture(data)
    expect(studio.page.locator(".checking")).to_be_visible()


class TestWhileThePictureIsOnItsWay:
    def test_a_press_is_remembered_and_sent_once(self, studio: Studio, backstage: Backstage) -> None:
        with slow(studio, "/source/") as upload:
            with_a_picture_on_its_way(studio)
            studio.send_button.dblclick()
            expect(studio.send_button).to_have_accessible_name(LATER)
            expect(studio.send_button).to_be_focused()
            says(studio, "as soon as the picture is checked")
            assert backstage("count_edits") == 0
            upload.go()
            studio.expect_result()
        expect(studio.send_button).to_have_accessible_name(NOW)
        assert backstage("count_edits") == 1

    def test_the_shortcut_is_remembered_however_often_it_is_pressed(
        self, studio: Studio, backstage: Backstage
    ) -> None:
        with slow(studio, "/source/") as upload:
            with_a_picture_on_its_way(studio)
            for _ in range(3):
                studio.prompt.press("Control+Enter")
            expect(studio.send_button).to_have_accessible_name(LATER)
            expect(studio.prompt).to_be_focused()
            upload.go()
            studio.expect_result()
        assert backstage("count_edits") == 1

    @pytest.mark.parametrize("way", ["pointer", "keyboard"])
    def test_it_can_be_taken_back(self, studio: Studio, backstage: Backstage, way: str) -> None:
        with slow(studio, "/source/") as upload:
            with_a_picture_on_its_way(studio)
            studio.send()
            expect(studio.send_button).to_have_accessible_name(LATER)
            studio.send_button.press("Enter") if way == "keyboard" else studio.send()
            expect(studio.send_button).to_have_accessible_name(NOW)
            says(studio, "Nothing was sent")
            upload.go()
            expect(studio.source).to_contain_text("Will be sent as")
        assert backstage("count_edits") == 0
        studio.send()
        studio.expect_result()

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            (NO_PICTURE, "The picture cannot be used."),
            (photo(width=1600, height=200), "crop it or add a border"),
        ],
        ids=["no picture", "panorama"],
    )
    def test_it_is_dropped_with_a_sentence_when_the_check_fails(
        self, studio: Studio, backstage: Backstage, data: bytes, reason: str
    ) -> None:
        with slow(studio, "/source/") as upload:
            with_a_picture_on_its_way(studio, data)
            studio.send()
            upload.go()
            expect(studio.page.locator("#reasons")).to_contain_text("Nothing was sent.")
        expect(studio.page.locator("#reasons")).to_contain_text(reason)
        says(studio, reason)
        expect(studio.send_button).to_have_accessible_name(NOW)
        assert backstage("count_edits") == 0

    def test_a_server_that_fails_for_good_sends_nothing_later(
        self, studio: Studio, backstage: Backstage
    ) -> None:
        studio.person.may_be_refused(500)
        with slow(studio, "/source/") as upload:
            with_a_picture_on_its_way(studio)
            studio.send()
            expect(studio.send_button).to_have_accessible_name(LATER)
            upload.routes.pop().fulfill(status=500, body="")
            says(studio, "Nothing was sent.")
        studio.add_picture()
        expect(studio.source).to_contain_text("Will be sent as")
        assert backstage("count_edits") == 0

    def test_a_picture_that_is_removed_sends_nothing(self, studio: Studio, backstage: Backstage) -> None:
        with slow(studio, "/source/"):
            with_a_picture_on_its_way(studio)
            studio.send()
            studio.source.get_by_role("link", name="Cancel").click()
            says(studio, "Add a picture.")
        assert backstage("count_edits") == 0

    def test_what_is_missing_is_said_at_once(self, studio: Studio) -> None:
        with slow(studio, "/source/"):
            studio.add_picture()
            studio.send()
            expect(studio.page.locator("#reasons")).to_have_text("Write what should change.")
            says(studio, "Write what should change.")
            expect(studio.send_button).to_have_accessible_name(NOW)

    def test_a_press_that_meant_to_take_it_back_is_no_second_edit(
        self, studio: Studio, backstage: Backstage
    ) -> None:
        with slow(studio, "/source/") as upload:
            with_a_picture_on_its_way(studio)
            studio.send()
            studio.page.locator("#edit-form").evaluate(PRESS_AGAIN_ONCE_SENT)
            upload.go()
            studio.expect_result()
        says(studio, "The edit was sent.")
        assert backstage("count_edits") == 1

    def test_a_reference_that_is_refused_sends_nothing(self, studio: Studio, backstage: Backstage) -> None:
        backstage("several_models")
        studio.open()
        studio.person.may_be_refused(422)
        studio.page.locator("#model-menu > summary").click()
        studio.page.locator(".model").filter(has_text="Qwen Image Edit").click()
        expect(studio.page.locator("#references")).to_be_visible()
        studio.add_picture()
        expect(studio.source).to_contain_text("Will be sent as")
        studio.write("sepia")
        with slow(studio, "/source/") as upload:
            file = FilePayload(name="notes.pdf", mimeType="application/pdf", buffer=NO_PICTURE)
            studio.page.locator("#id_reference").set_input_files(file)
            studio.send()
            expect(studio.send_button).to_have_accessible_name(LATER)
            upload.go()
            says(studio, "A picture could not be used.")
        expect(studio.page.locator("#error-reference")).to_contain_text("notes.pdf")
        assert backstage("count_edits") == 0


class TestWhileTheEditIsOnItsWay:
    def test_the_button_keeps_the_focus_and_says_why_it_does_nothing(
        self, studio: Studio, backstage: Backstage
    ) -> None:
        studio.add_picture()
        expect(studio.source).to_contain_text("Will be sent as")
        studio.write("sepia")
        with slow(studio, "/") as sending:
            studio.send_button.press("Enter")
            expect(studio.send_button).to_have_attribute("aria-disabled", "true")
            studio.send_button.press("Enter")
            says(studio, "The edit is being sent.")
            sending.go()
            studio.expect_result()
        expect(studio.send_button).to_be_focused()
        expect(studio.send_button).to_have_attribute("aria-disabled", "false")
        says(studio, "The edit was sent.")
        assert backstage("count_edits") == 1

    def test_a_press_with_another_prompt_is_not_lost(self, studio: Studio, backstage: Backstage) -> None:
        studio.add_picture()
        expect(studio.source).to_contain_text("Will be sent as")
        studio.write("sepia")
        asked: list[Route] = []
        address = f"{studio.person.home}/"
        studio.page.route(address, lambda route: asked.append(route), times=1)
        with studio.page.expect_request(address):
            studio.send_button.press("Enter")
        studio.write("blur it")
        studio.prompt.press("Control+Enter")
        expect(studio.send_button).to_have_accessible_name(LATER)
        asked[0].continue_()
        expect(studio.thumbs).to_have_count(2)
        expect(studio.send_button).to_have_accessible_name(NOW)
        studio.expect_result()
        assert backstage("count_edits") == 2


class TestARefusal:
    def test_the_first_wrong_field_gets_the_focus_and_all_is_read_out(self, studio: Studio) -> None:
        studio.person.may_be_refused(422)
        studio.add_picture()
        studio.write("sepia")
        studio.page.get_by_text("Options", exact=True).click()
        studio.page.get_by_label("Seed", exact=True).fill("many")
        studio.page.locator("#id_steps").fill("1000")
        expect(studio.source).to_contain_text("Will be sent as")
        studio.send_button.press("Enter")
        expect(studio.page.locator("#id_steps")).to_be_focused()
        expect(studio.page.locator("#id_steps")).to_have_attribute("aria-invalid", "true")
        says(studio, "Steps must be")
        says(studio, "The seed must be")

    def test_somebody_who_types_on_is_left_alone(self, studio: Studio) -> None:
        studio.person.may_be_refused(422)
        studio.add_picture()
        expect(studio.source).to_contain_text("Will be sent as")
        studio.write("sepia")
        studio.page.get_by_text("Options", exact=True).click()
        studio.page.get_by_label("Seed", exact=True).fill("many")
        with slow(studio, "/") as sending:
            studio.send()
            studio.prompt.focus()
            sending.go()
            says(studio, "The seed must be")
        expect(studio.prompt).to_be_focused()


@pytest.mark.parametrize("width", [1440, 390])
def test_an_unbroken_word_stays_within_its_column(studio: Studio, width: int) -> None:
    studio.page.set_viewport_size({"width": width, "height": 844})
    studio.write("https://example.com/" + "a" * 400)
    assert_it_fits_the_width(studio.page)
    right = studio.prompt.evaluate("field => field.getBoundingClientRect().right")
    rail = studio.page.locator("#edit-form").evaluate("form => form.getBoundingClientRect().right")
    assert right < rail
    if width > 760:
        assert studio.page.locator(".rail-fields").evaluate("box => box.scrollWidth <= box.clientWidth")
