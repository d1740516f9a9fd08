"""Search by words: what is found, by whom, and the same before and after it is indexed, on both databases."""

from urllib.parse import quote

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from edits.forms.gallery import Filters
from edits.models import Comment, EditRequest, SearchPending, SearchText, User, searching
from edits.services.curating.commenting import add_comment, remove_comment
from edits.services.curating.sharing import share_edits
from edits.services.curating.tagging import tag_edits, untag_edit
from edits.services.search_index import index_pending
from edits.views.listing import Cursor, Listing
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.factories import finished_edit_of, upload_of

NOW = timezone.now()


def index_all() -> None:
    """What a worker does in its rounds."""
    while index_pending():
        continue


def listing(query: str, viewer: User, *, of_team: bool = False) -> Listing:
    """The list that an address shows."""
    return Listing("team" if of_team else "history", viewer, Filters.read(QueryDict(query), of_team=of_team))


def shown(query: str, viewer: User, *, of_team: bool = False) -> list[str]:
    """The prompts on the first page."""
    return [edit.prompt for edit in listing(query, viewer, of_team=of_team).page().edits]


@pytest.fixture(params=["lists", "index"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Search by reading lists, and by asking the index."""
    monkeypatch.setattr(searching, *(("MANY", 0) if request.param == "lists" else ("SAMPLE", 1)))
    return str(request.param)


PROMPT = "Remove the background, add a Red-Cat at the café; 把猫变成英短 🌅👩‍👩‍👧 straße 3.5% c++ IMG_2026 सुंदर चित्र"
FOUND = (
    "remove", "REMOVE", "remo", "back", "red cat", '"red cat"', '"red ca"', "red-cat", "cafe", "CAFÉ", "café;",
    "猫", "猫变", "变成英", '"猫变成"', "🌅", "👩", "👩‍👧", "STRASSE", "3.5", "3.5%", "c++", "cat background",
    "img_20", "सुंदर", "चि", "cat !!!", '"the café"', "77120", "Cat cat CÁT", "c ca cat",
    '"remove the background, add a red-cat"', "re t ba ad a cat at", "remove 猫 🌅",
)  # fmt: skip
NOT_FOUND = (
    '"remove the background, add a dog"', "re t ba ad a cat at dog", "cat cats",
    "ground", "dog", "cat dog", '"cat red"', '"red at"', "猫成", "🦜", "eat", "emove", "7712", "!!!", "+", "सुंदा",
)  # fmt: skip


TERMS = {
    "steps:28": ["first"],
    "steps:2": [],
    "steps:28 steps:40": ["second", "first"],
    "cfg:6": ["first"],
    "cfg:6.5": ["second"],
    "model:step": ["first"],
    "model:STEP-1x": ["first"],
    "model:gpt model:step": ["second", "first"],
    "file:harb": ["first"],
    'file:"old harbor"': ["first"],
    "steps:28 cfg:6.5": [],
    "first steps:28": ["first"],
}
BAD = (
    "'\"*^:()-+{}[]" * 15, '"' * 199, "AND OR NOT NEAR(" * 12, "words:cat OR 1=1; --", "cat' & 'dog':* | !x",
    "\x00cat\x00", "\ud83d cat", "%ED%A0%80", "_" * 200, "_o1 _t", "%_\\" * 60, "猫" * 200, "a " * 100, "🌅" * 200,
    "x" * 200, "9" * 200, "steps:x cfg:-1 cfg:1e9 file:!!! model:\x00 picture:me like:' OR 1",
)  # fmt: skip


class TestWords:
    def test_they_are_found_by_their_beginnings_in_any_script_and_spelling(
        self, alice: User, way: str
    ) -> None:
        finished_edit_of(alice, prompt=PROMPT)
        index_all()
        assert {text: shown(f"q={quote(text)}", alice) for text in FOUND} == {key: [PROMPT] for key in FOUND}
        assert {text: shown(f"q={quote(text)}", alice) for text in NOT_FOUND} == {
            key: [] for key in NOT_FOUND
        }

    def test_a_new_edit_is_found_before_it_is_in_the_index(self, alice: User, way: str) -> None:
        finished_edit_of(alice, prompt="an old castle")
        index_all()
        finished_edit_of(alice, prompt="a new castle")
        assert shown("q=castle", alice) == ["a new castle", "an old castle"]
        assert shown("q=new+castle", alice) == ["a new castle"]

    def test_while_many_are_not_in_the_index_lists_are_read(
        self, alice: User, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finished_edit_of(alice, prompt="castle one")
        index_all()
        monkeypatch.setattr(searching, "MOST_PENDING", 0)
        finished_edit_of(alice, prompt="castle two")
        assert shown("q=castle", alice) == ["castle two", "castle one"]
        assert set(listing("q=castle", alice).edits().values_list("prompt", flat=True)) == {
            "castle one",
            "castle two",
        }

    def test_every_page_and_neighbor_is_of_the_search(self, alice: User, way: str) -> None:
        upload = upload_of()
        edits = [
            finished_edit_of(alice, prompt=f"{'cat' if number % 2 else 'dog'} {number}", upload=upload)
            for number in range(8)
        ]
        index_all()
        asked = listing("q=cat", alice)
        assert asked.neighbors(edits[4]) == (edits[5], edits[3])
        beyond = asked.page(Cursor(edits[5].created_at, edits[5].public_id))
        assert beyond.edits == [edits[3], edits[1]]
        assert asked.page(up_to=str(edits[1].public_id)).edits == [edits[7], edits[5], edits[3], edits[1]]
        assert set(asked.edits_until(timezone.now())) == {edits[1], edits[3], edits[5], edits[7]}
        assert asked.rest_of_day(edits[5]) == 2
        assert listing("q=cat&sort=oldest", alice).page().edits[0] == edits[1]


class TestWhatElseSaysIt:
    def test_tags_comments_and_files_are_found_and_forgotten(self, alice: User, bob: User, way: str) -> None:
        edit = finished_edit_of(alice, prompt="plain", shared=True, source_name="IMG_2041 Hafen.jpeg")
        tag_edits(owner=alice, edits=EditRequest.objects.all(), names=["night shots"])
        comment = add_comment(edit=edit, author=bob, text="Lovely évening", now=NOW)
        index_all()
        for text in ("night", '"night shots"', "evening", "hafen", '"img 2041"', "IMG_2041"):
            assert shown(f"q={quote(text)}", alice) == ["plain"], text
        assert shown('q="shots+lovely"', alice) == []
        untag_edit(edit=edit, owner=alice, name="night shots")
        remove_comment(comment=comment, by=bob, now=NOW)
        for index in (lambda: None, index_all):  # at once, whatever workers do
            index()
            assert shown("q=night", alice) == shown("q=evening", alice) == []
        assert shown("q=hafen", alice) == ["plain"]

    def test_the_seed_that_was_used_is_found(self, alice: User, way: str) -> None:
        edit = finished_edit_of(alice, prompt="plain", seed=5)
        edit.result.__class__.objects.filter(edit=edit).update(seed_used=4711)
        index_all()
        assert shown("q=4711", alice) == shown("q=5", alice) == ["plain"]
        assert shown("q=471", alice) == []

    def test_people_of_the_team_are_found_by_their_names(self, alice: User, bob: User, way: str) -> None:
        finished_edit_of(alice, prompt="hers", shared=True)
        finished_edit_of(bob, prompt="his", shared=True)
        User.objects.filter(pk=alice.pk).update(last_name="Lind", last_name_folded="lind")
        index_all()
        assert shown("q=LIND", bob, of_team=True) == shown("q=ali", bob, of_team=True) == ["hers"]
        assert shown("q=alice+his", bob, of_team=True) == []
        assert shown("q=lind", alice) == []

    @pytest.mark.parametrize("is_indexed", [True, False])
    def test_terms_find_what_they_say(self, alice: User, way: str, is_indexed: bool) -> None:
        finished_edit_of(alice, prompt="first", source_name="Old harbor.png")
        other = {"steps": 40, "cfg_scale": 6.5, "model": "gpt-image-1", "source_name": "b.png"}
        finished_edit_of(alice, prompt="second", **other)
        if is_indexed:
            index_all()
        assert {terms: shown(f"q={quote(terms)}", alice) for terms in TERMS} == TERMS


class TestPrivacy:
    def test_nobody_finds_what_they_may_not_see(self, alice: User, bob: User, root: User, way: str) -> None:
        private = finished_edit_of(alice, prompt="secret castle")
        finished_edit_of(alice, prompt="trashed castle", shared=True, trashed_at=NOW)
        add_comment(edit=private, author=alice, text="moat", now=NOW)
        tag_edits(owner=alice, edits=EditRequest.objects.all(), names=["keep"])
        for index in (lambda: None, index_all):
            index()
            for text in ("castle", "moat", "keep", "alice", "77120", "steps:28", "file:harbor"):
                for person in (bob, root):
                    assert shown(f"q={text}", person) == []
                    assert shown(f"q={text}", person, of_team=True) == []
                    assert not list(listing(f"q={text}", person, of_team=True).edits())

    def test_the_team_finds_no_file_by_its_name_unless_the_source_is_shared(
        self, alice: User, bob: User, way: str
    ) -> None:
        finished_edit_of(alice, prompt="with", shared=True, source_is_shared=True, source_name="kite.png")
        finished_edit_of(alice, prompt="without", shared=True, source_name="kite.png")
        for index in (lambda: None, index_all):
            index()
            assert shown("q=file:kite", bob, of_team=True) == ["with"]
        assert shown("q=kite", bob, of_team=True) == ["with"]
        EditRequest.objects.update(source_is_shared=False)
        assert shown("q=kite", bob, of_team=True) == shown("q=file:kite", bob, of_team=True) == []

    def test_what_is_shared_later_is_found(self, alice: User, bob: User, way: str) -> None:
        finished_edit_of(alice, prompt="castle")
        index_all()
        share_edits(owner=alice, edits=EditRequest.objects.all(), now=NOW)
        for index in (lambda: None, index_all):
            index()
            assert shown("q=castle", bob, of_team=True) == ["castle"]


class TestBadInput:
    @pytest.mark.parametrize("address", ["/history/", "/team/", "/v1/edits"])
    def test_it_gives_an_answer(self, alice: User, way: str, address: str) -> None:
        finished_edit_of(alice, prompt="cat", shared=True)
        index_all()
        of_api = address.startswith("/v1")
        client: Client = caller_of(alice) if of_api else signed_in(alice)
        for text in BAD:
            asked = quote(text.encode("utf-8", "surrogatepass"))
            status = client.get(f"{address}?q={asked}").status_code
            assert status in ({200, 400} if of_api else {200}), text

    def test_a_place_of_before_the_index_still_opens(self, alice: User, way: str) -> None:
        edits = [finished_edit_of(alice, prompt=f"cat {number}") for number in range(3)]
        SearchText.objects.all().delete()
        older = str(Cursor(edits[2].created_at, edits[2].public_id))
        index_all()
        page = signed_in(alice).get(f"/history/?q=cat&older={older}").content.decode()
        assert str(edits[1].public_id) in page
        assert str(edits[0].public_id) in page


class TestTheIndex:
    def test_it_is_written_in_pieces_and_goes_on_where_it_stopped(self, alice: User) -> None:
        upload = upload_of()
        for number in range(5):
            finished_edit_of(alice, prompt=f"castle {number}", upload=upload)
        assert index_pending(most=2) == 2
        assert SearchPending.objects.count() == 3
        assert set(SearchText.objects.values_list("edit__prompt", flat=True)) == {"castle 4", "castle 3"}
        index_all()
        assert index_pending() == 0
        assert SearchText.objects.count() == 5

    def test_an_edit_that_is_gone_is_forgotten(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        index_all()
        Comment.objects.create(edit=edit, author=alice, text="late", created_at=NOW)
        edit.delete()
        index_all()
        assert not SearchText.objects.exists()
        assert not SearchPending.objects.exists()
