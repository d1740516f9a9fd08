"""The pages of recipes: saving an edit's steps, versions, the team, and starting runs."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.models import (
    AuditEntry,
    Budget,
    EditReference,
    EditRequest,
    ProviderModel,
    Recipe,
    RecipeRun,
    StagedUpload,
    User,
)
from edits.services.recipes.recipe_book import change_steps, forget_recipes, newest_version, share_recipe
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, picture, upload_of
from tests.recipes import LEASE, recipe_of, rows_of, run_of, steps_of


@pytest.fixture
def browser(alice: User) -> Client:
    """Alice's."""
    return signed_in(alice)


def page_of(recipe: Recipe) -> str:
    return reverse("edits:recipe", args=[recipe.public_id])


def file(name: str = "a.png", **fields: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture(**fields), "image/png")


def chain_of_two(alice: User) -> EditRequest:
    first = finished_edit_of(alice, prompt="sepia", seed_is_drawn=True)
    return finished_edit_of(alice, prompt="add grain", parent=first, seed=5)


class TestSaving:
    def test_the_steps_from_the_first_source_are_shown_and_saved(self, alice: User, browser: Client) -> None:
        address = reverse("edits:recipe_from_edit", args=[chain_of_two(alice).public_id])
        shown = browser.get(address).content.decode()
        assert re.findall(r"<textarea[^>]*prompt_\d[^>]*>([^<]*)<", shown) == ["sepia", "add grain"]
        sent = {
            "save": "1",
            "name": "Old photo",
            "prompt_1": "sepia",
            "prompt_2": "less grain",
            "seed_2": "5",
        }
        made = browser.post(address, sent | {"model_1": "stepfun/step-1x-edit"})
        recipe = Recipe.objects.get()
        assert made.headers["Location"] == page_of(recipe)
        first, second = newest_version(recipe).steps
        assert (first["prompt"], first["model"], "seed" in first) == ("sepia", "stepfun/step-1x-edit", False)
        assert (second["prompt"], second["seed"], "model" in second) == ("less grain", 5, False)

    def test_the_page_warns_of_steps_that_a_recipe_keeps_in_part(self, alice: User, browser: Client) -> None:
        first = finished_edit_of(alice, prompt="sepia")
        last = finished_edit_of(alice, prompt="add grain", parent=first)
        EditReference.objects.create(edit=last, position=1, upload=upload_of(picture(mark=9)))
        page = browser.get(reverse("edits:recipe_from_edit", args=[last.public_id])).content.decode()
        assert re.findall(r'class="alert warn">\s*Step (\d+)', page) == ["2"]

    def test_a_drawn_seed_is_no_part_of_a_step(self, alice: User, browser: Client) -> None:
        address = reverse("edits:recipe_from_edit", args=[chain_of_two(alice).public_id])
        shown = browser.get(address).content.decode()
        assert re.findall(r'name="seed_\d" value="(\d*)"', shown) == ["", "5"]

    @pytest.mark.parametrize(
        "wrong", [{"name": " "}, {"prompt_1": ""}, {"steps_1": "9999"}, {"model_1": "stepfun/none"}]
    )
    def test_what_could_not_be_sent_is_not_saved(
        self, alice: User, browser: Client, wrong: dict[str, str]
    ) -> None:
        address = reverse("edits:recipe_from_edit", args=[chain_of_two(alice).public_id])
        sent = {"save": "1", "name": "x", "prompt_1": "sepia"} | wrong
        answer = browser.post(address, sent)
        assert answer.status_code == 422
        assert b"errorlist" in answer.content
        assert not Recipe.objects.exists()

    def test_steps_are_added_and_removed_without_saving(self, alice: User, browser: Client) -> None:
        address = reverse("edits:recipe_from_edit", args=[chain_of_two(alice).public_id])
        sent = {"prompt_1": "a", "prompt_2": "b"}
        more = browser.post(address, sent | {"add": "1"}).content.decode()
        less = browser.post(address, sent | {"remove": "1"}).content.decode()
        assert re.findall(r"<textarea[^>]*prompt_\d[^>]*>([^<]*)<", more) == ["a", "b", ""]
        assert re.findall(r"<textarea[^>]*prompt_\d[^>]*>([^<]*)<", less) == ["b"]
        assert not Recipe.objects.exists()

    def test_others_private_edits_have_no_steps_to_see(self, alice: User, bob: User) -> None:
        edit = chain_of_two(alice)
        address = reverse("edits:recipe_from_edit", args=[edit.public_id])
        assert signed_in(bob).get(address).status_code == 404
        EditRequest.objects.filter(pk=edit.pk).update(shared_at=timezone.now())
        shown = signed_in(bob).get(address).content.decode()
        assert "sepia" not in shown  # the step before is not shared
        assert "add grain" in shown

    def test_a_filtered_edit_can_be_a_recipe_of_its_owner(self, alice: User, browser: Client) -> None:
        edit = filtered_edit_of(alice)
        assert browser.get(reverse("edits:recipe_from_edit", args=[edit.public_id])).status_code == 200


