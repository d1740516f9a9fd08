"""Tests of what a gallery's address asks for: words, terms, chips, and what is left out with a sentence."""

from datetime import date, datetime, timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from edits.forms.gallery import DEFAULT_DENSITY, Filters
from edits.forms.search_syntax import split
from edits.models import EditRequest, Status, User
from edits.services.curating.sharing import set_star
from tests.batches import batch_of
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, result_of
from tests.galleries import narrowed

TODAY = date(2026, 11, 22)


def filters(query: str, *, of_team: bool = False) -> Filters:
    """The filters of an address."""
    return Filters.read(QueryDict(query), of_team=of_team, today=TODAY)


def found(query: str, viewer: User, *, of_team: bool = False) -> set[EditRequest]:
    """What these filters leave of everything there is."""
    asked = Filters.read(QueryDict(query), of_team=of_team)
    return set(narrowed(asked, EditRequest.objects.all(), viewer=viewer))


class TestWhatIsTyped:
    @pytest.mark.parametrize(
        ("text", "pairs"),
        [
            ("red cat", [("", "red"), ("", "cat")]),
            ('"red cat" dog', [("", "red cat"), ("", "dog")]),
            ("seed:123 cat", [("seed", "123"), ("", "cat")]),
            ("SEED:123", [("seed", "123")]),
            ("seed:1\u202f284\u202f663\u202f019", [("seed", "1284663019")]),
            ("seed:1,284,663,019", [("seed", "1284663019")]),
            ('by:"Alice Lind"', [("by", "Alice Lind")]),
            ("http://example.com 8:30", [("", "http://example.com"), ("", "8:30")]),
            ("seed: cat", [("", "seed:"), ("", "cat")]),
            ("a\x00b", [("", "a"), ("", "b")]),
            ('""', []),
            ("   ", []),
        ],
    )
    def test_it_is_cut_into_words_and_terms(self, text: str, pairs: list[tuple[str, str]]) -> None:
        assert split(text) == pairs

    def test_words_and_terms_combine(self) -> None:
        asked = filters("q=red+seed:7+cat+is:starred")
        assert asked.words == ("red", "cat")
        assert asked.values == {"seed": (7,), "is": ("starred",)}
        assert not asked.ignored

    def test_nobody_has_a_name_that_a_database_cannot_be_asked_for(self) -> None:
        asked = filters("by=bob%00", of_team=True)
        assert (asked.values, len(asked.ignored)) == ({}, 1)

    @pytest.mark.parametrize(
        ("text", "size"), [("1024", "1024x1024"), ("512X512", "512x512"), ("768×768", "768x768")]
    )
    def test_a_size_may_be_named_by_its_side(self, text: str, size: str) -> None:
        assert filters(f"size={text}").values == {"size": (size,)}

    @pytest.mark.parametrize(
        ("text", "day"),
        [
            ("2026", date(2026, 1, 1)),
            ("2026-05", date(2026, 5, 1)),
            ("2026-5-3", date(2026, 5, 3)),
            ("today", TODAY),
            ("Yesterday", TODAY - timedelta(days=1)),
        ],
    )
    def test_a_date_may_be_a_year_a_month_or_a_day(self, text: str, day: date) -> None:
        assert filters(f"q=before:{text}").values == {"before": (day,)}


class TestWhatCannotBeRead:
    @pytest.mark.parametrize(
        "query",
        [
            "seed=abc",
            "seed=-1",
            "seed=99999999999",
            f"seed={'9' * 6000}",
            "seed=²",
            "size=333",
            "size=1024x768",
            "is=lost",
            "before=soon",
            "before=2026-13",
            "after=2026-02-30",
            "after=0001-01-01",
            "after=9999-12-31",
            "sort=random",
            "density=9",
            "density=x",
            "q=seed:abc",
            "q=batch:mine",
            "q=before:2026-99-99",
        ],
    )
    def test_it_is_left_out_with_a_sentence(self, query: str) -> None:
        asked = filters(query)
        assert len(asked.ignored) == 1
        assert "was ignored" in asked.ignored[0]
        assert not asked.narrows
        assert not asked.chosen
        assert asked.density == DEFAULT_DENSITY

    def test_the_rest_still_counts(self) -> None:
        asked = filters("q=cat+seed:x+is:failed")
        assert asked.words == ("cat",)
        assert asked.values == {"is": ("failed",)}

    def test_a_long_value_is_not_repeated_wholly(self) -> None:
        assert len(filters(f"is={'z' * 5000}").ignored[0]) < 200

    def test_one_sentence_is_said_once(self) -> None:
        assert len(filters("q=seed:x+seed:x&seed=x").ignored) == 1

    def test_a_history_has_no_other_people(self) -> None:
        asked = filters("q=by:bob")
        assert "Team" in asked.ignored[0]
        assert not asked.narrows
        assert not filters("q=by:me").ignored

    def test_a_very_long_search_is_cut(self) -> None:
        assert len(filters(f"q={'word+' * 5000}").text) <= 200


