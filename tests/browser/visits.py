"""Every page in every state worth looking at: who opens it, what was there before, and what they do first."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.people import press

STRANGER = "stranger"


@dataclass(frozen=True)
class Visit:
    """One look at a page.

    page    the URL's name                  scene   what happens backstage before; its answer fills "{}" in path
    path    where it is                     then    what the visitor does before we look
    """

    page: str
    path: str
    who: str = "alice"
    state: str = ""
    scene: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    then: Callable[[Page], object] = lambda page: None
    status: int = 200

    def __str__(self) -> str:
        return f"{self.page} {self.state}".strip()


def sends(words: str) -> Callable[[Page], object]:
    """Press a button that sends a form, and wait for what the page says then."""

    def send(page: Page) -> None:
        page.evaluate("for (const form of document.forms) form.noValidate = true")  # the server's own words
        page.get_by_role("button", name=words).click()
        expect(page.locator(".errorlist:visible, .reasons li").first).to_be_visible()

    return send


def opens_case(page: Page) -> None:
    """A reviewer's press."""
    page.get_by_role("button", name="Open case").click()
    expect(page.get_by_text("yours until")).to_be_visible()


def decides_nothing(page: Page) -> None:
    """And sends the form as it came."""
    opens_case(page)
    sends("Decide")(page)


def asks_for_keys(page: Page) -> None:
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts on this page")).to_be_visible()


def is_signed_out(page: Page) -> None:
    """As the next request finds it, whatever that is."""
    page.evaluate("document.getElementById('signed-out').showModal()")
    expect(page.get_by_role("dialog", name=re.compile("."))).to_be_visible()


def comes_back(page: Page) -> None:
    """To what was entered before."""
    with page.expect_response(re.compile("/draft/$")):
        page.locator("#id_prompt").fill("turn it black and white")
    page.goto(page.url.partition("?")[0])
    expect(page.locator("#source [name=source]")).to_have_value("sample:cat")


def goes_on_in_another_tab(page: Page) -> None:
    """And then here, which is asked about."""
    other = page.context.new_page()
    other.goto(page.url)
    for tab, words in ((other, "one"), (page, "two")):
        with tab.expect_response(re.compile("/draft/$")):
            tab.locator("#id_prompt").fill(words)
    other.close()
    expect(page.locator("[data-stays]")).to_be_visible()


def zooms(page: Page) -> None:
    press(page, "4")
    expect(page.locator(".zoomed")).to_be_visible()


def opens(selector: str) -> Callable[[Page], object]:
    """Click on the first of these that is visible."""
    return lambda page: page.locator(selector).locator("visible=true").first.click()