class TestVersions:
    def test_a_change_is_a_new_version_and_the_old_one_can_still_run(
        self, alice: User, browser: Client
    ) -> None:
        recipe = recipe_of(alice)
        change = reverse("edits:change_recipe", args=[recipe.public_id])
        browser.post(change, {"save": "1", "prompt_1": "only this"})
        assert [version.number for version in recipe.versions.all()] == [2, 1]
        browser.post(change, {"save": "1", "prompt_1": "only this"})  # unchanged
        assert recipe.versions.count() == 2
        old = browser.post(page_of(recipe), {"version": "1", "run": "1", "image": file()})
        run = RecipeRun.objects.get()
        assert old.headers["Location"] == reverse("edits:recipe_run", args=[run.public_id])
        assert (run.version and run.version.number, len(run.steps)) == (1, 3)

    @pytest.mark.parametrize("odd", ["0", "99", "x", "²", "9" * 30])
    def test_a_version_that_does_not_exist_is_not_found(self, alice: User, browser: Client, odd: str) -> None:
        assert browser.get(f"{page_of(recipe_of(alice))}?version={odd}").status_code == 404

    def test_renaming_and_deleting_can_be_undone_and_runs_go_on(self, alice: User, browser: Client) -> None:
        recipe = recipe_of(alice)
        run = run_of(alice, recipe)
        browser.post(reverse("edits:rename_recipe", args=[recipe.public_id]), {"name": "New"})
        browser.post(reverse("edits:delete_recipe", args=[recipe.public_id]))
        assert browser.get(page_of(recipe)).status_code == 404
        assert browser.get(reverse("edits:recipe_run", args=[run.public_id])).status_code == 200
        browser.post(reverse("edits:restore_recipe", args=[recipe.public_id]))
        assert "New" in browser.get(page_of(recipe)).content.decode()

    def test_what_was_deleted_long_ago_is_gone_but_not_its_runs(self, alice: User) -> None:
        recipe = recipe_of(alice)
        run = run_of(alice, recipe)
        Recipe.objects.update(deleted_at=timezone.now() - timedelta(days=31))
        forget_recipes(lease=LEASE, now=timezone.now())
        run.refresh_from_db()
        assert (Recipe.objects.count(), run.version, len(run.steps)) == (0, None, 3)


class TestTeam:
    def test_a_shared_recipe_is_run_by_a_colleague_and_changed_only_by_its_owner(
        self, alice: User, bob: User
    ) -> None:
        recipe, colleague = recipe_of(alice), signed_in(bob)
        assert colleague.get(page_of(recipe)).status_code == 404
        signed_in(alice).post(reverse("edits:share_recipe", args=[recipe.public_id]))
        assert colleague.get(page_of(recipe)).status_code == 200
        assert "Old photo" in colleague.get(reverse("edits:recipes"), {"of": "team"}).content.decode()
        for name in ("rename_recipe", "share_recipe", "delete_recipe", "change_recipe"):
            address = reverse(f"edits:{name}", args=[recipe.public_id])
            assert colleague.post(address, {"name": "x", "save": "1"}).status_code == 404
        colleague.post(page_of(recipe), {"run": "1", "image": file()})
        run = RecipeRun.objects.get()
        assert run.owner == bob
        address = reverse("edits:recipe_run", args=[run.public_id])
        assert signed_in(alice).get(address).status_code == 404

    def test_nobody_uses_pictures_of_others(self, alice: User, bob: User) -> None:
        recipe, private = recipe_of(bob), finished_edit_of(alice)
        sent = {"run": "1", "picture": f"result:{private.public_id}"}
        assert signed_in(bob).post(page_of(recipe), sent).status_code == 422
        assert not RecipeRun.objects.exists()