class TestTheAddress:
    def test_it_says_nothing_where_all_is_as_usual(self) -> None:
        assert filters("q=&after=&sort=newest&density=3").query() == ""

    def test_it_keeps_everything_that_was_asked_for(self) -> None:
        query = "is=starred&size=512x512&q=red+cat&sort=oldest&density=1"
        assert filters(query).query() in (query, "size=512x512&is=starred&q=red+cat&sort=oldest&density=1")
        assert filters(filters(query).query()) == filters(query)

    def test_chips_add_and_take_away_without_touching_what_was_typed(self) -> None:
        asked = filters("q=cat+is:starred&is=shared")
        assert asked.plus("size", "512x512").chosen == (("is", "shared"), ("size", "512x512"))
        assert asked.without("is", "shared").query() == "q=cat+is%3Astarred"
        assert asked.without("is", "failed") == asked
        assert asked.cleared().query() == ""

    def test_a_foreign_parameter_is_dropped(self) -> None:
        assert filters("utm_source=x&older=5&is=failed").query() == "is=failed"


class TestWhatIsFound:
    def test_each_word_must_stand_in_the_prompt(self, alice: User) -> None:
        both = finished_edit_of(alice, prompt="A Red hat for the cat")
        finished_edit_of(alice, prompt="a red hat")
        assert found("q=cat+red", alice) == {both}
        assert found("q=%22red+cat%22", alice) == set()

    @pytest.mark.parametrize("text", ["100%25", "a_b", "o'clock", "\\"])
    def test_signs_of_the_database_mean_themselves(self, alice: User, text: str) -> None:
        finished_edit_of(alice, prompt="plain")
        assert found(f"q={text}", alice) == set()

    def test_a_seed_is_the_one_sent_or_the_one_used(self, alice: User) -> None:
        sent = finished_edit_of(alice, seed=5)
        used = edit_of(alice, status=Status.SUCCEEDED, seed=6)
        result = result_of(used)
        type(result).objects.filter(pk=result.pk).update(seed_used=5)
        finished_edit_of(alice, seed=7)
        assert found("q=seed:5", alice) == {sent, used}

    def test_statuses_widen_and_marks_narrow(self, alice: User, bob: User) -> None:
        failed, stopped = edit_of(alice, status=Status.FAILED), filtered_edit_of(alice)
        waiting, running = edit_of(alice), edit_of(alice, status=Status.RUNNING)
        starred = finished_edit_of(alice, shared=True)
        set_star(edit=starred, user=alice, starred=True, now=timezone.now())
        shared = finished_edit_of(alice, shared=True)
        set_star(edit=shared, user=bob, starred=True, now=timezone.now())
        assert found("q=is:failed+is:filtered", alice) == {failed, stopped}
        assert found("q=is:running", alice) == {waiting, running}
        assert found("is=starred", alice) == {starred}
        assert found("is=shared", alice) == {starred, shared}
        assert found("is=shared&is=starred", bob) == {shared}
        assert found("is=starred&is=failed", alice) == set()

    def test_a_batch_is_found_by_its_id_by_its_owner_alone(self, alice: User, bob: User) -> None:
        batch, edits = batch_of(alice, [Status.QUEUED, Status.QUEUED])
        edit_of(alice)
        asked = f"q=batch:{batch.public_id}"
        assert found(asked, alice) == set(edits)
        assert found(asked, bob) == set()

    def test_sizes_widen(self, alice: User) -> None:
        small, large = finished_edit_of(alice), finished_edit_of(alice, size="1024x1024")
        finished_edit_of(alice, size="768x768")
        assert found("size=512&size=1024", alice) == {small, large}

    def test_before_leaves_its_day_out_and_after_takes_it_in(self, alice: User) -> None:
        may, june = (
            finished_edit_of(
                alice, created_at=datetime(2026, month, 1, tzinfo=timezone.get_default_timezone())
            )
            for month in (5, 6)
        )
        assert found("before=2026-06", alice) == {may}
        assert found("after=2026-06-01", alice) == {june}
        assert found("after=2026-05&before=2026-06", alice) == {may}

    def test_people_are_found_by_either_name(self, alice: User, bob: User) -> None:
        bob.first_name = "Robert"
        bob.save()
        his, hers = finished_edit_of(bob, shared=True), finished_edit_of(alice, shared=True)
        assert found("q=by:BOB", alice, of_team=True) == {his}
        assert found("q=by:robert", alice, of_team=True) == {his}
        assert found("by=me", alice, of_team=True) == {hers}
        assert found("q=bob", alice, of_team=True) == {his}
        assert found("q=by:nobody", alice, of_team=True) == set()
