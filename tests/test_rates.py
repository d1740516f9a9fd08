"""Rates: what became of the latest edits of presets and models, as a worker counts them, and shown of enough."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from edits.models import PresetUse, PromptPreset, ProviderModel, Rates, Star, Status, User
from edits.services.prompts.rates import DAYS, FRESH, MOST, Outcome, count_rates, rates_of
from edits.templatetags.prompt_tags import rate_words
from tests.conftest import signed_in
from tests.factories import edit_of, upload_of
from tests.test_prompt_presets import LEASE, NOW, preset_of


def edits(owner: User, preset: PromptPreset, *statuses: Status, **fields: Any) -> None:
    """Edits that were made with the preset."""
    upload = upload_of()
    for status in statuses:
        edit = edit_of(owner, status=status, upload=upload, **fields)
        PresetUse.objects.create(edit=edit, preset=preset)


def counted(preset: PromptPreset, *, after: timedelta = timedelta(0)) -> Rates | None:
    """The rates after a worker's round."""
    count_rates(lease=LEASE, now=timezone.now() + after)
    preset.refresh_from_db()
    return preset.rates


DONE, FILTERED, FAILED = Status.SUCCEEDED, Status.FILTERED, Status.FAILED


def test_each_outcome_is_counted_of_presets_and_models(alice: User, bob: User) -> None:
    preset = preset_of(alice, shared=True)
    edits(alice, preset, DONE, DONE, FILTERED, FAILED, Status.CANCELED, Status.QUEUED)
    edits(bob, preset, DONE)
    first, second = PresetUse.objects.filter(edit__status=DONE).order_by("edit")[:2]
    for person in (alice, bob):
        Star.objects.create(user=person, edit=first.edit, created_at=NOW)
    edit_of(alice, rerun_of=second.edit)
    edit_of(alice, rerun_of=second.edit)
    assert counted(preset) == Rates(edits=5, done=3, filtered=1, kept=1, repeated=1)
    assert ProviderModel.objects.get(name="step-1x-edit").rates == Rates(5, 3, 1, 1, 1)


def test_fewer_than_five_say_nothing(alice: User) -> None:
    preset = preset_of(alice)
    edits(alice, preset, *[DONE] * 4)
    assert counted(preset) is None
    edits(alice, preset, DONE)
    assert counted(preset) is None  # not yet: it was counted just now
    assert counted(preset, after=FRESH * 2) == Rates(edits=5, done=5)


def test_only_the_latest_count() -> None:
    now = timezone.now()
    rows = [Outcome(DONE, now, False, False)] * (MOST - 1)
    rows += [Outcome(FILTERED, now - timedelta(days=1), False, False), Outcome(FAILED, now, False, False)]
    assert rates_of(rows, now=now) == Rates(edits=MOST, done=MOST - 1, filtered=1)
    assert rates_of([Outcome(DONE, now - DAYS, True, True)], now=now) == Rates()


def test_a_round_with_nothing_to_count_only_reads(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    preset_of(alice)
    count_rates(lease=LEASE, now=NOW)
    with django_assert_num_queries(2):
        count_rates(lease=LEASE, now=NOW + FRESH / 2)


@pytest.mark.parametrize(("number", "is_shown"), [(4, False), (5, True)])
def test_they_are_shown_where_one_chooses(alice: User, number: int, is_shown: bool) -> None:
    preset = preset_of(alice)
    edits(alice, preset, *[DONE] * number)
    count_rates(lease=LEASE, now=timezone.now())
    words = rate_words(Rates(edits=number, done=number))
    assert (words in signed_in(alice).get("/presets/").content.decode()) is is_shown