def folds_out_all_there_is(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach((details) => (details.open = true))")


def selects_a_card(page: Page) -> None:
    page.locator(".card .pick input").first.check()
    expect(page.locator("#bulk")).to_be_visible()


def makes_an_invitation(page: Page) -> None:
    page.get_by_role("button", name="Create invitation").click()
    expect(page.locator(".one-time-secret input")).to_be_visible()


def makes_a_key(page: Page) -> None:
    page.get_by_text("Create an API key").click()
    page.locator("#id_key_name").fill("nightly")
    page.get_by_role("button", name="Create key").click()
    expect(page.locator(".one-time-secret input")).to_be_visible()


def makes_a_key_of_nothing(page: Page) -> None:
    page.get_by_text("Create an API key").click()
    page.get_by_label("Make edits").uncheck()
    page.get_by_label("Read edits").uncheck()
    sends("Create key")(page)


def asks_for_the_secret(page: Page) -> None:
    page.get_by_role("button", name="Show secret").click()
    expect(page.locator("#secret input[readonly]")).to_be_visible()


def adds_a_webhook_nowhere(page: Page) -> None:
    page.get_by_text("Add a webhook").click()
    page.locator("#id_webhook_url").fill("http://127.0.0.1/")
    sends("Add webhook")(page)


def opens_library(key: str) -> Callable[[Page], object]:
    """Press its key and wait for the list."""

    def open_it(page: Page) -> None:
        press(page, key)
        expect(page.locator("#library li").first).to_be_visible()

    return open_it


ALICES: dict[str, Any] = {"owner": "alice"}
MIXED: dict[str, Any] = ALICES | {
    "states": ["succeeded", "running", "succeeded", "filtered", "failed", "queued"]
}
EACH: dict[str, Any] = {"scene": "one_of_each", "given": ALICES}


def in_state(status: str) -> dict[str, Any]:
    """An edit of Alice's in this state."""
    return {"scene": "edit_in_state", "given": ALICES | {"status": status}}


FIRST, GPU = "/settings/providers/stepfun/", "/settings/providers/studio-gpu/"

VISITS = [
    # Signing in
    Visit("account_login", "/accounts/login/", STRANGER),
    Visit("account_login", "/accounts/login/?next=/team/", STRANGER, "with errors", then=sends("Sign in")),
    Visit("account_logout", "/accounts/logout/"),
    Visit("account_signup", "/accounts/signup/", STRANGER, "closed"),
    Visit("account_signup", "{}", STRANGER, scene="invitation"),
    Visit("account_signup", "{}", STRANGER, "with errors", "invitation", then=sends("Create account")),
    Visit("account_change_password", "/accounts/password/change/"),
    Visit("account_reset_password_from_key", "{}", STRANGER, "", "way_to_a_new_password", {"name": "bob"}),
    Visit("account_reset_password_from_key", "/accounts/password/reset/key/1-nonsense/", STRANGER, "closed"),
    Visit("account_reset_password_from_key_done", "/accounts/password/reset/key/done/", STRANGER),
    Visit("join", "/invitations/nonsense/", STRANGER, "closed", status=404),
    Visit("join", "{}", "alice", "signed in", "invitation"),
    # Studio
    Visit("studio", "/", state="empty"),
    Visit("studio", "/", state="signed out", then=is_signed_out),
    Visit("studio", "/?sample=cat", state="with a draft", then=comes_back),
    Visit("studio", "/", state="with a newer draft elsewhere", then=goes_on_in_another_tab),
    Visit("studio", "/", state="with reasons", then=sends("Edit image")),
    Visit("studio", "/?sample=cat", state="with a sample and open options", then=opens(".options > summary")),
    Visit("studio", "/", state="with every state in its strip", **EACH),
    Visit("studio", "/?show={}", state="done", **EACH),
    Visit("studio", "/?show={}", state="sharing", then=opens("[data-dialog=share]"), **EACH),
    Visit("studio", "/?show={}", state="keys", then=asks_for_keys, **EACH),
    *(Visit("studio", "/?show={}", state=status, **in_state(status))
      for status in ("queued", "running", "failed", "filtered", "canceled")),
    Visit("studio", "/?show={}", "alice", "waiting for another try", "edit_to_try_again", ALICES),
    Visit("studio", "/?pick=1", state="past pictures", **EACH),
    Visit("studio", "/", state="choosing a model", scene="several_models", then=opens("#model-menu > summary")),
    Visit("studio", "/?model=openai/gpt-image-2", state="without a seed", scene="several_models",
          then=opens(".options > summary")),
    Visit("studio", "/", state="past prompts", scene="prompt_library", given=ALICES, then=opens_library("Alt+h")),
    Visit("studio", "/", state="presets", scene="prompt_library", given=ALICES, then=opens_library("Alt+p")),
    Visit("past_prompts", "/prompts/", state="empty"),
    Visit("past_prompts", "/prompts/", scene="prompt_library", given=ALICES),
    Visit("presets", "/presets/", state="empty"),
    Visit("presets", "/presets/", scene="prompt_library", given=ALICES),
    Visit("save_preset", "/presets/new/?edit={}", **EACH),
    Visit("save_preset", "/presets/new/", state="with errors", then=sends("Save preset")),
    Visit("change_preset", "/presets/{}/", scene="prompt_library", given=ALICES),
    # Galleries
    Visit("history", "/history/", state="empty"),
    Visit("history", "/history/", state="with every state", **EACH),
    Visit("history", "/history/", state="selecting", then=selects_a_card, **EACH),
    Visit("history", "/history/", state="choosing dates", then=opens(".filters summary >> nth=-1"), **EACH),
    Visit("history", "/history/?q=harbor&is=starred", state="nothing found", **EACH),
    Visit("team", "/team/", state="empty"),
    Visit("team", "/team/", "bob", "with a shared edit", **EACH),
    Visit("trash", "/trash/", state="empty"),
    Visit("trash", "/trash/", state="with an edit", scene="trashed_edit", given=ALICES),
    # One edit
    Visit("viewer", "/edits/{}/", state="own", **EACH),
    Visit("viewer", "/edits/{}/", "bob", "a colleague's", **EACH),
    Visit("viewer", "/edits/{}/", state="in the trash", scene="trashed_edit", given=ALICES),
    *(Visit("viewer", "/edits/{}/", state=status, **in_state(status))
      for status in ("queued", "failed", "filtered")),
    Visit("viewer", "/edits/{}/", "alice", "kept hidden", "decided_case",
          {"author": "alice", "reviewer": "rita"}),
    Visit("viewer", "/edits/00000000-0000-4000-8000-000000000000/", state="missing", status=404),
    Visit("viewer", "/edits/{}/", "root", "private to its owner", **in_state("canceled")),
    Visit("lineage", "/edits/{}/lineage/", scene="lineage_tree", given=ALICES),
    Visit("studio", "/?fold={}", state="with a folded chain", scene="lineage_tree", given=ALICES),
    Visit("viewer", "/edits/{}/?before=first", state="zoomed", then=zooms, **EACH),
    Visit("compare", "/compare/{}/", scene="two_edits", given=ALICES),
    Visit("compare", "/compare/{}/", state="by keys", scene="two_edits", given=ALICES, then=asks_for_keys),
    Visit("share_edit", "/edits/{}/share/", **EACH),
    # Batches
    *(Visit("batch", "/batches/{}/", state=kind, scene="batch", given=ALICES | {"kind": kind})
      for kind in ("grid", "seeds", "paused", "ended")),
    Visit("batch", "/batches/{}/", "root", "of somebody else", "batch", ALICES | {"kind": "grid"}),
    *(Visit("batch_sheet", "/batches/{}/sheet/", state=f"of {count} {shape} ones", scene="candidates",
            given=ALICES | {"count": count, "shape": shape, "kept": [1]})
      for count, shape in ((2, "tall"), (6, "wide"))),
    Visit("batch_sheet", "/batches/{}/sheet/", state="in every state", scene="candidates", given=MIXED),
    Visit("batch_sheet", "/batches/{}/sheet/?page=2", state="second page", scene="candidates",
          given=ALICES | {"count": 12}),
    Visit("batch_sheet", "/batches/{}/sheet/", state="enlarged", scene="candidates", given=ALICES,
          then=opens("[data-enlarge]")),
    Visit("batch_sheet", "/batches/{}/sheet/", "root", "of somebody else", "candidates", ALICES),
    Visit("contact_sheet", "/sheet/?id={}", scene="edit_in_state", given=ALICES | {"status": "queued"}),
    # Recipes
    Visit("recipes", "/recipes/", state="empty"),
    Visit("recipes", "/recipes/", state="with some", scene="recipe_with_runs", given=ALICES),
    Visit("recipe", "/recipes/{}/", scene="recipe", given=ALICES),
    Visit("recipe", "/recipes/{}/", "bob", "a colleague's with a gone model", "recipe", ALICES | {"gone": True}),
    Visit("recipe", "/recipes/{}/", state="without pictures", scene="recipe", given=ALICES, then=opens("[name=run]")),
    Visit("change_recipe", "/recipes/{}/change/", scene="recipe", given=ALICES, then=folds_out_all_there_is),
    Visit("recipe_from_edit", "/edits/{}/recipe/", then=folds_out_all_there_is, **EACH),
    Visit("recipe_run", "/recipes/runs/{}/", scene="recipe_run", given=ALICES),
    Visit("recipe_run", "/recipes/runs/{}/", "root", "of somebody else", "recipe_run", ALICES),
    # Review
    Visit("review", "/review/", "rita", "empty"),
    Visit("review", "/review/?show=decided", "rita", "decided", "decided_case",
          {"author": "alice", "reviewer": "rita"}),
    Visit("review_case", "/review/{}/", "rita", **in_state("filtered")),
    Visit("review_case", "/review/{}/", "rita", "open", then=opens_case, **in_state("filtered")),
    Visit("review_case", "/review/{}/", "rita", "with errors", then=decides_nothing, **in_state("filtered")),
    Visit("review_case", "/review/{}/", "rita", "decided", "decided_case",
          {"author": "alice", "reviewer": "rita"}),
    # The API
    Visit("api_docs", "/v1/docs", "root"),
    Visit("api_docs", "/v1/docs", "root", "folded out", then=folds_out_all_there_is),
    # Settings
    Visit("settings", "/settings/", state="of a member"),
    Visit("settings", "/settings/", "root", "of an administrator", "decided_case",
          {"author": "root", "reviewer": "rita"}),
    Visit("settings", "/settings/", "root", "with a new link", then=makes_an_invitation),
    Visit("settings", "/settings/", state="with a new key", then=makes_a_key),
    Visit("settings", "/settings/", state="with a key that is refused", then=makes_a_key_of_nothing),
    Visit("settings", "/settings/", state="with keys", scene="api_keys", then=opens(".api-key .menu > summary")),
    Visit("settings", "/settings/", "root", "with keys of others", "api_keys",
          then=opens("#api-keys .fold > summary")),
    Visit("deactivate_person", "/settings/people/{}/deactivate/", "root", "", "member_with_edits", {"name": "bob"}),
    Visit("reactivate_person", "/settings/people/{}/reactivate/", "root", "", "deactivated_member", {"name": "bob"}),
    *(Visit("webhook", "/settings/webhooks/{}/", "alice", state, "webhook", {"owner": "alice", "state": state})
      for state in ("new", "working", "failing", "gone")),
    Visit("webhook", "/settings/webhooks/{}/", "alice", "with its secret", "webhook",
          {"owner": "alice", "state": "new"}, then=asks_for_the_secret),
    Visit("settings", "/settings/", state="with a webhook that is refused", then=adds_a_webhook_nowhere),
    Visit("providers", "/settings/providers/", "root", "before any call"),
    *(Visit("providers", "/settings/providers/", "root", state, "provider_is", {"state": state, "owner": "alice"})
      for state in ("open", "stopped", "held", "waiting")),
    Visit("add_provider", "/settings/providers/add/", "root"),
    Visit("provider", FIRST, "root", "before any call"),
    *(Visit("provider", FIRST, "root", state, "provider_is", {"state": state, "owner": "alice"})
      for state in ("open", "stopped", "held", "waiting")),
    Visit("provider", f"{GPU}#{{}}", "root", "added", "added_model", then=folds_out_all_there_is),
    *(Visit(name, f"{GPU}{path}/", "root", scene="added_model")
      for name, path in {"change_provider": "change", "provider_key": "key", "remove_provider": "remove",
                         "find_models": "models", "provider_model": "models/{}",
                         "remove_model": "models/{}/remove"}.items()),
    Visit("rerun_instead", "/edits/{}/rerun/instead/", scene="edit_of_a_model_that_is_gone",
          given={"owner": "alice"}),
    *(Visit("team", "/team/", who, f"while it is {state}", "provider_is", {"state": state, "owner": "alice"})
      for who, state in (("root", "held"), ("bob", "stopped"), ("bob", "waiting"))),
]  # fmt: skip

SCANNED_ELSEWHERE = {"setup": "test_first_run"}

ENGLISH = {"api_docs"}
"""Pages for programmers, which are not translated."""

NOT_PAGES = {
    "pictures and files": {"result", "result_width", "source", "source_width", "reference", "reference_width",
                           "staged_upload", "staged_upload_width", "change_map", "compare_map", "download_result",
                           "download_batch", "review_picture", "original", "original_width", "merged", "merged_width",
                           "download_merged", "staged_original"},
    "parts of pages": {"check_source", "status", "region", "merging", "bulk_jobs"},
    "for machines": {"healthz", "readyz", "metrics"},
    "the switch on every page": {"choose_language"},
    "for the script that knows the browser's clock": {"save_time_zone"},
    "the API": {"api_images_edits", "api_edits", "api_edit", "api_cancel", "api_rerun", "api_models", "api_model",
                "api_result", "api_batches", "api_presets", "api_uploads", "api_batch", "api_cancel_batch",
                "api_pause_batch", "api_resume_batch", "api_recipes", "api_recipe_runs",
                "api_recipe_run", "api_cancel_recipe_run", "openapi"},
    "what a phone shares": {"share_target"},
    "forms that lead elsewhere": {"rerun_edit", "cancel_edit", "retry_edit", "bulk_action", "undo_bulk_action",
                                  "cancel_bulk_job", "undo_bulk_job", "close_bulk_job",
                                  "rename_recipe", "share_recipe", "delete_recipe", "restore_recipe",
                                  "cancel_recipe_run", "retry_recipe_run",
                                  "pause_batch", "resume_batch", "cancel_batch", "retry_batch",
                                  "keep_candidates", "finish_kept", "trash_rest", "vote", "ask_for_votes",
                                  "star_edit", "trash_edit", "restore_edit", "add_comment", "remove_comment",
                                  "add_tag", "remove_tag", "review_claim", "review_decide", "review_undo",
                                  "review_reveal", "ask_for_review", "answer_question", "appeal_decision",
                                  "star_past_prompt", "remove_past_prompt", "bring_back_past_prompt",
                                  "share_preset", "delete_preset", "restore_preset",
                                  "save_draft", "clear_draft", "bring_back_draft", "keep_detail", "choose_download",
                                  "save_profile", "set_role", "make_password_link", "unlock_sign_in",
                                  "invite_person", "revoke_invitation", "make_api_key", "revoke_api_key",
                                  "add_webhook", "change_webhook", "webhook_secret", "toggle_webhook",
                                  "test_webhook", "delete_webhook", "redeliver_webhook", "save_budgets",
                                  "save_own_budget", "test_provider", "pause_queue", "resume_queue",
                                  "probe_provider", "move_provider", "provider_waiting", "toggle_model",
                                  "set_default_model", "move_model", "toggle_canary"},
    "only for accounts without a password, which we do not make": {"account_set_password"},
}  # fmt: skip
