"""Past prompts: each once however often it was used, starred first, found by its words, and gone when removed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.models import EditRequest, PastPrompt, PromptFilling, User
from edits.models.past_prompts import digest_of
from edits.services.prompts.past_prompts import (
    UNDO_TIME,
    bring_back_prompt,
    fill_past_prompts,
    fill_some,
    forget_removed_prompts,
    remember_prompts,
    remove_prompt,
    star_prompt,
)
from edits.views.past_prompts import PER_PAGE, Place, find, recent_prompts
from tests.conftest import signed_in
from tests.factories import default_model, edit_of, upload_of
from tests.pictures import photo
from tests.test_studio import post

NOW = timezone.now()
LEASE = timedelta(seconds=30)
HTMX = {"HX-Request": "true", "HX-Target": "past-prompts"}


def used(owner: User, *prompts: str, trashed: bool = False) -> None:
    """Edits with these prompts, one after the other, the first one the earliest."""
    upload = upload_of()
    for number, prompt in enumerate(prompts):
        at = NOW - timedelta(minutes=len(prompts) - number)
        remember_prompts([edit_of(owner, prompt=prompt, upload=upload, now=at)])


def texts(rows: Any) -> list[str]:
    return [row.text for row in rows]


def known(owner: User) -> dict[str, int]:
    """How often each kept prompt was used, in the order of the list."""
    rows = PastPrompt.objects.of(owner).kept().starred_first()
    return {row.text: row.uses for row in rows}


class TestCounting:
    def test_spellings_of_one_prompt_are_one_as_it_was_last_written(self, alice: User) -> None:
        used(alice, "Éclair on  a plate", "a sketch", "eclair on a plate")
        assert known(alice) == {"eclair on a plate": 2, "a sketch": 1}
        assert (
            digest_of("ÉCLAIR \n on a plate")
            == digest_of("eclair on a plate")
            != digest_of("eclair on plate")
        )

    def test_sending_an_edit_counts_its_prompt_for_its_owner_alone(self, alice: User, bob: User) -> None:
        client = signed_in(alice)
        for _ in range(2):
            assert post(client, file=photo(), prompt="a red harbor").status_code == 302
        assert (known(alice), known(bob)) == ({"a red harbor": 2}, {})

    def test_a_batch_counts_each_of_its_edits(self, alice: User) -> None:
        upload = upload_of()
        remember_prompts([edit_of(alice, prompt=words, upload=upload) for words in ("a", "b", "a")])
        assert known(alice) == {"a": 2, "b": 1} or known(alice) == {"b": 1, "a": 2}

    def test_what_is_refused_leaves_no_prompt(self, alice: User) -> None:
        client = signed_in(alice)
        assert post(client, file=b"no picture", prompt="a red harbor").status_code == 422
        assert known(alice) == {}

    @pytest.mark.parametrize("fields", [{"uses": 0}, {"text": ""}])
    def test_a_prompt_without_a_use_or_words_is_refused(self, alice: User, fields: dict[str, Any]) -> None:
        used(alice, "a sketch")
        with pytest.raises(IntegrityError, match="past_prompt_was_used"), transaction.atomic():
            PastPrompt.objects.update(**fields)

    def test_two_rows_of_one_prompt_are_refused(self, alice: User) -> None:
        used(alice, "a sketch", "a photo")
        with pytest.raises(IntegrityError, match=r"past_prompt_once|owner_id"), transaction.atomic():
            PastPrompt.objects.update(digest="d" * 64)


class TestFilling:
    """Edits of a version without the table are read by a worker, the newest first."""

    @pytest.fixture
    def library(self, alice: User) -> list[EditRequest]:
        upload, model = upload_of(), default_model()
        prompts = ["old", "twice", "thrown away", "Twice", "new"]
        edits = [
            edit_of(
                alice,
                prompt=prompt,
                upload=upload,
                model=model.name,
                now=NOW - timedelta(days=9 - number),
                trashed_at=NOW if prompt == "thrown away" else None,
            )
            for number, prompt in enumerate(prompts)
        ]
        PromptFilling.objects.update_or_create(pk=1, defaults={"below": edits[-1].pk + 1})
        return edits

    def test_the_newest_come_first_and_each_edit_counts_once(
        self, alice: User, library: list[EditRequest]
    ) -> None:
        assert fill_some(most=2) == 2
        assert known(alice) == {"new": 1, "Twice": 1}
        assert fill_past_prompts(lease=LEASE, now=NOW) == 3
        assert known(alice) == {"new": 1, "Twice": 2, "old": 1}
        assert fill_past_prompts(lease=LEASE, now=NOW) == 0
        assert known(alice) == {"new": 1, "Twice": 2, "old": 1}

    def test_edits_that_are_sent_meanwhile_are_not_counted_twice(
        self, alice: User, library: list[EditRequest]
    ) -> None:
        used(alice, "old", "later")
        fill_past_prompts(lease=LEASE, now=NOW)
        assert known(alice) == {"later": 1, "old": 2, "new": 1, "Twice": 2}

    def test_a_prompt_that_was_removed_meanwhile_stays_away(
        self, alice: User, library: list[EditRequest]
    ) -> None:
        fill_some(most=2)
        twice = PastPrompt.objects.get(text="Twice")
        remove_prompt(owner=alice, pk=twice.pk, now=NOW)
        assert forget_removed_prompts(lease=LEASE, now=NOW + 2 * UNDO_TIME) == 0
        fill_past_prompts(lease=LEASE, now=NOW)
        assert known(alice) == {"new": 1, "old": 1}
        assert forget_removed_prompts(lease=LEASE, now=NOW + 2 * UNDO_TIME) == 1


class TestTheList:
    def test_starred_ones_come_first_and_pages_leave_nothing_out(self, alice: User) -> None:
        used(alice, *(f"prompt {number}" for number in range(PER_PAGE + 5)))
        for text in ("prompt 3", "prompt 9"):
            assert star_prompt(owner=alice, pk=PastPrompt.objects.get(text=text).pk, starred=True)
        first = find(alice, words="", place=None)
        assert texts(first.rows)[:3] == ["prompt 9", "prompt 3", f"prompt {PER_PAGE + 4}"]
        assert first.more
        second = find(alice, words="", place=Place.read(str(first.more)))
        assert len({*texts(first.rows), *texts(second.rows)}) == PER_PAGE + 5
        assert second.more is None

    def test_a_page_after_a_starred_one_goes_on_with_starred_ones(self, alice: User) -> None:
        used(alice, "a", "b", "c")
        PastPrompt.objects.exclude(text="c").update(is_starred=True)
        place = Place.of(PastPrompt.objects.get(text="b"))
        assert texts(find(alice, words="", place=place).rows) == ["a", "c"]

    def test_all_words_are_looked_for_in_any_spelling(self, alice: User, bob: User) -> None:
        used(alice, "Make it Éclair blue", "blue sky", "100% grain", "把天空变成蓝色")
        used(bob, "blue eclair of Bob")
        assert texts(find(alice, words="BLUE éclair", place=None).rows) == ["Make it Éclair blue"]
        assert texts(find(alice, words="0%", place=None).rows) == ["100% grain"]
        assert texts(find(alice, words="天空", place=None).rows) == ["把天空变成蓝色"]
        assert find(alice, words="nothing", place=None).rows == []

    def test_a_search_reads_a_part_and_goes_on_from_there(self, alice: User) -> None:
        used(alice, "rare harbor", *(f"prompt {number}" for number in range(5)))
        first = find(alice, words="harbor", place=None, looked_through=4)
        assert (first.rows, first.is_cut) == ([], True)
        second = find(alice, words="harbor", place=first.more, looked_through=4)
        assert (texts(second.rows), second.is_cut) == (["rare harbor"], False)

    def test_recent_ones_are_those_of_the_last_use_whatever_is_starred(self, alice: User) -> None:
        used(alice, "first", "second")
        PastPrompt.objects.filter(text="first").update(is_starred=True)
        assert recent_prompts(alice) == ["second", "first"]

    @pytest.mark.parametrize("text", ["", "2-1-1", "1--1", "1-1-x", "1-1-" + "9" * 30, "-1-1", "1-x-1"])
    def test_a_place_that_is_none_is_the_beginning(self, text: str) -> None:
        assert Place.read(text) is None

    def test_pages_are_read_in_the_order_of_an_index(self, alice: User) -> None:
        used(alice, "a", "b")
        place = Place.of(PastPrompt.objects.get(text="a"))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            find(alice, words="", place=None)
            find(alice, words="", place=place)
            recent_prompts(alice)
        if connection.vendor == "sqlite":
            for query in asked:
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                    plan = " ".join(str(row[3]) for row in cursor.fetchall())
                assert "past_prompt_" in plan, plan
                assert "TEMP B-TREE" not in plan, plan


class TestPages:
    def test_the_page_works_without_script(self, alice: User, bob: User) -> None:
        used(alice, "a red harbor", "a sketch")
        used(bob, "Bob's secret")
        client = signed_in(alice)
        page = client.get("/prompts/?q=harbor").content.decode()
        assert "a red harbor" in page
        assert "a sketch" not in page
        assert "secret" not in client.get("/prompts/").content.decode()
        pk = PastPrompt.objects.get(text="a red harbor").pk
        assert client.get(f"/?past={pk}").context["values"]["prompt"] == "a red harbor"

    def test_a_past_prompt_goes_into_what_was_entered_and_keeps_its_picture(self, alice: User) -> None:
        used(alice, "a red harbor")
        client, pk = signed_in(alice), PastPrompt.objects.get().pk
        client.post("/draft/", {"prompt": "half", "source": "sample:cat", "steps": "11", "revision": 0})
        context = client.get(f"/?past={pk}").context
        assert (context["values"]["prompt"], context["values"]["steps"]) == ("a red harbor", "11")
        assert context["card"] is not None

    def test_starring_and_removing_have_their_answers_in_place(self, alice: User) -> None:
        used(alice, "a red harbor")
        client, pk = signed_in(alice), PastPrompt.objects.get().pk
        starred = client.post(f"/prompts/{pk}/star/", {"starred": "1"}, headers=HTMX)
        assert 'aria-pressed="true"' in starred.content.decode()
        removed = client.post(f"/prompts/{pk}/remove/", headers=HTMX)
        assert f"/prompts/{pk}/bring-back/" in removed.content.decode()
        assert recent_prompts(alice) == []
        assert "a red harbor" in client.post(f"/prompts/{pk}/bring-back/", headers=HTMX).content.decode()
        assert PastPrompt.objects.kept().get().is_starred

    def test_using_a_removed_prompt_again_brings_it_back(self, alice: User) -> None:
        used(alice, "a red harbor")
        remove_prompt(owner=alice, pk=PastPrompt.objects.get().pk, now=NOW)
        used(alice, "a red harbor")
        assert known(alice) == {"a red harbor": 2}

    def test_what_was_removed_is_gone_after_a_day(self, alice: User) -> None:
        used(alice, "a red harbor", "a sketch")
        pk = PastPrompt.objects.get(text="a red harbor").pk
        remove_prompt(owner=alice, pk=pk, now=NOW)
        assert forget_removed_prompts(lease=LEASE, now=NOW + UNDO_TIME / 2) == 0
        assert forget_removed_prompts(lease=LEASE, now=NOW + UNDO_TIME * 2) == 1
        assert not bring_back_prompt(owner=alice, pk=pk)
        assert known(alice) == {"a sketch": 1}

    def test_nobody_elses_exist(self, alice: User, bob: User, root: User) -> None:
        used(alice, "a red harbor")
        pk = PastPrompt.objects.get().pk
        for person in (bob, root):
            client = signed_in(person)
            calls = [client.post(f"/prompts/{pk}/{what}/") for what in ("star", "remove", "bring-back")]
            assert [call.status_code for call in [*calls, client.get(f"/?past={pk}")]] == [404] * 4
        assert known(alice) == {"a red harbor": 1}
