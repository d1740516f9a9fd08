"""Tests of folding a chain into one edit, and of the note before a third edit in a row."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from edits.forms.joined_prompts import join_prompts
from edits.models import EditRequest, User
from edits.views.chain_fold import MOST_STEPS
from tests.conftest import signed_in
from tests.factories import finished_edit_of

EDITED = "harbor.png · edited"


def folded(client: Client, edit: EditRequest) -> str:
    """The studio with the chain that ends with this edit."""
    response = client.get(f"/?fold={edit.public_id}")
    assert response.status_code == 200
    return response.content.decode()


def prompt_in(html: str) -> str:
    """What the form's prompt says."""
    found = re.search(r'<textarea name="prompt".*?>\n(.*?)</textarea>', html, re.DOTALL)
    assert found
    return found[1]


def source_in(html: str) -> str:
    """Which picture the form names."""
    found = re.search(r'name="source" value="([^"]*)"', html)
    return found[1] if found else ""


def chain_of(owner: User, *prompts: str, **fields: object) -> list[EditRequest]:
    """Edits, each of the result of the one before."""
    chain: list[EditRequest] = []
    for prompt in prompts:
        parent, name = (chain[-1], EDITED) if chain else (None, "harbor.png")
        chain.append(finished_edit_of(owner, parent=parent, source_name=name, prompt=prompt, **fields))
    return chain


@pytest.mark.parametrize(
    ("prompts", "joined"),
    [
        (["turn it gray", "add a red hat!", "make it darker"], "turn it gray. add a red hat! make it darker"),
        (["改成黑白", "加一顶红帽子，", "更暗"], "改成黑白。加一顶红帽子。更暗"),
        (["把标题改成“你好”", "add a hat"], "把标题改成“你好”。add a hat"),
        (['write "hi"', "bigger, "], 'write "hi". bigger'),
        (["only one"], "only one"),
        (["one.", " ", "two"], "one. two"),
        (["밝게", "ещё ярче"], "밝게. ещё ярче"),
    ],
)
def test_prompts_become_sentences_of_their_script(prompts: list[str], joined: str) -> None:
    assert join_prompts(prompts) == joined


class TestFolding:
    def test_it_fills_the_form_and_sends_nothing(self, alice: User) -> None:
        *_, last = chain_of(alice, "turn it gray", "add a hat", "make it darker")
        EditRequest.objects.filter(pk=last.pk).update(steps=33)
        first = EditRequest.objects.get(prompt="turn it gray")
        before = EditRequest.objects.count()
        html = folded(signed_in(alice), last)
        assert prompt_in(html) == "turn it gray. add a hat. make it darker"
        assert source_in(html) == f"source:{first.public_id}"
        assert re.search(r'name="steps"[^>]*value="33"', html)
        assert "3 edits in one prompt" in html
        assert EditRequest.objects.count() == before

    def test_a_prompt_that_is_too_long_is_shown_whole_with_the_limit(self, alice: User) -> None:
        *_, last = chain_of(alice, "a" * 300, "b" * 300)
        html = folded(signed_in(alice), last)
        assert prompt_in(html) == f"{'a' * 300}. {'b' * 300}"
        assert "602 characters; this model takes 512" in html

    def test_a_draft_does_not_take_its_place(self, alice: User) -> None:
        *_, last = chain_of(alice, "one", "two")
        client = signed_in(alice)
        client.post("/draft/", {"prompt": "something else", "revision": "0"})
        assert prompt_in(folded(client, last)) == "one. two"

    def test_shared_chains_can_be_folded_where_the_first_source_is_shared(
        self, alice: User, bob: User
    ) -> None:
        *_, last = chain_of(alice, "one", "two", shared=True, source_is_shared=True)
        assert prompt_in(folded(signed_in(bob), last)) == "one. two"

    def test_it_is_refused_where_the_first_source_is_not_for_the_person(self, alice: User, bob: User) -> None:
        first, _, last = chain_of(alice, "secret", "two", "three", shared=True, source_is_shared=True)
        for hidden in ({"shared_at": None}, {"shared_at": timezone.now(), "source_is_shared": False}):
            EditRequest.objects.filter(pk=first.pk).update(**hidden)
            html = folded(signed_in(bob), last)
            assert "was deleted or is not shared with you" in html
            assert prompt_in(html) == source_in(html) == ""
            assert ("secret" in html) is (
                first.pk in EditRequest.objects.shared().values_list("pk", flat=True)
            )
        assert signed_in(bob).get(f"/?fold={finished_edit_of(alice).public_id}").status_code == 404

    def test_it_is_refused_where_the_first_source_is_gone(self, alice: User) -> None:
        first, second, last = chain_of(alice, "one", "two", "three")
        EditRequest.objects.filter(pk=second.pk).update(parent=None)  # as when the first is deleted for good
        html = folded(signed_in(alice), last)
        assert "was deleted or is not shared with you" in html
        assert source_in(html) == ""
        assert "nothing to fold" in folded(signed_in(alice), first)

    def test_it_is_refused_for_very_long_chains(self, alice: User) -> None:
        *_, last = chain_of(alice, *["on"] * (MOST_STEPS + 1))
        assert f"more than {MOST_STEPS} edits" in folded(signed_in(alice), last)


class TestTheNoteBeforeAThirdEdit:
    def test_it_comes_with_the_result_of_a_second_edit_and_offers_to_fold(self, alice: User) -> None:
        first, second, third = chain_of(alice, "one", "two", "three")
        client = signed_in(alice)
        for edit, use, folds in (
            (first, "result", None),
            (second, "source", None),
            (second, "result", second),
            (third, "source", second),
            (third, "result", third),
        ):
            html = client.get(f"/?from={edit.public_id}&use={use}").content.decode()
            note = re.search(r'class="chained".*?/\?fold=([0-9a-f-]+)', html, re.DOTALL)
            assert (note and note[1]) == (folds and str(folds.public_id)), (edit.prompt, use)

    def test_it_says_nothing_of_what_one_may_not_see(self, alice: User, bob: User) -> None:
        _, shared = chain_of(alice, "one", "two")
        EditRequest.objects.filter(pk=shared.pk).update(shared_at=timezone.now())
        html = signed_in(bob).get(f"/?from={shared.public_id}&use=result").content.decode()
        assert source_in(html) == f"result:{shared.public_id}"
        assert 'class="chained"' not in html
