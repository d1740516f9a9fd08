"""Waiting edits that an administrator moves to another model or cancels: what changes, what stays, and races."""

from typing import Any

import pytest
from django.utils import timezone

from edits.model_specs import ModelSpec
from edits.models import (
    AuditEntry,
    EditReference,
    EditRequest,
    Provider,
    ProviderModel,
    ReviewCase,
    Status,
    Upload,
    User,
)
from edits.services.provider import waiting_edits
from edits.services.provider.removing import remove_provider
from edits.services.provider.waiting_edits import cancel_waiting, cancel_waiting_edit, move_waiting
from edits.services.queue.claiming import claim_next
from tests.conftest import signed_in
from tests.editors import LEASE
from tests.factories import edit_of, upload_of
from tests.model_lists import KLEIN, QWEN
from tests.provider_rows import gpu, model_of

NOW = timezone.now()


@pytest.fixture
def old(db: None) -> Provider:
    """Whose edits wait."""
    return gpu("Old GPU")


@pytest.fixture
def target(db: None) -> ProviderModel:
    """Where they may go: FLUX.2 klein, which takes no guidance."""
    return model_of(gpu("New GPU"), KLEIN)


def waiting(owner: User, provider: Provider, **fields: Any) -> EditRequest:
    usual: dict[str, Any] = {
        "provider_id": provider.pk,
        "model": QWEN,
        "size": "1280x832",
        "steps": 90,
        "cfg_scale": 4.0,
    }
    return edit_of(owner, **(usual | fields))


def with_spec(model: ProviderModel, **changes: Any) -> ProviderModel:
    """The model with another spec."""
    spec = ModelSpec.from_json(model.name, model.spec_json | changes)
    ProviderModel.objects.filter(pk=model.pk).update(spec_json=spec.to_json())
    return ProviderModel.objects.select_related("provider").get(pk=model.pk)


def move(root: User, old: Provider, target: ProviderModel) -> waiting_edits.Moved:
    return move_waiting(old, QWEN, to=target, actor=root, now=NOW, draw=lambda: 4242)


