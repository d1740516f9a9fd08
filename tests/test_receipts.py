"""The receipt in the viewer: model, fields as sent, price, and what the service changed; and who may read which."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from edits.models import Attempt, EditReference, EditRequest, Provider, ProviderModel, Status, User
from edits.services.calls.receipts import receipt_fields
from edits.views.call_receipt import NOTES, receipt_of
from edits.views.info_panel import receipt_in_words, seed_in_words
from tests.canaries import qwen, run_of, studio_gpu
from tests.conftest import signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, picture, result_of, upload_of

NOW = timezone.now()
SENT = [
    ["model", "Qwen/Qwen-Image-Edit-2511"],
    ["prompt", "turn it black and white"],
    ["num_inference_steps", "28"],
    ["image[]", "source.png (image/png, 1,234 bytes)"],
    ["image[]", "reference-1.png (image/png, 99 bytes)"],
    ["mask", "mask.png (image/png, 77 bytes)"],
]


@pytest.fixture
def model(db: None) -> ProviderModel:
    return qwen(studio_gpu())


def call_of(edit: EditRequest, **fields: Any) -> Attempt:
    """The call that was answered, unless said otherwise."""
    usual: dict[str, Any] = {
        "number": edit.attempts.count() + 1, "fence": edit.fence, "seed_sent": edit.seed, "status": 200,
        "account": edit.provider, "model": edit.model, "host": edit.provider.host, "started_at": NOW,
        "ended_at": NOW + timedelta(seconds=4), "charged": "yes", "cost": "0.02", "sent": SENT,
        "trace_id": "trace-77", "provider_id": "made-88", "usage": {"input_tokens": 1024, "cost": 0.0213},
    }  # fmt: skip
    return Attempt.objects.create(edit=edit, **(usual | fields))


def made_with(model: ProviderModel, owner: User, **fields: Any) -> EditRequest:
    edit = finished_edit_of(owner, provider_id=model.provider_id, model=model.name, **fields)
    return EditRequest.objects.select_related("provider").get(pk=edit.pk)


def look(user: User, edit: EditRequest) -> str:
    answer = signed_in(user).get(f"/edits/{edit.public_id}/")
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html[html.index('id="info"') :]


class TestForWhom:
    """The owner shares the edit with its source, without it, or not at all."""

    @pytest.mark.parametrize(
        ("who", "host", "fields", "files"),
        [("alice", True, True, True), ("root", True, True, True), ("bob", False, True, False)],
    )
    def test_those_who_may_see_the_source_read_what_was_sent(
        self, request: pytest.FixtureRequest, model: ProviderModel, alice: User,
        who: str, host: bool, fields: bool, files: bool,
    ) -> None:  # fmt: skip
        edit = made_with(model, alice, shared=True, source_is_shared=True)
        call_of(edit)
        html = look(request.getfixturevalue(who), edit)
        assert ("gpu.example.org:8091" in html) is host
        assert ("num_inference_steps" in html) is fields
        assert ("reference-1.png (image/png, 99 bytes)" in html) is files
        assert ("trace-77" in html, "made-88" in html) == (files, files)
        assert "Studio GPU" in html
        assert "Qwen/Qwen-Image-Edit-2511" in html

    def test_others_read_the_model_and_the_price_and_nothing_that_was_sent(
        self, model: ProviderModel, alice: User, bob: User
    ) -> None:
        edit = made_with(model, alice, shared=True)
        call_of(edit)
        html = look(bob, edit)
        for secret in (
            "Request as sent",
            "num_inference_steps",
            "source.png",
            "trace-77",
            "made-88",
            "gpu.example",
        ):
            assert secret not in html
        assert "Studio GPU" in html
        assert "$0.02" in html

    def test_a_prompt_that_looks_like_a_file_is_still_the_prompt(
        self, model: ProviderModel, alice: User
    ) -> None:
        edit = made_with(model, alice)
        name = "source.png (image/png, 1 bytes)"
        call_of(edit, sent=[["prompt", name], ["image", name]])
        assert [each.is_file for each in receipt_of(edit, viewer=alice).sent] == [False, True]

    def test_an_edit_that_was_never_sent_names_its_model(self, model: ProviderModel, alice: User) -> None:
        edit = edit_of(alice, provider_id=model.provider_id, model=model.name)
        receipt = receipt_of(edit, viewer=alice)
        assert (receipt.label, receipt.host, receipt.sent) == ("Qwen-Image-Edit-2511", "", ())

    def test_a_model_that_is_gone_is_named_by_its_id(self, model: ProviderModel, alice: User) -> None:
        edit = made_with(model, alice)
        model.delete()
        receipt = receipt_of(edit, viewer=alice)
        assert (receipt.provider, receipt.label) == ("Studio GPU", "Qwen/Qwen-Image-Edit-2511")


class TestWithheldPictures:
    def stopped(self, owner: User, model: ProviderModel, *, with_picture: bool) -> EditRequest:
        edit = filtered_edit_of(
            owner, with_picture=with_picture, provider_id=model.provider_id, model=model.name, seed=5
        )
        fields: dict[str, Any] = {"charged": "yes"} if with_picture else {
            "charged": "no", "cost": None, "usage": {}, "status": 451,
        }  # fmt: skip
        call_of(
            edit, trace_id="", provider_id="", reported={"size": "512x512"} if with_picture else {}, **fields
        )
        return EditRequest.objects.select_related("provider").get(pk=edit.pk)

    def test_the_receipt_does_not_tell_whether_a_picture_was_made(
        self, model: ProviderModel, alice: User, root: User
    ) -> None:
        both = [self.stopped(alice, model, with_picture=made) for made in (True, False)]
        for person in (alice, root):
            first, second = (receipt_of(edit, viewer=person) for edit in both)
            assert first == second
            assert first.sent
        assert seed_in_words(both[0]) == seed_in_words(both[1]) == "Set by hand"

    def test_its_seed_is_the_one_that_was_sent(self, model: ProviderModel, alice: User) -> None:
        edit = self.stopped(alice, model, with_picture=True)
        type(edit.result).objects.update(seed_used=987654321)
        html = look(alice, edit)
        assert "987" not in re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "", html)
        assert "/result/" not in html
        assert "Price" not in html


class TestWhatItSays:
    def test_price_and_usage(self, model: ProviderModel, alice: User) -> None:
        edit = made_with(model, alice)
        call_of(edit)
        receipt = receipt_of(edit, viewer=alice)
        assert receipt.price == "$0.02"
        assert receipt.usage == [("cost", "0.0213"), ("input tokens", "1\u202f024")]

    def test_earlier_tries_that_may_have_been_charged_are_added(
        self, model: ProviderModel, alice: User
    ) -> None:
        edit = made_with(model, alice)
        call_of(edit, fence=0, fault="gateway", charged="maybe")
        call_of(edit)
        assert receipt_of(edit, viewer=alice).price == "$0.02, up to $0.04 including other attempts"

    def test_without_a_price_there_is_none(self, model: ProviderModel, alice: User) -> None:
        edit = made_with(model, alice)
        call_of(edit, cost=None, usage={})
        receipt = receipt_of(edit, viewer=alice)
        assert (receipt.price, receipt.usage) == ("", [])

    def test_the_call_that_brought_the_picture_is_the_one_of_its_claim(
        self, model: ProviderModel, alice: User
    ) -> None:
        edit = made_with(model, alice, fence=2)
        call_of(edit, fence=1, fault="no_answer", trace_id="cut off", cost=None)
        call_of(edit, fence=2, trace_id="the one")
        assert receipt_of(edit, viewer=alice).trace_id == "the one"

    def test_a_revised_prompt_shows_the_words_that_differ(self, model: ProviderModel, alice: User) -> None:
        edit = made_with(model, alice, prompt="make the sky blue")
        call_of(edit, reported={"revised_prompt": "make the evening sky <b>deep</b> blue"})
        words = [(word.kind, word.text) for word in receipt_of(edit, viewer=alice).revised_prompt]
        assert words == [
            ("same", "make the"), ("added", "evening"), ("same", "sky"), ("added", "<b>deep</b>"), ("same", "blue"),
        ]  # fmt: skip
        html = look(alice, edit)
        assert "<ins>evening</ins>" in html
        assert "<b>deep</b>" not in html

    def test_a_prompt_that_came_back_as_it_was_is_no_change(self, model: ProviderModel, alice: User) -> None:
        edit = made_with(model, alice, prompt="make  it\nblue")
        call_of(edit, reported={"revised_prompt": "make it blue"})
        assert receipt_of(edit, viewer=alice).revised_prompt == []

    @pytest.mark.parametrize(
        ("fields", "reported", "differs"),
        [
            ({"size": "512x512"}, {"size": "1024x1024"}, [("Size", "512×512", "1024×1024")]),
            ({"size": "512x512"}, {"size": "512x512"}, []),
            ({"size": "auto"}, {"size": "1024x1536"}, []),
            ({"extras": {"quality": "high"}}, {"quality": "medium"}, [("Quality", "high", "medium")]),
            ({"extras": {"background": "transparent"}}, {"background": "opaque"},
             [("Background", "transparent", "opaque")]),
            ({"extras": {"output_format": "webp"}}, {}, [("File format", "webp", "png")]),
            ({"extras": {"output_format": "png"}}, {}, []),
            ({}, {"quality": "low", "output_format": "png"}, []),
        ],
    )  # fmt: skip
    def test_options_that_the_service_did_not_follow(
        self, model: ProviderModel, alice: User,
        fields: dict[str, Any], reported: dict[str, str], differs: list[tuple[str, str, str]],
    ) -> None:  # fmt: skip
        edit = made_with(model, alice, **fields)
        call_of(edit, reported=reported)
        found = receipt_of(edit, viewer=alice).differences
        assert [(each.name, each.asked, each.used) for each in found] == differs

    def test_notes_are_in_plain_words(self, model: ProviderModel, alice: User) -> None:
        edit = made_with(model, alice)
        call_of(edit, detail="from_url, unexpected_size, maybe_repeated")
        notes = receipt_of(edit, viewer=alice).notes
        assert notes == [NOTES["unexpected_size"], NOTES["maybe_repeated"]]
        assert not re.search(r"[a-z]_[a-z]", " ".join(map(str, NOTES.values())))

    def test_a_model_without_a_seed_says_so_and_shows_none(self, model: ProviderModel, alice: User) -> None:
        edit = made_with(model, alice, seed=None, steps=None, cfg_scale=None, extras={"quality": "high"})
        call_of(edit)
        html = look(alice, edit)
        assert "This model takes no seed" in html
        assert "Copy seed" not in html
        assert "None" not in re.sub(r"<[^>]*>", "", html)
        assert "<dt>Quality</dt><dd" in html


class TestReferences:
    @pytest.fixture
    def edit(self, model: ProviderModel, alice: User) -> EditRequest:
        edit = made_with(model, alice, shared=True, mask=upload_of())
        for position in (1, 2):
            EditReference.objects.create(
                edit=edit, upload=upload_of(), position=position, name=f"{position} divorce.png"
            )
        return edit

    def test_the_owner_sees_them_small_and_that_a_mask_was_sent(self, alice: User, edit: EditRequest) -> None:
        html = look(alice, edit)
        for position in (1, 2):
            assert f'src="/edits/{edit.public_id}/reference/{position}/320/"' in html
        assert "<dt>Mask</dt>" in html

    def test_those_who_may_not_see_the_source_learn_nothing_of_them(
        self, bob: User, edit: EditRequest
    ) -> None:
        html = look(bob, edit)
        for secret in ("/reference/", "divorce", "References", "Mask"):
            assert secret not in html


class TestReruns:
    def test_without_a_seed_no_sameness_is_claimed(self, model: ProviderModel, alice: User) -> None:
        first = made_with(model, alice, seed=None)
        again = made_with(model, alice, seed=None, rerun_of=first)
        assert receipt_fields(again, picture()) == {}
        assert receipt_in_words(again).startswith("This model takes no seed")

    def test_with_a_seed_the_same_bytes_are_identical(self, model: ProviderModel, alice: User) -> None:
        first = edit_of(
            alice, status=Status.SUCCEEDED, provider=model.provider, provider_id=model.provider_id
        )
        data = picture()
        result_of(first, data)
        again = edit_of(alice, rerun_of=first)
        assert receipt_fields(again, data) == {"receipt": "identical", "similarity": 1.0}

    @pytest.mark.parametrize(
        ("first_days", "changed_days", "again_days", "is_said"),
        [(9, 5, 1, True), (9, 10, 1, False), (9, 0, 1, False), (9, 9.5, 9, False)],
    )
    def test_a_change_of_the_model_in_between_is_said(
        self, model: ProviderModel, alice: User, *, first_days: float, changed_days: float, again_days: float,
        is_said: bool,
    ) -> None:  # fmt: skip
        first = made_with(model, alice, now=NOW - timedelta(days=first_days))
        again = made_with(model, alice, now=NOW - timedelta(days=again_days), rerun_of=first)
        run_of(model, at=NOW - timedelta(days=changed_days), is_baseline=True, model_changed=True)
        assert ("The model changed on" in look(alice, again)) is is_said
        assert "The model changed on" not in look(alice, first)

    def test_a_change_of_another_model_is_not(self, model: ProviderModel, alice: User) -> None:
        first = made_with(model, alice, now=NOW - timedelta(days=9))
        again = made_with(model, alice, rerun_of=first)
        other = Provider.objects.get(pk=model.provider_id).models.create(name="other")
        run_of(other, at=NOW - timedelta(days=3), is_baseline=True, model_changed=True)
        assert "The model changed on" not in look(alice, again)
