"""Tests of the page with the whole tree: what it shows to whom, what it folds, and how much it asks the database."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import AuditEntry, EditRequest, User
from edits.views import lineage_tree
from edits.views.lineage_tree import MOST_LEVELS, MOST_SIBLINGS, Family, tree_of
from tests.conftest import signed_in
from tests.factories import filtered_edit_of, finished_edit_of, upload_of


def drawn(family: Family) -> list[Any]:
    """The prompts of a family, each followed by the list of those below it."""
    prompts: list[Any] = []
    for node in family.nodes:
        below = drawn(node.family)
        prompts += [node.edit.prompt, below] if below else [node.edit.prompt]
    return prompts


def look(client: Client, edit: EditRequest) -> str:
    """The page of the edit's lineage."""
    response = client.get(f"/edits/{edit.public_id}/lineage/")
    assert response.status_code == 200
    return response.content.decode()


def test_it_has_what_was_made_of_the_first_source_and_of_every_result(alice: User) -> None:
    source = upload_of()
    one = finished_edit_of(alice, upload=source, prompt="one")
    two = finished_edit_of(alice, upload=source, prompt="two")
    below = finished_edit_of(alice, parent=two, prompt="two, one")
    finished_edit_of(alice, parent=below, prompt="two, one, one")
    finished_edit_of(alice, parent=two, prompt="two, two")
    finished_edit_of(alice, prompt="of another picture")
    whole = ["one", "two", ["two, one", ["two, one, one"], "two, two"]]
    assert drawn(tree_of(one, viewer=alice).family) == whole
    assert drawn(tree_of(below, viewer=alice).family) == whole
    html = look(signed_in(alice), below)
    assert re.findall(r'edits/([0-9a-f-]+)/" data-node aria-current="page"', html) == [str(below.public_id)]
    assert f"/?from={below.public_id}&amp;use=result" in html
    assert f"/edits/{two.public_id}/source/320/" in html


def test_private_edits_of_others_are_neither_shown_nor_counted(alice: User, bob: User, root: User) -> None:
    source = upload_of()
    shared = finished_edit_of(alice, upload=source, shared=True, source_is_shared=True, prompt="shared")
    hidden = [finished_edit_of(alice, parent=shared, prompt="concealed") for _ in range(MOST_SIBLINGS + 3)]
    finished_edit_of(alice, upload=source, prompt="concealed too")
    finished_edit_of(alice, upload=source, shared=True, prompt="with a private source")
    mine = finished_edit_of(bob, parent=shared, prompt="mine")
    finished_edit_of(alice, parent=mine, trashed_at=timezone.now(), prompt="thrown away")
    for viewer, seen in ((bob, ["shared", ["mine"]]), (root, ["shared"])):
        tree = tree_of(shared, viewer=viewer)
        assert drawn(tree.family) == seen
        html = look(signed_in(viewer), shared)
        assert "concealed" not in html
        assert "more" not in re.sub(r"<[^>]*>", "", html.split('class="tree"')[1].split("</ol>")[0])
        assert str(hidden[0].public_id) not in html


def test_it_begins_where_one_may_see_no_further(alice: User, bob: User) -> None:
    private = finished_edit_of(alice, prompt="private")
    shared = finished_edit_of(alice, parent=private, shared=True, prompt="shared")
    tree = tree_of(shared, viewer=bob)
    assert tree.is_cut
    assert tree.source_of is None
    assert drawn(tree.family) == ["shared"]
    html = look(signed_in(bob), shared)
    assert "/source/" not in html
    assert "?fold=" not in html


def test_a_private_edit_has_no_page_for_others_and_a_recorded_one_for_administrators(
    alice: User, bob: User, root: User
) -> None:
    edit = finished_edit_of(alice)
    path = f"/edits/{edit.public_id}/lineage/"
    assert signed_in(bob).get(path).status_code == 404
    assert signed_in(root).get(path).status_code == 200
    assert AuditEntry.objects.filter(action="looked at an edit", subject=str(edit.public_id)).count() == 1


def test_a_large_family_is_folded_and_a_search_has_all_of_it(alice: User) -> None:
    first = finished_edit_of(alice)
    children = [finished_edit_of(alice, parent=first) for _ in range(MOST_SIBLINGS + 3)]
    family = tree_of(first, viewer=alice).family.nodes[0].family
    assert [node.edit for node in family.nodes] == children[:MOST_SIBLINGS]
    assert family.folded == 3
    client = signed_in(alice)
    found = client.get(family.url).content.decode()
    assert found.count('class="card ') == len(children)
    assert str(first.public_id) not in re.findall(r'id="card-([0-9a-f-]+)"', found)
    last = tree_of(children[-1], viewer=alice).family.nodes[0].family
    assert [node.edit for node in last.nodes] == [*children[:MOST_SIBLINGS], children[-1]]  # on the way to it


def test_a_search_for_what_was_made_of_an_edit_finds_nothing_of_one_that_is_not_shown(
    alice: User, bob: User
) -> None:
    private = finished_edit_of(alice)
    child = finished_edit_of(bob, parent=private)
    assert str(child.public_id) in signed_in(bob).get("/history/").content.decode()
    found = signed_in(bob).get(f"/history/?q=of:{private.public_id}").content.decode()
    assert f"card-{child.public_id}" not in found


def test_a_stopped_edit_is_words_alone(alice: User) -> None:
    first = finished_edit_of(alice)
    child = filtered_edit_of(alice, parent=first)
    html = look(signed_in(alice), first)
    assert f"/edits/{child.public_id}/" in html
    assert f"/edits/{child.public_id}/result/" not in html
    assert f"?from={child.public_id}" not in html


def test_depth_and_size_are_bounded_and_the_rest_has_a_page_of_its_own(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = edit = finished_edit_of(alice)
    for _ in range(MOST_LEVELS + 2):
        edit = finished_edit_of(alice, parent=edit)
    tree = tree_of(first, viewer=alice)
    assert tree.count == MOST_LEVELS - 1
    family = tree.family
    while family.nodes:
        node, family = family.nodes[0], family.nodes[0].family
    assert (family.folded, family.url) == (1, f"/edits/{node.edit.public_id}/lineage/")
    earlier = tree_of(edit, viewer=alice).earlier
    assert earlier
    assert f'href="/edits/{earlier.public_id}/lineage/">' in look(signed_in(alice), edit)
    assert tree_of(earlier, viewer=alice).earlier is None
    monkeypatch.setattr(lineage_tree, "MOST_COUNTED", 4)
    wide = finished_edit_of(alice)
    for _ in range(9):
        finished_edit_of(alice, parent=wide)
    below = tree_of(wide, viewer=alice).family.nodes[0].family
    assert below.is_cut
    assert below.folded + len(below.nodes) == 4


def test_a_large_tree_asks_as_much_as_a_small_one(alice: User, django_assert_num_queries: Any) -> None:
    def page(children: int) -> tuple[Client, EditRequest]:
        first = finished_edit_of(alice)
        middle = finished_edit_of(alice, parent=first)
        for _ in range(children):
            finished_edit_of(alice, parent=finished_edit_of(alice, parent=middle))
        client = signed_in(alice)
        look(client, middle)
        return client, middle

    for children in (1, 12):
        client, middle = page(children)
        with django_assert_num_queries(11):
            look(client, middle)
