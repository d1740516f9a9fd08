"""The receipt of an edit in a browser: by its owner, by a colleague who may see the source, and in review."""

from playwright.sync_api import expect

from tests.browser.backstage import Backstage
from tests.browser.people import Person, press


def test_alice_reads_the_receipt_of_a_model_without_a_seed(alice: Person, backstage: Backstage) -> None:
    page = alice.goes_to(f"/edits/{backstage('edit_with_receipt', owner='alice')}/")
    info = page.locator("#info")
    expect(info.get_by_text("This model takes no seed")).to_be_visible()
    expect(info.locator("ins")).to_have_text(["evening", "deep"])
    expect(info.get_by_text("num_inference_steps")).to_be_hidden()
    info.get_by_text("Request as sent").click()
    expect(info.get_by_text("num_inference_steps")).to_be_visible()
    reference = info.get_by_role("img", name="Reference 1: palette.png")
    reference.scroll_into_view_if_needed()
    expect(reference).to_be_visible()
    expect(reference).to_have_js_property("complete", True)
    assert reference.evaluate("image => image.naturalWidth > 0")


def test_bob_reads_it_without_files_and_host(bob: Person, backstage: Backstage) -> None:
    page = bob.goes_to(f"/edits/{backstage('edit_with_receipt', owner='alice', shared=True)}/")
    info = page.locator("#info")
    info.get_by_text("Request as sent").click()
    expect(info.get_by_text("num_inference_steps")).to_be_visible()
    for hidden in ("source.png", "gpu.example.org", "req_7f3a9c"):
        expect(info.get_by_text(hidden)).to_have_count(0)


def test_rita_unveils_a_reference_step_by_step(rita: Person, backstage: Backstage) -> None:
    page = rita.goes_to(f"/review/{backstage('case_with_reference', author='alice')}/")
    press(page, "o")
    figure = page.locator("#figure-reference-1")
    expect(figure.get_by_role("img", name="Reference 1, grey and blurred")).to_be_visible()
    figure.get_by_role("button", name="Unblur").click()
    expect(figure.get_by_role("img", name="Reference 1, small and grey")).to_be_visible()
