"""Tests of tags: on one's own edits alone, typed with care, found by all who see the edit and by nobody else."""

import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone

from edits.forms.search_syntax import split
from edits.forms.tags import MOST_TAGS, TagForm
from edits.models import MOST_TAG_CHARS, EditRequest, Tag, User
from edits.services.curating.tagging import tag_edits, take_back, untag_edit, untag_wholly
from edits.templatetags.tagging import tag_url
from tests.conftest import signed_in
from tests.factories import finished_edit_of
from tests.galleries import IN_PLACE, cards, ids, page

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response


def put(*names: str, on: EditRequest) -> dict[str, list[int]]:
    """Tag an edit as its owner."""
    return tag_edits(owner=on.owner, edits=EditRequest.objects.filter(pk=on.pk), names=names)


def tags(edit: EditRequest) -> list[str]:
    """The names of its tags."""
    return [tag.name for tag in edit.tags.all()]


def bulk(
    client: Client, names: str, edits: list[EditRequest], headers: dict[str, str] | None = None
) -> "Response":
    """Select these, type names, press Tag."""
    data = {"action": "tag", "names": names, "edit": ids(edits), "next": "/history/"}
    return client.post("/edits/bulk/", data, headers=headers or {})


def said(response: "Response") -> tuple[str, str]:
    """The sentence that the next page says, and where its Undo leads."""
    (message,) = get_messages(response.wsgi_request)
    return str(message), getattr(message, "undo", "")


class TestTheService:
    def test_only_ones_own_kept_edits_are_tagged(self, alice: User, bob: User) -> None:
        mine, shared = finished_edit_of(alice), finished_edit_of(bob, shared=True)
        thrown = finished_edit_of(alice, trashed_at=timezone.now())
        added = tag_edits(owner=alice, edits=EditRequest.objects.all(), names=["harbor"])
        assert added == {"harbor": [mine.pk]}
        assert (tags(mine), tags(shared), tags(thrown)) == (["harbor"], [], [])

    def test_a_tag_without_an_edit_is_never_made(self, alice: User, bob: User) -> None:
        finished_edit_of(bob, shared=True)
        assert tag_edits(owner=alice, edits=EditRequest.objects.all(), names=["harbor"]) == {}
        assert not Tag.objects.exists()

    def test_tagging_twice_changes_nothing(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        put("harbor", on=edit)
        assert put("harbor", "night", on=edit) == {"night": [edit.pk]}
        assert put("harbor", on=edit) == {}
        assert tags(edit) == ["harbor", "night"]

    def test_a_tag_that_no_edit_has_any_more_is_forgotten(self, alice: User, bob: User) -> None:
        hers, his = finished_edit_of(alice), finished_edit_of(bob)
        put("harbor", on=hers)
        put("harbor", on=his)
        assert untag_edit(edit=hers, owner=alice, name="harbor")
        assert tags(his) == ["harbor"]
        assert untag_edit(edit=his, owner=bob, name="harbor")
        assert not Tag.objects.exists()

    def test_others_cannot_take_a_tag_off(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        put("harbor", on=edit)
        assert not untag_edit(edit=edit, owner=bob, name="harbor")
        assert take_back(owner=bob, added={"harbor": [edit.pk]}) == 0
        assert tags(edit) == ["harbor"]

    def test_taking_off_what_is_not_there_does_nothing(self, alice: User) -> None:
        assert not untag_edit(edit=finished_edit_of(alice), owner=alice, name="harbor")

    def test_an_edit_that_is_deleted_for_good_leaves_no_empty_tag(self, alice: User) -> None:
        edit, other = finished_edit_of(alice), finished_edit_of(alice)
        put("harbor", "night", on=edit)
        put("night", on=other)
        untag_wholly(edit=edit)
        assert list(Tag.objects.values_list("name", flat=True)) == ["night"]


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("harbor, night shots", ("harbor", "night shots")),
            (" HARBOR ,, harbor,", ("harbor",)),
            ("#harbor", ("harbor",)),
            ("night \t  shots", ("night shots",)),
            ("Ελλάδα, हिन्दी、港", ("ελλάδα", "हिन्दी", "港")),
            ("Ｈａｒｂｏｒ，２", ("harbor", "2")),
            ("a-b_c 2026", ("a-b_c 2026",)),
            ("𠮷" * MOST_TAG_CHARS, ("𠮷" * MOST_TAG_CHARS,)),
        ],
    )
    def test_names_are_cut_at_commas_and_made_small(self, text: str, names: tuple[str, ...]) -> None:
        form = TagForm({"names": text})
        assert form.is_valid()
        assert form.cleaned_data["names"] == names

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("", "Enter a tag."),
            (" , ,", "Enter a tag."),
            ("a" * (MOST_TAG_CHARS + 1), "A tag can have at most 40 characters; “aaaaaaaaaaaaaaaaaaaaaaa…” has 41."),
            (",".join(map(str, range(MOST_TAGS + 1))), "You can add at most 10 tags at once; you entered 11."),
            ("ok, a/b", "“a/b” can't be a tag. Use letters, digits, spaces, - and _."),
            ("a\x00b", "“a�b” can't be a tag. Use letters, digits, spaces, - and _."),
            ("\ud800", "“�” can't be a tag. Use letters, digits, spaces, - and _."),
            ("🐈", "“🐈” can't be a tag. Use letters, digits, spaces, - and _."),
            ("-_-", "“-_-” can't be a tag. Use letters, digits, spaces, - and _."),
            ('"harbor"', "“\"harbor\"” can't be a tag. Use letters, digits, spaces, - and _."),
        ],
    )  # fmt: skip
    def test_what_is_no_tag_is_refused_with_a_sentence(self, text: str, sentence: str) -> None:
        assert TagForm({"names": text}).errors == {"names": [sentence]}

    @pytest.mark.parametrize(
        ("text", "pairs"),
        [
            ("tag:harbor cat", [("tag", "harbor"), ("", "cat")]),
            ('TAG:"night shots"', [("tag", "night shots")]),
            ("tag:2026_100 1,000", [("tag", "2026_100"), ("", "1000")]),
        ],
    )
    def test_a_search_takes_tags(self, text: str, pairs: list[tuple[str, str]]) -> None:
        assert split(text) == pairs


