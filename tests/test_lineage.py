"""Tests of what surrounds an edit: its neighbors in the list one came from, and its lineage."""

import re
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from edits.models import EditRequest, User
from tests.conftest import signed_in
from tests.factories import filtered_edit_of, finished_edit_of


def look(client: Client, edit: EditRequest, query: str = "") -> str:
    """The page of the edit."""
    response = client.get(f"/edits/{edit.public_id}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def edges(html: str) -> list[str]:
    """Where ← and → lead; fewer than two at an end."""
    return re.findall(r'class="edge (?:prev|next)" href="([^"]+)"', html)


class TestNeighbors:
    def test_left_is_newer_and_right_is_older(self, alice: User, bob: User) -> None:
        old, middle, new = (finished_edit_of(alice) for _ in range(3))
        finished_edit_of(bob, shared=True)
        client = signed_in(alice)
        assert edges(look(client, middle)) == [f"/edits/{new.public_id}/", f"/edits/{old.public_id}/"]
        assert edges(look(client, new)) == [f"/edits/{middle.public_id}/"]

    def test_filters_are_kept(self, alice: User) -> None:
        red, _, middle = (finished_edit_of(alice, prompt=prompt) for prompt in ("red", "blue", "red"))
        html = look(signed_in(alice), middle, "?q=red")
        assert edges(html) == [f"/edits/{red.public_id}/?q=red"]
        assert f'href="/history/?q=red#card-{middle.public_id}"' in html

    def test_the_team_has_an_order_of_its_own(self, alice: User, bob: User) -> None:
        shared_last = finished_edit_of(alice, shared_at=timezone.now())
        mine = finished_edit_of(bob, shared_at=timezone.now() - timedelta(hours=1))
        finished_edit_of(bob)
        html = look(signed_in(bob), mine, "?from=team")
        assert edges(html) == [f"/edits/{shared_last.public_id}/?from=team"]
        assert 'href="/team/#card-' in html

    def test_an_edit_of_somebody_else_stands_among_the_teams(self, alice: User, bob: User) -> None:
        theirs, mine = finished_edit_of(alice, shared=True), finished_edit_of(bob)
        html = look(signed_in(bob), theirs)
        assert str(mine.public_id) not in html
        assert 'href="/team/#card-' in html

    def test_private_edits_of_others_are_no_neighbors(self, alice: User, bob: User, root: User) -> None:
        finished_edit_of(bob)
        edit = finished_edit_of(alice, shared=True)
        finished_edit_of(bob)
        for person in (alice, root):
            assert edges(look(signed_in(person), edit)) == []


class TestLineage:
    def test_it_leads_from_the_source_to_the_children(self, alice: User) -> None:
        first = finished_edit_of(alice)
        middle = finished_edit_of(alice, parent=first)
        child = finished_edit_of(alice, parent=middle)
        strip = look(signed_in(alice), middle).split('class="lineage"')[1].split("</ol>")[0]
        order = [strip.index(str(edit.public_id)) for edit in (first, middle, child)]
        assert order == sorted(order)
        assert f"/edits/{first.public_id}/source/320/" in strip

    def test_it_stops_before_what_one_may_not_see(self, alice: User, bob: User) -> None:
        private = finished_edit_of(alice)
        shared = finished_edit_of(alice, parent=private, shared=True)
        hidden = finished_edit_of(alice, parent=shared)
        html = look(signed_in(bob), shared)
        assert str(private.public_id) not in html
        assert str(hidden.public_id) not in html
        assert "/source/" not in html

    def test_a_stopped_child_is_words_alone(self, alice: User) -> None:
        first = finished_edit_of(alice)
        child = filtered_edit_of(alice, parent=first)
        html = look(signed_in(alice), first)
        assert f"/edits/{child.public_id}/" in html
        assert f"/edits/{child.public_id}/result/" not in html

    def test_a_chain_of_any_length_costs_a_bounded_number_of_queries(
        self, alice: User, django_assert_max_num_queries: object
    ) -> None:
        edit = finished_edit_of(alice)
        for _ in range(14):
            edit = finished_edit_of(alice, parent=edit)
        client = signed_in(alice)
        look(client, edit)
        with django_assert_max_num_queries(22):  # type: ignore[operator]
            assert "Earlier edits are not shown" in look(client, edit)


class TestTheFirstSource:
    def test_it_can_be_what_one_compares_with(self, alice: User) -> None:
        first = finished_edit_of(alice)
        second = finished_edit_of(alice, parent=first)
        client = signed_in(alice)
        assert "?before=first" in look(client, second)
        html = look(client, second, "?before=first")
        assert f'src="/edits/{first.public_id}/source/1024/"' in html
        assert f'src="/edits/{second.public_id}/source/1024/"' not in html
        assert 'data-mode-set="map"' not in html  # the map is of its own source
        assert "?before=first" not in look(client, first)

    def test_only_where_it_may_be_seen(self, alice: User, bob: User) -> None:
        first = finished_edit_of(alice, shared=True)
        second = finished_edit_of(alice, parent=first, shared=True, source_is_shared=True)
        html = look(signed_in(bob), second, "?before=first")
        assert f"/edits/{first.public_id}/source/" not in html
        assert f'src="/edits/{second.public_id}/source/1024/"' in html

    def test_the_menu_leads_to_whatever_it_can_be_compared_with(self, alice: User, bob: User) -> None:
        hidden, first = finished_edit_of(bob), finished_edit_of(alice)
        second = finished_edit_of(alice, parent=first, rerun_of=hidden)
        again = finished_edit_of(alice, parent=first, rerun_of=second)
        client = signed_in(alice)
        html = look(client, again)
        for other in (first, second):
            assert f'href="/compare/{other.public_id}/{again.public_id}/"' in html
        assert str(hidden.public_id) not in look(client, second)


class TestTheStageOfTheStudio:
    def test_it_has_the_lineage_and_each_result_can_be_edited_further(self, alice: User) -> None:
        first = finished_edit_of(alice)
        second = finished_edit_of(alice, parent=first)
        third = finished_edit_of(alice, parent=second)
        client = signed_in(alice)
        html = client.get(f"/?show={second.public_id}").content.decode()
        strip = html.split('class="stage-lineage"')[1].split("</nav>")[0]
        for edit in (first, second, third):
            assert f"/?from={edit.public_id}&amp;use=result" in strip
        assert f"/?fold={second.public_id}" in strip
        alone = client.get(f"/?show={finished_edit_of(alice).public_id}").content.decode()
        assert "stage-lineage" not in alone
