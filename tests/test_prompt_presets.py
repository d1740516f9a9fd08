"""Presets: who may use and change them, whose pictures they show, what they bring into the studio."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from edits.models import AuditEntry, EditRequest, PresetUse, PromptPreset, Status, User
from edits.services.prompts.prompt_presets import (
    UNDO_TIME,
    PresetContent,
    forget_deleted_presets,
    save_preset,
)
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.pictures import photo
from tests.test_studio import post

NOW = timezone.now()
LEASE = timedelta(seconds=30)
HTMX = {"HX-Request": "true", "HX-Target": "library-body"}


def preset_of(owner: User, *, shared: bool = False, **content: Any) -> PromptPreset:
    """A saved one."""
    said = {"name": "Old film", "prompt": "make it an old film"} | content
    return save_preset(owner=owner, content=PresetContent(**said), shared=shared, now=NOW)


def listed(client: Client, query: str = "") -> list[str]:
    return [preset.name for preset in client.get(f"/presets/{query}").context["presets"]]


def pictures(client: Client) -> tuple[bool, bool]:
    """Whether the list shows a before and an after."""
    page = client.get("/presets/").content.decode()
    return "/source/320/" in page, "/result/320/" in page


class TestWhoMay:
    def test_ones_own_and_the_teams_are_listed_and_nobody_elses(self, alice: User, bob: User) -> None:
        preset_of(alice, name="mine")
        preset_of(bob, name="his")
        preset_of(bob, name="the team's", shared=True)
        client = signed_in(alice)
        assert listed(client) == ["the team's", "mine"]
        assert listed(client, "?show=own") == ["mine"]
        assert listed(client, "?show=team") == ["the team's"]

    def test_only_its_owner_changes_shares_or_deletes_one(self, alice: User, bob: User, root: User) -> None:
        shared, private = preset_of(alice, shared=True), preset_of(alice)
        for person in (bob, root):
            client = signed_in(person)
            for preset in (shared, private):
                for path in ("", "share/", "delete/", "restore/"):
                    assert client.post(f"/presets/{preset.public_id}/{path}").status_code == 404
            assert client.get(f"/?preset={private.public_id}").status_code == 404
        assert PromptPreset.objects.kept().count() == 2
        assert PromptPreset.objects.of_team().get() == shared

    def test_reviewers_take_one_from_the_team_and_that_is_written_down(
        self, alice: User, bob: User, rita: User
    ) -> None:
        preset = preset_of(alice, shared=True)
        address = f"/presets/{preset.public_id}/share/"
        assert signed_in(bob).post(address, {"shared": "0"}).status_code == 404
        assert signed_in(rita).post(address, {"shared": "0"}).status_code == 302
        assert not PromptPreset.objects.of_team().exists()
        assert AuditEntry.objects.get().action == "unshared a preset"

    def test_sharing_and_deleting_have_a_way_back(self, alice: User, bob: User) -> None:
        preset, client = preset_of(alice), signed_in(alice)
        for path, shown in (("share/", True), ("delete/", False)):
            answer = client.post(f"/presets/{preset.public_id}/{path}")
            assert bool(listed(signed_in(bob))) is shown
            (message,) = get_messages(answer.wsgi_request)
            client.post(getattr(message, "undo", ""))
            assert listed(client) == ["Old film"]
        assert listed(signed_in(bob)) == []

    def test_what_was_deleted_is_gone_after_a_day(self, alice: User) -> None:
        preset_of(alice)
        PromptPreset.objects.update(deleted_at=NOW)
        assert forget_deleted_presets(lease=LEASE, now=NOW + UNDO_TIME / 2) == 0
        assert forget_deleted_presets(lease=LEASE, now=NOW + UNDO_TIME * 2) == 1

    @pytest.mark.parametrize("fields", [{"name": ""}, {"prompt": ""}])
    def test_one_without_a_name_or_prompt_is_refused(self, alice: User, fields: dict[str, str]) -> None:
        preset_of(alice)
        with pytest.raises(IntegrityError, match="preset_has_name_and_prompt"), transaction.atomic():
            PromptPreset.objects.update(**fields)


class TestItsPictures:
    @pytest.mark.parametrize(
        ("fields", "own", "teams"),
        [
            ({}, (True, True), (False, False)),
            ({"shared": True}, (True, True), (False, True)),
            ({"shared": True, "source_is_shared": True}, (True, True), (True, True)),
            ({"trashed_at": NOW}, (False, False), (False, False)),
        ],
    )
    def test_they_are_those_of_an_edit_that_may_be_seen(
        self, alice: User, bob: User, root: User, fields: Any, own: Any, teams: Any
    ) -> None:
        preset_of(alice, example=finished_edit_of(alice, **fields), shared=True)
        assert pictures(signed_in(alice)) == own
        assert pictures(signed_in(bob)) == teams
        assert pictures(signed_in(root)) == teams
        assert not AuditEntry.objects.exists()

    def test_a_filtered_picture_is_never_one(self, alice: User, bob: User) -> None:
        preset_of(alice, example=filtered_edit_of(alice), shared=True)
        assert pictures(signed_in(alice)) == pictures(signed_in(bob)) == (False, False)

    def test_it_goes_on_without_when_its_edit_is_deleted(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        preset = preset_of(alice, example=edit)
        edit.delete()
        preset.refresh_from_db()
        assert preset.example is None
        assert pictures(signed_in(alice)) == (False, False)


class TestSaving:
    def test_it_is_saved_from_an_edit_with_what_is_wanted_of_it(self, alice: User) -> None:
        edit = finished_edit_of(alice, prompt="a red harbor", steps=11)
        client, address = signed_in(alice), f"/presets/new/?edit={edit.public_id}"
        shown = client.get(address).context
        assert shown["form"].initial["prompt"] == "a red harbor"
        assert shown["back"] == f"/edits/{edit.public_id}/"
        wish = {"name": "Harbor", "prompt": "a red harbor", "keeps_options": "on", "keeps_model": "on"}
        assert client.post(address, wish | {"example": str(edit.public_id)}).status_code == 302
        preset = PromptPreset.objects.get()
        assert preset.options == {"steps": "11", "cfg_scale": "6", "size": "512x512"}
        assert (preset.model, preset.example, preset.shared_at) == ("stepfun/step-1x-edit", edit, None)

    def test_the_pictures_of_others_and_withheld_ones_cannot_be_chosen(self, alice: User, bob: User) -> None:
        for edit in (finished_edit_of(bob, shared=True), filtered_edit_of(alice)):
            wish = {"name": "A", "prompt": "b", "example": str(edit.public_id)}
            answer = signed_in(alice).post(f"/presets/new/?edit={edit.public_id}", wish)
            assert answer.context["form"].errors["example"]
        assert not PromptPreset.objects.exists()

    def test_nothing_is_made_of_an_edit_that_one_may_not_see(self, alice: User, bob: User) -> None:
        private = finished_edit_of(bob)
        for text in (str(private.public_id), "nonsense"):
            assert signed_in(alice).get(f"/presets/new/?edit={text}").status_code == 404

    def test_what_is_in_the_studio_is_taken_up(self, alice: User) -> None:
        client = signed_in(alice)
        client.post("/draft/", {"prompt": "a sketch", "steps": "9", "seed": "7", "revision": 0})
        context = client.get("/presets/new/?draft=1").context
        assert context["form"].initial["prompt"] == "a sketch"
        assert context["kept"].options == {"steps": "9"}

    @pytest.mark.parametrize("wish", [{"name": ""}, {"name": "x" * 61}, {"prompt": " "}, {"prompt": "a\x00"}])
    def test_what_is_missing_or_too_long_is_said(self, alice: User, wish: dict[str, str]) -> None:
        answer = signed_in(alice).post("/presets/new/", {"name": "A", "prompt": "b"} | wish)
        assert (answer.status_code, list(answer.context["form"].errors)) == (422, list(wish))

    def test_changing_it_drops_what_is_unwanted_and_shares_it(self, alice: User) -> None:
        preset = preset_of(alice, options={"steps": "9"}, model="stepfun/step-1x-edit")
        wish = {"name": "New", "prompt": preset.prompt, "keeps_model": "on", "is_shared": "on"}
        assert signed_in(alice).post(f"/presets/{preset.public_id}/", wish).status_code == 302
        preset.refresh_from_db()
        assert (preset.name, preset.options, preset.model) == ("New", {}, "stepfun/step-1x-edit")
        assert preset.shared_at

    def test_another_prompt_begins_its_rates_again(self, alice: User) -> None:
        preset = preset_of(alice)
        PresetUse.objects.create(edit=edit_of(alice), preset=preset)
        client, address = signed_in(alice), f"/presets/{preset.public_id}/"
        client.post(address, {"name": "A", "prompt": preset.prompt.upper()})
        assert PresetUse.objects.count() == 1
        client.post(address, {"name": "A", "prompt": "something else"})
        assert PresetUse.objects.count() == 0


class TestInTheStudio:
    def test_choosing_one_fills_the_form_and_sends_nothing(self, alice: User, bob: User) -> None:
        preset = preset_of(bob, options={"steps": "11", "size": "768x768"}, shared=True)
        values = signed_in(alice).get(f"/?preset={preset.public_id}").context
        assert values["values"]["prompt"] == "make it an old film"
        assert (values["values"]["steps"], values["values"]["size"]) == ("11", "768x768")
        assert values["preset"] == str(preset.public_id)
        assert not EditRequest.objects.exists()

    def test_it_keeps_the_picture_and_what_it_does_not_say(self, alice: User) -> None:
        preset, client = preset_of(alice), signed_in(alice)
        client.post("/draft/", {"prompt": "half", "source": "sample:cat", "steps": "11", "revision": 0})
        context = client.get(f"/?preset={preset.public_id}").context
        assert context["card"] is not None
        assert (context["values"]["prompt"], context["values"]["steps"]) == (preset.prompt, "11")

    def test_a_model_that_is_gone_is_said(self, alice: User) -> None:
        preset = preset_of(alice, model="gone/model")
        assert signed_in(alice).get(f"/?preset={preset.public_id}").context["note"]

    def test_an_edit_remembers_its_preset_unless_the_prompt_was_changed(self, alice: User) -> None:
        preset, client = preset_of(alice), signed_in(alice)
        for prompt in (preset.prompt.upper(), "something else"):
            post(client, file=photo(), prompt=prompt, preset=str(preset.public_id))
        assert EditRequest.objects.count() == 2
        assert PresetUse.objects.get().edit.prompt == preset.prompt.upper()

    def test_a_preset_that_is_not_ones_own_to_use_is_no_hindrance(self, alice: User, bob: User) -> None:
        private, client = preset_of(bob), signed_in(alice)
        for named in (str(private.public_id), "nonsense"):
            assert post(client, file=photo(), prompt=private.prompt, preset=named).status_code == 302
        assert not PresetUse.objects.exists()

    def test_each_edit_of_a_batch_remembers_it(self, alice: User) -> None:
        preset, client = preset_of(alice), signed_in(alice)
        post(client, file=photo(), prompt=preset.prompt, preset=str(preset.public_id), variations="3")
        assert PresetUse.objects.filter(edit__status=Status.QUEUED).count() == 3

    def test_its_list_is_a_part_of_the_open_studio(self, alice: User) -> None:
        preset = preset_of(alice, options={"steps": "11"})
        part = signed_in(alice).get("/presets/", headers=HTMX).content.decode()
        assert part.lstrip().startswith("<div")
        assert f'href="/?preset={preset.public_id}" data-recall="preset"' in part
        assert 'data-steps="11"' in part