class TestRunning:
    def test_several_files_and_a_past_result_run_at_once(self, alice: User, browser: Client) -> None:
        past = finished_edit_of(alice)
        sent = {"run": "1", "image": [file("a.png"), file("b.png")], "picture": f"result:{past.public_id}"}
        browser.post(page_of(recipe_of(alice)), sent)
        rows = rows_of(RecipeRun.objects.get())
        assert [row.edit and row.edit.source_name for row in rows] == [
            "harbor.png · edited", "a.png", "b.png",
        ]  # fmt: skip

    def test_the_costs_are_said_before_the_press(self, alice: User, browser: Client) -> None:
        ProviderModel.objects.filter(name="step-1x-edit").update(price="0.02")
        Budget.objects.update_or_create(pk=1, defaults={"person_per_day": 4})
        sent = {"image": [file("a.png"), file("b.png"), file("no.png")]}
        sent["image"][2] = SimpleUploadedFile("no.png", b"no picture", "image/png")
        shown = browser.post(page_of(recipe_of(alice)), sent)
        assert (shown.context["sum"].edits, shown.context["sum"].cost) == (6, "about $0.12")
        assert "later ones wait" in shown.context["sum"].warning
        assert [words[:8] for words in shown.context["left_out"]] == ["“no.png”"]
        assert StagedUpload.objects.count() == 2
        assert not EditRequest.objects.exists()

    def test_one_picture_can_be_taken_away_again(self, alice: User, browser: Client) -> None:
        address = page_of(recipe_of(alice))
        pictures = browser.post(address, {"image": [file("a.png"), file("b.png")]}).context["pictures"]
        names = [one.reference for one in pictures]
        left = browser.post(address, {"picture": names, "without": names[0]}).context["pictures"]
        assert [one.name for one in left] == ["b.png"]

    def test_a_press_that_is_repeated_is_one_run(self, alice: User, browser: Client) -> None:
        recipe, past = recipe_of(alice), finished_edit_of(alice)
        key = "7d1f7a3e-7c2e-4a80-9d51-3f9f5b6b2a11"
        sent = {"run": "1", "picture": f"result:{past.public_id}", "submission_key": key}
        first, second = browser.post(page_of(recipe), sent), browser.post(page_of(recipe), sent)
        assert first.headers["Location"] == second.headers["Location"]
        assert RecipeRun.objects.count() == 1

    def test_over_budget_nothing_is_sent_and_the_form_says_so(self, alice: User, browser: Client) -> None:
        Budget.objects.update_or_create(pk=1, defaults={"person_per_day": 1})
        sent = {"run": "1", "image": [file("a.png"), file("b.png")]}
        answer = browser.post(page_of(recipe_of(alice)), sent)
        assert (answer.status_code, len(answer.context["pictures"])) == (429, 2)
        assert not EditRequest.objects.exists()

    def test_a_model_that_is_gone_is_said_and_needs_consent(self, alice: User, browser: Client) -> None:
        recipe = recipe_of(alice, "sepia", model="stepfun/gone", steps=28)
        assert "is no longer available" in browser.get(page_of(recipe)).content.decode()
        refused = browser.post(page_of(recipe), {"run": "1", "image": file()})
        assert refused.status_code == 422
        assert not RecipeRun.objects.exists()
        picture = refused.context["pictures"][0].reference
        browser.post(page_of(recipe), {"run": "1", "picture": picture, "replace": "1"})
        assert RecipeRun.objects.get().steps[0]["model"] == "stepfun/step-1x-edit"

    def test_the_steps_of_an_edit_run_unsaved(self, alice: User, browser: Client) -> None:
        edit = chain_of_two(alice)
        address = reverse("edits:recipe_from_edit", args=[edit.public_id])
        browser.post(address, {"run": "1", "prompt_1": "sepia", "prompt_2": "grain", "image": file()})
        run = RecipeRun.objects.get()
        assert (run.version, [step["prompt"] for step in run.steps]) == (None, ["sepia", "grain"])
        assert not Recipe.objects.exists()

    def test_the_studios_pictures_come_along(self, alice: User, browser: Client) -> None:
        recipe, past = recipe_of(alice), finished_edit_of(alice)
        sent = {"picture": f"result:{past.public_id}"}
        chosen = browser.post(reverse("edits:recipes"), sent)
        assert chosen.context["pictures"][0].reference == sent["picture"]
        shown = browser.post(page_of(recipe), sent)
        assert shown.context["sum"].edits == 3