class TestSearching:
    def test_history_finds_ones_own(self, alice: User, bob: User) -> None:
        mine, plain, his = (
            finished_edit_of(alice),
            finished_edit_of(alice),
            finished_edit_of(bob, shared=True),
        )
        put("harbor", on=mine)
        put("harbor", on=his)
        client = signed_in(alice)
        assert cards(page(client, "/history/?q=tag:HARBOR")) == ids([mine])
        assert cards(page(client, "/history/?q=tag:harbor+tag:none")) == ids([mine])
        assert cards(page(client, "/history/?tag=harbor")) == ids([mine])
        assert cards(page(client, "/history/")) == ids([plain, mine])

    @pytest.mark.parametrize("query", ["tag:night-shots", "tag:%22night+shots%22"])
    def test_dashes_stand_for_spaces(self, alice: User, query: str) -> None:
        edit = finished_edit_of(alice)
        put("night shots", "night-shots", on=edit)
        assert cards(page(signed_in(alice), f"/history/?q={query}")) == ids([edit])

    def test_a_chip_leads_to_its_edits(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        put("harbor", "night shots", on=edit)
        assert tag_url("harbor", mine=True) == "/history/?q=tag:harbor"
        for name in ("harbor", "night shots"):
            assert cards(page(signed_in(bob), tag_url(name, mine=False))) == ids([edit])

    def test_the_team_learns_nothing_of_private_tags(self, alice: User, bob: User, root: User) -> None:
        private, shared = finished_edit_of(alice), finished_edit_of(alice, shared=True)
        put("harbor", on=shared)
        for person in (bob, root, alice):
            client = signed_in(person)
            before = self._without_tokens(page(client, "/team/?q=tag:secret"))
            put("harbor", "secret", on=private)
            assert self._without_tokens(page(client, "/team/?q=tag:secret")) == before
            assert cards(page(client, "/team/?q=tag:harbor")) == ids([shared])
            untag_wholly(edit=private)

    @staticmethod
    def _without_tokens(html: str) -> str:
        return re.sub(r'"[A-Za-z0-9]{64}"', "", html)

    def test_what_is_no_tag_is_left_out_and_said(self, alice: User) -> None:
        html = page(signed_in(alice), "/history/?q=tag:a/b")
        assert (
            "“tag:a/b” was ignored: a tag consists of letters, digits, spaces, - and _, at most 40 characters."
            in html
        )


class TestManyAtOnce:
    def test_others_edits_are_never_tagged(self, alice: User, bob: User, root: User) -> None:
        mine, his = finished_edit_of(alice), finished_edit_of(bob, shared=True)
        assert said(bulk(signed_in(alice), "Harbor, night", [mine, his]))[0] == "Tagged 1 edit."
        assert (tags(mine), tags(his)) == (["harbor", "night"], [])
        assert said(bulk(signed_in(root), "x", [mine, his])) == (
            "Nothing changed. This action is not available for the selected edits.",
            "",
        )

    def test_undo_takes_off_only_what_was_added(self, alice: User) -> None:
        first, second = finished_edit_of(alice), finished_edit_of(alice)
        put("harbor", on=first)
        client = signed_in(alice)
        sentence, undo = said(bulk(client, "harbor, night", [first, second]))
        assert sentence == "Tagged 2 edits."
        client.post(undo)
        assert (tags(first), tags(second)) == (["harbor"], [])
        assert list(Tag.objects.values_list("name", flat=True)) == ["harbor"]

    def test_somebody_elses_undo_takes_off_nothing(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice)
        _, undo = said(bulk(signed_in(alice), "harbor", [edit]))
        signed_in(bob).post(undo)
        assert tags(edit) == ["harbor"]

    @pytest.mark.parametrize(("headers", "status"), [({}, 302), (IN_PLACE, 422)])
    def test_what_is_no_tag_is_refused_whole(self, alice: User, headers: dict[str, str], status: int) -> None:
        edit = finished_edit_of(alice)
        response = bulk(signed_in(alice), "harbor, a/b", [edit], headers)
        assert response.status_code == status
        assert not Tag.objects.exists()
        if headers:
            assert "“a/b” can&#x27;t be a tag." in response.content.decode()
        else:
            assert "“a/b” can't be a tag." in said(response)[0]

    def test_enter_in_the_bar_tags_and_never_shares(self, alice: User) -> None:
        finished_edit_of(alice)
        html = page(signed_in(alice), "/history/")
        bar = html[html.index('id="bulk"') :]
        first = re.search(r"<button[^>]*>", bar)
        assert first
        assert 'value="tag"' in first[0]
        assert 'value="tag"' not in page(signed_in(alice), "/team/")


class TestTheViewer:
    def post(self, client: Client, edit: EditRequest, names: str, **options: dict[str, str]) -> "Response":
        return client.post(f"/edits/{edit.public_id}/tags/", {"names": names}, **options)  # type: ignore[arg-type]

    def remove(self, client: Client, edit: EditRequest, name: str) -> "Response":
        return client.post(f"/edits/{edit.public_id}/tags/remove/", {"name": name})

    def test_the_owner_adds_takes_off_and_takes_that_back(self, alice: User) -> None:
        edit, client = finished_edit_of(alice), signed_in(alice)
        assert self.post(client, edit, "Harbor, night").headers["Location"] == f"/edits/{edit.public_id}/"
        html = page(client, f"/edits/{edit.public_id}/")
        assert 'href="/history/?q=tag:harbor"' in html
        sentence, undo = said(self.remove(client, edit, "harbor"))
        assert sentence == "Tag “harbor” removed."
        assert tags(edit) == ["night"]
        client.post(undo)
        assert tags(edit) == ["harbor", "night"]

    def test_colleagues_read_tags_of_what_is_shared(self, alice: User, bob: User) -> None:
        edit = finished_edit_of(alice, shared=True)
        put("harbor", on=edit)
        html = page(signed_in(bob), f"/edits/{edit.public_id}/")
        assert 'href="/team/?q=tag:harbor"' in html
        assert "/tags/" not in html

    @pytest.mark.parametrize("person", ["bob", "rita", "root"])
    @pytest.mark.parametrize("shared", [False, True])
    def test_for_others_there_is_nothing_to_tag(
        self, alice: User, request: pytest.FixtureRequest, person: str, shared: bool
    ) -> None:
        edit = finished_edit_of(alice, shared=shared)
        put("harbor", on=edit)
        client = signed_in(request.getfixturevalue(person))
        assert self.post(client, edit, "x").status_code == 404
        assert self.remove(client, edit, "harbor").status_code == 404
        assert tags(edit) == ["harbor"]

    def test_what_is_in_the_trash_keeps_its_tags_as_they_are(self, alice: User) -> None:
        edit, client = finished_edit_of(alice), signed_in(alice)
        put("harbor", on=edit)
        EditRequest.objects.update(trashed_at=timezone.now())
        assert self.post(client, edit, "x").status_code == 404
        assert "harbor</a></li>" in page(client, f"/edits/{edit.public_id}/")

    def test_a_stranger_signs_in_first(self, alice: User, stranger: Client) -> None:
        edit = finished_edit_of(alice)
        assert self.post(stranger, edit, "x").headers["Location"].startswith("/accounts/login/")
        assert not Tag.objects.exists()

    def test_a_look_tags_nothing(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        assert signed_in(alice).get(f"/edits/{edit.public_id}/tags/?names=x").status_code == 405

    @pytest.mark.parametrize("headers", [{}, IN_PLACE])
    def test_what_is_refused_stays_typed(self, alice: User, headers: dict[str, str]) -> None:
        edit = finished_edit_of(alice)
        response = self.post(signed_in(alice), edit, "ok, <b>", headers=headers)
        html = response.content.decode()
        assert response.status_code == 422
        assert 'value="ok, &lt;b&gt;"' in html
        assert "“&lt;b&gt;” can&#x27;t be a tag." in html
        assert ("<html" in html) is not bool(headers)
        assert tags(edit) == []

    def test_in_place_comes_only_the_part_with_the_tags(self, alice: User) -> None:
        html = self.post(
            signed_in(alice), finished_edit_of(alice), "harbor", headers=IN_PLACE
        ).content.decode()
        assert '<section id="tags"' in html
        assert "tag:harbor" in html
        assert "<html" not in html