class TestMoving:
    def test_options_are_fitted_and_the_seed_stays(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        edit = waiting(alice, old, extras={"negative_prompt": "no text"}, last_fault="busy", attempts_made=3)
        first = waiting(alice, old)
        EditRequest.objects.filter(pk=edit.pk).update(rerun_of=first, not_before=NOW)
        assert move(root, old, target).count == 2
        edit.refresh_from_db()
        assert (edit.provider, edit.model, edit.status) == (target.provider, KLEIN, Status.QUEUED)
        assert (edit.seed, edit.steps, edit.cfg_scale, edit.size) == (77120, 50, None, "1280x832")
        assert (edit.extras, edit.rerun_of, edit.not_before, edit.last_fault) == ({}, None, None, "")
        assert edit.first_attempt == 4, "its faults count from now on"

    def test_a_model_with_a_seed_gets_one_drawn(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        edit = waiting(alice, old, seed=None)
        move(root, old, target)
        edit.refresh_from_db()
        assert (edit.seed, edit.seed_is_drawn) == (4242, True)

    def test_one_without_loses_it(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        edit = waiting(alice, old, seed_is_drawn=True)
        move(root, old, with_spec(target, takes_seed=False))
        edit.refresh_from_db()
        assert (edit.seed, edit.seed_is_drawn) == (None, False)

    def test_a_picture_that_is_too_large_is_scaled_down(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        upload = upload_of(width_px=300, height_px=200)
        edit = waiting(alice, old, upload=upload)
        move(root, old, with_spec(target, max_side_px=150, max_area_px=150 * 150))
        edit.refresh_from_db()
        assert (edit.upload.width_px, edit.upload.height_px) == (150, 100)
        assert (edit.source_width_px, edit.source_height_px) == (300, 200)
        assert Upload.objects.filter(pk=upload.pk).exists(), "another edit may be made of it"

    def test_references_go_along_in_their_order(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        edit = waiting(alice, old)
        uploads = [upload_of(), upload_of(width_px=300, height_px=200)]
        for position, upload in enumerate(uploads, start=1):
            EditReference.objects.create(edit=edit, upload=upload, position=position)
        move(root, old, with_spec(target, max_side_px=150, max_area_px=150 * 150))
        assert [each.upload.width_px for each in edit.references.order_by("position")] == [96, 150]

    def test_it_is_in_the_audit_log_and_opens_nothing_else(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        waiting(alice, old)
        move(root, old, target)
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (root, "moved waiting edits", f"old-gpu/{QWEN}")
        assert entry.detail == f"1 to {target.full_id}"
        assert not ReviewCase.objects.exists()

    def test_edits_of_other_models_stay(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        other = waiting(alice, old, model=KLEIN)
        move(root, old, target)
        other.refresh_from_db()
        assert other.provider == old


class TestWhatCannotBeMoved:
    @pytest.mark.parametrize(
        ("changes", "fields", "reason"),
        [
            ({"max_prompt_chars": 5}, {}, "prompt"),
            ({"min_side_px": 80, "max_ratio": 1}, {}, "picture"),
        ],
    )
    def test_it_stays_where_it_is_with_a_reason(
        self,
        root: User,
        alice: User,
        old: Provider,
        target: ProviderModel,
        changes: Any,
        fields: Any,
        reason: str,
    ) -> None:
        edit = waiting(alice, old, **fields)
        before = EditRequest.objects.values().get(pk=edit.pk)
        moved = move(root, old, with_spec(target, **changes))
        assert (moved.count, moved.left) == (0, 0)
        assert reason in next(iter(moved.reasons))
        assert EditRequest.objects.values().get(pk=edit.pk) == before
        assert not AuditEntry.objects.exists()

    def test_more_pictures_than_it_takes(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        edit = waiting(alice, old)
        EditReference.objects.create(edit=edit, upload=upload_of(), position=1)
        assert move(root, old, with_spec(target, max_pictures=1)).reasons.total() == 1

    def test_a_region_that_it_does_not_take(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        edit = waiting(alice, old, mask=upload_of())
        assert move(root, old, target).reasons.total() == 1
        assert move(root, old, with_spec(target, takes_mask=True)).count == 1
        edit.refresh_from_db()
        assert edit.mask is not None


class TestRaces:
    def test_an_edit_that_a_worker_took_is_left_alone(
        self, root: User, alice: User, old: Provider, target: ProviderModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        edit = waiting(alice, old, upload=upload_of(width_px=300, height_px=200))
        fitted = waiting_edits._fitted

        def taken_meanwhile(*arguments: Any) -> Any:
            assert claim_next(lease=LEASE, now=timezone.now()) == edit
            return fitted(*arguments)

        monkeypatch.setattr(waiting_edits, "_fitted", taken_meanwhile)
        uploads = Upload.objects.count()
        moved = move(root, old, with_spec(target, max_side_px=150, max_area_px=150 * 150))
        assert moved.count == 0
        edit.refresh_from_db()
        assert (edit.status, edit.provider, edit.model) == (Status.RUNNING, old, QWEN)
        assert Upload.objects.count() == uploads, "the smaller picture is not kept"

    def test_what_runs_is_not_canceled(self, alice: User, old: Provider) -> None:
        edit = waiting(alice, old)
        assert claim_next(lease=LEASE, now=timezone.now()) == edit
        assert not cancel_waiting_edit(edit, now=NOW)
        edit.refresh_from_db()
        assert edit.status == Status.RUNNING

    def test_more_than_one_press_can_take_go_on_with_the_next(
        self, root: User, alice: User, old: Provider, target: ProviderModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(waiting_edits, "AT_ONCE", 2)
        for _ in range(3):
            waiting(alice, old)
        assert (move(root, old, target).left, move(root, old, target).left) == (1, 0)


class TestPage:
    def post(self, root: User, old: Provider, **sent: Any) -> Any:
        return signed_in(root).post(
            f"/settings/providers/{old.slug}/waiting/", {"model": QWEN} | sent, follow=True
        )

    @pytest.mark.parametrize("who", ["alice", "rita"])
    def test_for_others_it_does_not_exist(
        self, request: pytest.FixtureRequest, who: str, alice: User, old: Provider
    ) -> None:
        edit = waiting(alice, old)
        assert self.post(request.getfixturevalue(who), old, do="cancel").status_code == 404
        edit.refresh_from_db()
        assert edit.status == Status.QUEUED

    def test_those_of_a_removed_provider_are_moved_from_its_page(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        edit = waiting(alice, old)
        remove_provider(old, actor=root, now=NOW)
        page = signed_in(root).get(f"/settings/providers/{old.slug}/").content.decode()
        assert f'<option value="{target.pk}">' in page
        answer = self.post(root, old, to=str(target.pk))
        assert answer.redirect_chain[-1][0] == "/settings/providers/"
        edit.refresh_from_db()
        assert edit.provider == target.provider
        assert claim_next(lease=LEASE, now=timezone.now()) == edit

    def test_canceling_is_counted_and_audited(
        self, root: User, alice: User, bob: User, old: Provider
    ) -> None:
        edits = [waiting(alice, old), waiting(bob, old)]
        self.post(root, old, do="cancel")
        assert {EditRequest.objects.get(pk=edit.pk).status for edit in edits} == {Status.CANCELED}
        assert AuditEntry.objects.get().detail == "2"
        assert cancel_waiting(old, QWEN, actor=root, now=NOW) == 0
        assert AuditEntry.objects.count() == 1

    @pytest.mark.parametrize("to", ["", "x", "999999", "9" * 30])
    def test_a_target_that_is_none_moves_nothing(
        self, root: User, alice: User, old: Provider, to: str
    ) -> None:
        edit = waiting(alice, old)
        self.post(root, old, to=to)
        edit.refresh_from_db()
        assert (edit.provider, edit.status) == (old, Status.QUEUED)

    def test_a_hidden_model_is_no_target(
        self, root: User, alice: User, old: Provider, target: ProviderModel
    ) -> None:
        ProviderModel.objects.filter(pk=target.pk).update(is_on=False)
        edit = waiting(alice, old)
        self.post(root, old, to=str(target.pk))
        edit.refresh_from_db()
        assert edit.provider == old
