"""What pages and workers ask for is found by an index, however large the library is: by query plans, not by time."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from edits.admin import readonly
from edits.forms import rare_edits
from edits.forms.gallery import Filters
from edits.forms.sources import reusable
from edits.models import MOST_COUNTED, Decision, EditRequest, ReviewCase, User
from edits.services.calls.saving import give_up_unsaved
from edits.services.curating.tagging import tag_edits
from edits.services.curating.trashing import purge_trash
from edits.services.queue.maintenance import return_lost, tidy, wake_for_waiting
from edits.services.reviewing import dismiss
from edits.services.reviewing.naming_authors import name_new_authors
from tests.conftest import signed_in
from tests.editors import LEASE
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, upload_of
from tests.galleries import narrowed
from tests.query_plans import plan_of, plans
from tests.test_maintenance import LATER, steady_for
from tests.test_site import site_for

NOW = timezone.now()


def cases_of(author: User, count: int, *, decided_by: User | None = None) -> None:
    """As many edits of theirs that wait for review, or whose decision they have not read."""
    upload = upload_of()
    edits = [filtered_edit_of(author, with_picture=False, upload=upload) for _ in range(count)]
    if decided_by:
        fields = {"decision": Decision.DISMISSED, "decided_by": decided_by, "decided_at": NOW}
        ReviewCase.objects.filter(edit__in=edits).update(**fields)


class TestHeader:
    def test_news_and_waiting_cases_are_found_by_their_indexes(self, rita: User) -> None:
        with plans() as found:
            assert site_for(rita).notice_count == 0
        assert "review_news" in found[-1], found[-1]
        assert "review_to_count" in found[-1], found[-1]

    def test_they_are_counted_to_a_hundred(self, alice: User, rita: User) -> None:
        cases_of(alice, MOST_COUNTED + 1)
        assert (site_for(rita).review_count, site_for(rita).review_count_words) == (100, "99+")
        cases_of(alice, MOST_COUNTED - 1, decided_by=rita)
        assert (site_for(alice).notice_count, site_for(alice).notice_count_words) == (99, "99")
        cases_of(alice, 2, decided_by=rita)
        assert (site_for(alice).notice_count, site_for(alice).notice_count_words) == (100, "99+")
        page = signed_in(alice).get(reverse("edits:settings")).content.decode()
        assert 'aria-label="99+ new notices"' in page

    def test_news_are_those_of_the_edits_owner_alone(self, alice: User, bob: User, rita: User) -> None:
        cases_of(alice, 1)
        dismiss(case=ReviewCase.objects.get(), reviewer=rita, now=NOW)
        assert (site_for(alice).notice_count, site_for(bob).notice_count) == (1, 0)


class TestCasesOfAnEarlierVersion:
    def test_their_authors_are_named_in_the_next_round(self, alice: User, rita: User) -> None:
        cases_of(alice, 2, decided_by=rita)
        ReviewCase.objects.update(author=None)
        assert site_for(alice).notice_count == 0
        name_new_authors()
        assert site_for(alice).notice_count == 2

    def test_they_are_found_by_an_index(self, db: None) -> None:
        plan = plan_of(ReviewCase.objects.filter(author__isnull=True).values_list("pk", flat=True)[:9])
        assert "review_without_author" in plan, plan


@pytest.mark.usefixtures("db")
def test_a_case_that_is_opened_has_its_author(alice: User) -> None:
    edit_of(alice)
    cases_of(alice, 1)
    assert ReviewCase.objects.get().author == alice


@pytest.mark.usefixtures("db")
class TestRounds:
    """Of a worker that has nothing to do."""

    def test_none_of_their_queries_reads_all_edits_results_or_cases(self) -> None:
        with plans() as found:
            return_lost(lease=LEASE, now=LATER, safety=steady_for(timedelta(hours=1)))
            wake_for_waiting(lease=LEASE, now=NOW)
            give_up_unsaved(lease=LEASE, now=NOW)
            tidy(lease=LEASE, now=NOW)
        for plan in found:
            for table in ("edits_editrequest", "edits_returnedimage", "edits_reviewcase", "edits_attempt"):
                assert f"Seq Scan on {table}" not in plan
                assert f"SCAN {table}" not in plan.replace(f"SCAN {table} USING", "")

    def test_each_finds_what_it_is_about_by_its_index(self) -> None:
        with plans() as found:
            return_lost(lease=LEASE, now=LATER, safety=steady_for(timedelta(hours=1)))
            give_up_unsaved(lease=LEASE, now=NOW)
            purge_trash(now=NOW)
        for plan, index in zip(found, ("edit_running", "edit_saving", "edit_purge"), strict=True):
            assert index in plan, plan


def filtered(query: str, viewer: User, *, of_team: bool = False) -> Any:
    """What a gallery lists."""
    edits = EditRequest.objects.shared() if of_team else EditRequest.objects.of(viewer).not_trashed()
    filters = Filters.read(QueryDict(query), of_team=of_team)
    return narrowed(filters, edits, viewer=viewer, moment="shared_at" if of_team else "created_at")


class TestFilters:
    @pytest.mark.parametrize(
        ("query", "indexes"),
        [("is=running", ["edit_under_way"]), ("seed=77120", ["edit_seed", "result_seed"])],
    )
    def test_what_is_rare_in_a_history_is_found_by_its_index(
        self, alice: User, query: str, indexes: list[str]
    ) -> None:
        plan = plan_of(filtered(query, alice)[:51])
        assert all(index in plan for index in indexes), plan

    @pytest.mark.parametrize("name", ["me", "bob"])
    def test_what_a_person_shares_is_read_in_its_order(self, alice: User, bob: User, name: str) -> None:
        plan = plan_of(filtered(f"by={name}", alice, of_team=True)[:51])
        assert "edit_team_by" in plan, plan
        assert "TEMP B-TREE" not in plan, plan

    @pytest.mark.parametrize("query", ["is=starred", "tag=night"])
    def test_with_many_marks_the_list_is_read_until_a_page_is_full(
        self, alice: User, monkeypatch: pytest.MonkeyPatch, query: str
    ) -> None:
        marked, _other = finished_edit_of(alice), finished_edit_of(alice)
        tag_edits(owner=alice, edits=EditRequest.objects.filter(pk=marked.pk), names=["night"])
        alice.stars.create(edit=marked, created_at=NOW)
        few = filtered(query, alice)
        monkeypatch.setattr(rare_edits, "FEW", 1)
        many = filtered(query, alice)
        assert list(few) == list(many) == [marked]
        assert "EXISTS" in str(many.query)
        assert "EXISTS" not in str(few.query)

    def test_one_edit_is_found_by_its_public_id_among_all_one_may_use(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        plan = plan_of(reusable(alice).filter(public_id=edit.public_id))
        assert "public_id" in plan or "autoindex_edits_editrequest" in plan, plan
        assert "MULTI-INDEX" not in plan, plan


class TestCounts:
    def test_a_reviewer_reads_a_place_beyond_a_hundred_as_99_plus(self, alice: User, rita: User) -> None:
        cases_of(alice, MOST_COUNTED + 1)
        last = ReviewCase.objects.select_related("edit").latest("pk")
        page = signed_in(rita).get(reverse("edits:review_case", args=[last.edit.public_id])).content.decode()
        assert "99+ of 99+" in page
        assert "101 of 101 edits stopped in 30 days" in page

    def test_tables_of_the_admin_are_counted_no_further_than_they_are_shown(
        self, alice: User, root: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(3):
            edit_of(alice)
        address = reverse("admin:edits_editrequest_changelist")
        assert "3 edit requests" in " ".join(signed_in(root).get(address).content.decode().split())
        monkeypatch.setattr(readonly, "MOST_COUNTED", 2)
        assert "2+ edit requests" in " ".join(signed_in(root).get(address).content.decode().split())
