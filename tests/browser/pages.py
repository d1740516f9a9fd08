"""The pages as people think of them: what they do there, and where they look for what came of it."""

from base64 import b64encode
from dataclasses import dataclass

from playwright.sync_api import FilePayload, JSHandle, Locator, Page, expect

from tests.browser.people import Person
from tests.pictures import photo

PHONE_WIDTH_PX, PHONE_HEIGHT_PX = 4032, 3024
TURNED_RIGHT = 6
TRANSFER = """([base64, name]) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type: "image/jpeg" }));
  return transfer;
}"""
PASTE = """(body, clipboardData) =>
  body.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }))"""


def phone_photo() -> bytes:
    """12 megapixels, held upright: stored on its side, with the turn and the place in its camera data."""
    return photo(width=PHONE_WIDTH_PX, height=PHONE_HEIGHT_PX, orientation=TURNED_RIGHT, place=True)


@dataclass
class Studio:
    """The studio in somebody's window."""

    person: Person

    @property
    def page(self) -> Page:
        return self.person.page

    def open(self, query: str = "") -> "Studio":
        self.person.goes_to(f"/{query}")
        return self

    def add_picture(self, data: bytes | None = None, *, name: str = "IMG_4471.jpg") -> None:
        """Choose a file; with script the card then says what will be sent."""
        file = FilePayload(name=name, mimeType="image/jpeg", buffer=data or photo())
        self.page.locator("#id_image").set_input_files(file)

    def drop_picture(self, data: bytes, *, name: str) -> None:
        """Let a file go over the middle of the page, as from another window."""
        transfer = self._carried(data, name)
        for kind in ("dragenter", "dragover", "drop"):
            self.stage.dispatch_event(kind, {"dataTransfer": transfer})

    def paste_picture(self, data: bytes, *, name: str) -> None:
        """Paste while no text field has the focus."""
        self.page.locator("body").evaluate(PASTE, self._carried(data, name))

    def _carried(self, data: bytes, name: str) -> JSHandle:
        return self.page.evaluate_handle(TRANSFER, [b64encode(data).decode(), name])

    def write(self, prompt: str) -> None:
        self.prompt.fill(prompt)

    def send(self) -> None:
        self.send_button.click()

    def makes_an_edit(self, prompt: str, *, data: bytes | None = None) -> None:
        """The main job, up to the picture on the stage."""
        self.open()
        self.add_picture(data)
        expect(self.source).to_contain_text("Will be sent as")
        self.write(prompt)
        self.send()
        self.expect_result()

    def expect_result(self) -> None:
        """Before and after are there and loaded."""
        for name in ("before", "after"):
            picture = self.stage.locator(f".compare img.{name}")
            expect(picture).to_be_visible()
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0

    def act(self, name: str) -> None:
        """Press a button or link under the picture."""
        acts = self.stage.locator(".edit-actions")
        acts.get_by_role("button", name=name).or_(acts.get_by_role("link", name=name)).click()

    def share(self) -> None:
        """Show the result on the stage to the team; without script a page of its own asks first."""
        self.stage.locator("[data-dialog=share]").click()
        self.page.locator("form").filter(has_text="Show the source").get_by_role(
            "button", name="Share"
        ).click()

    @property
    def source(self) -> Locator:
        return self.page.locator("#source")

    @property
    def prompt(self) -> Locator:
        return self.page.get_by_label("Prompt", exact=True)

    @property
    def send_button(self) -> Locator:
        return self.page.locator("#send")

    @property
    def stage(self) -> Locator:
        return self.page.get_by_role("region", name="Result")

    @property
    def thumbs(self) -> Locator:
        return self.page.get_by_role("list", name="Your latest edits").get_by_role("listitem")
