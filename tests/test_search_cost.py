"""What a search costs in a library of any size: by query plans and counts, not by time."""

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from edits.models import SearchPending, SearchText, User, searching
from edits.models.search_triggers import TRIGGERS, install
from edits.services import search_index
from edits.services.search_index import index_pending, keep_index
from tests.conftest import signed_in
from tests.editors import LEASE
from tests.factories import finished_edit_of, upload_of
from tests.query_plans import plans
from tests.test_search import NOW, index_all, listing

TABLES = ("edits_editrequest", "edits_searchtext")
EVERY_LIST = [("q=castle", False), ("q=castle", True), ("q=steps:99", False), ("sort=oldest&q=castle", True)]


def library(owner: User, count: int = 60) -> None:
    """Shared edits that all have one word, the oldest of them another one as well."""
    upload = upload_of()
    for number in range(count):
        prompt = "a castle" if number == 0 else "a harbor"
        finished_edit_of(owner, prompt=prompt, shared=True, upload=upload)
    index_all()


def reads_all(plan: str) -> bool:
    """Whether a table of edits is read from its beginning to its end."""
    return any(
        f"SCAN {table}" in plan.replace(f"SCAN {table} USING", "") or f"Seq Scan on {table}" in plan
        for table in TABLES
    )


class TestPlans:
    @pytest.mark.parametrize(("query", "of_team"), EVERY_LIST)
    def test_a_rare_word_is_looked_up(self, alice: User, query: str, of_team: bool) -> None:
        library(alice)
        with plans() as found:
            page = listing(query, alice, of_team=of_team).page()
        assert len(page.edits) == ("castle" in query)
        index = "edits_searchindex" if connection.vendor == "postgresql" else "VIRTUAL TABLE INDEX"
        assert any(index in plan for plan in found), found
        assert not any(map(reads_all, found)), found

    @pytest.mark.parametrize("of_team", [False, True])
    def test_with_a_common_word_the_list_is_read_in_its_order_and_no_further(
        self, alice: User, of_team: bool
    ) -> None:
        library(alice)
        with CaptureQueriesContext(connection) as queries, plans() as found:
            page = listing("q=harbor", alice, of_team=of_team).page()
        assert (len(page.edits), page.more is None) == (50, False)
        assert "strpos" in queries[-1]["sql"] or "instr" in queries[-1]["sql"]
        assert not any(map(reads_all, found)), found

    def test_the_nearest_alone_tell_which_it_is(self, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(searching, "SAMPLE", 55)
        library(alice)
        asked: list[Any] = []
        monkeypatch.setattr(searching.Search, "rows", lambda search: asked.append(search))
        edits = listing("", alice).edits().order_by("-pk")
        for count, is_read in ((51, True), (56, False)):
            search = listing("q=harbor", alice).filters.search(alice)
            assert search is not None
            search.nearest(edits, of_list=edits, count=count)
            assert bool(asked) == is_read
            asked.clear()

    @pytest.mark.parametrize(("of_team", "most"), [(False, 2), (True, 3)])
    def test_it_takes_a_query_more_and_in_a_team_one_for_names(
        self, alice: User, of_team: bool, most: int
    ) -> None:
        library(alice)
        for query in ("q=castle", "q=harbor", "q=castle+harbor", "q=nowhere"):
            with CaptureQueriesContext(connection) as queries:
                listing(query, alice, of_team=of_team).page()
            assert len(queries) <= most, query


@pytest.mark.usefixtures("db")
class TestTheWorkersRound:
    def test_with_nothing_to_do_it_only_looks(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            assert keep_index(lease=LEASE, now=NOW) == 0
        assert len(queries) == 1

    def test_its_queries_are_the_same_for_one_edit_and_for_many(self, alice: User) -> None:
        counts = []
        for number in (1, 20):
            upload = upload_of()
            for _ in range(number):
                finished_edit_of(alice, upload=upload)
            with CaptureQueriesContext(connection) as queries:
                assert index_pending() == number
            counts.append(len(queries))
        assert counts[0] == counts[1]


@pytest.mark.usefixtures("db")
class TestTriggers:
    def test_they_are_there_and_nothing_is_done_again(self) -> None:
        assert install(connection) is False

    def test_those_that_a_migration_lost_are_made_again_and_every_edit_is_read_again(
        self, alice: User
    ) -> None:
        library(alice, count=2)
        row = TRIGGERS[0]
        with connection.cursor() as cursor:
            cursor.execute(
                f"DROP TRIGGER {row.name}" + (f" ON {row.table}" if connection.vendor == "postgresql" else "")
            )
        finished_edit_of(alice, prompt="made meanwhile")
        assert install(connection) is True
        assert SearchPending.objects.count() == 3
        index_all()
        assert SearchText.objects.count() == 3


class TestProgress:
    def test_it_is_said_by_a_command_that_also_fills_the_index(
        self, alice: User, capsys: pytest.CaptureFixture[str]
    ) -> None:
        finished_edit_of(alice)
        call_command("index_search", "--status")
        assert capsys.readouterr().out == "Search index: 0 %, 1 of 1 edits to go\n"
        call_command("index_search")
        assert capsys.readouterr().out.endswith("Search index: 100 %, 0 of 1 edits to go\n")
        assert SearchText.objects.count() == 1

    def test_administrators_see_it_while_the_index_is_far_behind(
        self, alice: User, root: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(search_index, "MOST_PENDING", 0)
        finished_edit_of(alice)
        pages = [signed_in(person).get("/settings/").content.decode() for person in (root, alice)]
        assert ["search-index" in page for page in pages] == [True, False]
        index_all()
        assert "search-index" not in signed_in(root).get("/settings/").content.decode()