class TestRunPage:
    def test_it_says_where_a_picture_stopped_and_goes_on_from_there(
        self, alice: User, browser: Client
    ) -> None:
        run = run_of(alice, recipe_of(alice))
        run.rows.update(state="stopped", stopped_by="canceled")
        EditRequest.objects.update(status="canceled", finished_at=timezone.now())
        address = reverse("edits:recipe_run", args=[run.public_id])
        assert browser.get(address).context["board"].pictures[0].stopped == "Step 1: This step was canceled."
        browser.post(reverse("edits:retry_recipe_run", args=[run.public_id]), {"picture": "1"})
        assert (EditRequest.objects.count(), rows_of(run)[0].tries) == (2, 2)

    def test_an_open_page_gets_nothing_until_something_changes(self, alice: User, browser: Client) -> None:
        run = run_of(alice, recipe_of(alice))
        address = reverse("edits:recipe_run", args=[run.public_id])
        mark = browser.get(address).context["board"].mark
        seen, htmx = {"seen": mark}, {"HX-Request": "true"}
        assert browser.get(address, seen, headers=htmx).status_code == 204
        browser.post(reverse("edits:cancel_recipe_run", args=[run.public_id]))
        assert browser.get(address, seen, headers=htmx).status_code == 200

    def test_its_last_results_are_downloaded_together(self, alice: User, browser: Client) -> None:
        run = RecipeRun.objects.create(
            owner=alice, steps=[{"prompt": "a"}, {"prompt": "b"}], pictures=3, created_at=timezone.now()
        )
        first, gone = finished_edit_of(alice), finished_edit_of(alice, trashed_at=timezone.now())
        last = finished_edit_of(alice, parent=first)
        for picture_, step, edit in ((1, 1, first), (1, 2, last), (2, 1, first), (3, 2, gone)):
            run.rows.create(picture=picture_, step=step, edit=edit)
        page = browser.get(reverse("edits:recipe_run", args=[run.public_id])).content.decode()
        assert re.findall(r'name="edit" value="([\w-]+)"', page) == [str(last.public_id)]

    def test_only_its_owner_is_led_to_it_from_its_edits(
        self, alice: User, bob: User, browser: Client
    ) -> None:
        run = run_of(alice, recipe_of(alice))
        edit = finished_edit_of(alice, shared=True)
        run.rows.update(edit=edit)
        address, link = f"/edits/{edit.public_id}/", reverse("edits:recipe_run", args=[run.public_id])
        assert link in browser.get(address).content.decode()
        assert link not in signed_in(bob).get(address).content.decode()

    def test_a_run_of_sixty_pictures_costs_few_queries(
        self, alice: User, browser: Client, django_assert_max_num_queries: Any
    ) -> None:
        run = RecipeRun.objects.create(
            owner=alice, steps=[{"prompt": "a"}], pictures=60, created_at=timezone.now()
        )
        upload = edit_of(alice).upload
        for number in range(1, 61):
            run.rows.create(picture=number, step=1, edit=edit_of(alice, upload=upload))
        with django_assert_max_num_queries(24):
            assert browser.get(reverse("edits:recipe_run", args=[run.public_id])).status_code == 200

    def test_for_others_it_does_not_exist_and_administrators_are_recorded(
        self, alice: User, bob: User, root: User
    ) -> None:
        address = reverse("edits:recipe_run", args=[run_of(alice, recipe_of(alice)).public_id])
        assert signed_in(bob).get(address).status_code == 404
        assert signed_in(root).get(address).status_code == 200
        assert AuditEntry.objects.filter(actor=root, action="looked at a recipe run").count() == 1


def test_two_changes_get_two_numbers(alice: User) -> None:
    recipe = recipe_of(alice)
    for prompt in ("a", "b"):
        change_steps(recipe=recipe, steps=steps_of(prompt), now=timezone.now())
    share_recipe(recipe=recipe, now=timezone.now())
    assert [version.number for version in recipe.versions.all()] == [3, 2, 1]
