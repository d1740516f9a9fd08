"""The fault table for the openai dialect: calls are counted, and each outcome is compared in full."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from edits.models import Provider, ProviderModel, Reason, ReturnedImage, ReviewCase, Status, User
from edits.providers import dialect_of
from edits.services.calls.picture_warnings import UNEXPECTED_SIZE
from tests.conftest import signed_in
from tests.editors import NOW
from tests.fault_table import Outcome, Row, check, good, played, submitted, useless, worked_off
from tests.provider import provider
from tests.provider_client import client_of
from tests.second_provider import model_at, second_provider
from tests.test_fault_table_answers import GOOD, USELESS
from tests.test_fault_table_answers import NO_PICTURE as NOT_A_PICTURE
from tests.test_fault_table_connections import CONNECTIONS
from tests.test_fault_table_refusals import REFUSALS, account, refused, stopped, then_done

LITELLM = {"dialect": dialect_of("openai", accent="litellm")}
OPENAI = {"dialect": dialect_of("openai", accent="openai")}
EMPTY = ["no_data", "data_null", "empty_data", "url_null", "neither", "b64_empty", "b64_null", "gateway_null"]


def at_gpu(row: Row) -> Row:
    """The same row for a provider that is called GPU."""
    return replace(row, card=row.card.replace("StepFun", "GPU"))


def without_picture(fault: str) -> Row:
    """Paid for, and perhaps a filter's doing."""
    return Row(
        fault,
        calls=1,
        status=Status.FAILED,
        reason=Reason.NO_PICTURE,
        charged="yes",
        card="The service returned no picture",
        detail="Services do this when a filter stops the edit. It was probably charged.",
    )


def withheld(fault: str) -> Row:
    """A filter's word in the answer."""
    return replace(stopped(fault), charged="yes")


@pytest.fixture
def flux(db: None) -> ProviderModel:
    """A model of another provider than that of the settings."""
    return model_at(second_provider())


def ended(row: Row, owner: User, model: ProviderModel, **client: Any) -> Outcome:
    """The row played to its end and checked; the provider of the settings has nothing to do with it."""
    with played(
        row, owner, model=model, **({"dialect": dialect_of("openai", accent="other")} | client)
    ) as outcome:
        check(at_gpu(row), outcome)
        first = Provider.objects.get(from_settings=True)
        assert (first.held_since, first.paused_until, first.verified_at) == (None, None, None)
        return outcome


def one_of_each(rows: Sequence[Row]) -> list[Row]:
    """The first row of each end: which statuses come to the same is no matter of the dialect."""
    return list(
        {str(astuple(replace(row, fault="", client={}, source=b""))): row for row in reversed(rows)}.values()
    )


@pytest.mark.parametrize("row", one_of_each([*REFUSALS, *CONNECTIONS]), ids=str)
def test_refusals_and_connections_end_as_for_stepfun(row: Row, alice: User, flux: ProviderModel) -> None:
    ended(row, alice, flux)


@pytest.mark.parametrize("row", [good(fault) for fault in (*GOOD, "finish_missing", "finish_null")], ids=str)
def test_a_picture_is_delivered_whatever_is_odd_beside_it(row: Row, alice: User, flux: ProviderModel) -> None:
    ended(row, alice, flux)


@pytest.mark.parametrize(
    "row", [useless(fault) for fault in (*USELESS, *NOT_A_PICTURE) if fault not in EMPTY], ids=str
)
def test_an_answer_that_nobody_can_read_is_paid_once(row: Row, alice: User, flux: ProviderModel) -> None:
    ended(row, alice, flux)


@pytest.mark.parametrize("row", [without_picture(fault) for fault in EMPTY], ids=str)
def test_an_answer_without_a_picture_is_never_repeated(row: Row, alice: User, flux: ProviderModel) -> None:
    outcome = ended(row, alice, flux)
    assert outcome.card.may_cost_again
    assert not ReviewCase.objects.exists()


@pytest.mark.parametrize(
    ("fault", "has_picture"),
    [
        ("filtered_image", True),
        ("filtered_null", False),
        ("moderated", True),
        ("moderated_empty", False),
        ("nsfw", True),
    ],
)
def test_no_byte_of_what_a_filter_stopped_comes_out(
    fault: str, has_picture: bool, alice: User, bob: User, flux: ProviderModel, media_root: Path
) -> None:
    edit = ended(withheld(fault), alice, flux).edit
    assert ReturnedImage.objects.filter(withheld=True).count() == has_picture
    assert not list((media_root / "results").rglob("*.*"))
    assert ReviewCase.objects.get().edit_id == edit.pk
    for person in (alice, bob):
        assert signed_in(person).get(reverse("edits:result", args=[edit.public_id])).status_code == 404


@pytest.mark.parametrize(
    "fault", ["451", "403_content", "403_inspected", "400_moderation", "400_nested", "400_python"]
)
def test_a_filters_word_stops_the_request_also_from_inside_other_words(
    fault: str, alice: User, flux: ProviderModel
) -> None:
    outcome = ended(stopped(fault), alice, flux)
    assert outcome.edit.filtered_at_stage == "request"
    assert (outcome.there.charged, outcome.edit.message) == (0, "")
    assert ReviewCase.objects.count() == 1


def test_of_a_refusal_inside_a_refusal_the_innermost_words_are_shown(
    alice: User, flux: ProviderModel
) -> None:
    outcome = ended(refused("400_wrapped", "It says: the size is wrong"), alice, flux)
    assert "{" not in outcome.card.sentence


@pytest.mark.parametrize(
    ("fault", "client", "words"),
    [
        ("429_quota", OPENAI, "balance"),
        ("400_no_db", LITELLM, "refused the key"),
        ("400_no_model", LITELLM, "the model was not found"),
    ],
)
def test_the_accounts_faults_hold_this_provider_and_say_what_to_do(
    fault: str, client: dict[str, Any], words: str, alice: User, flux: ProviderModel
) -> None:
    ended(account(fault), alice, flux, **client)
    assert words in Provider.objects.get(name="GPU").held_reason


def test_a_gateways_own_header_says_how_long_to_wait(alice: User, flux: ProviderModel) -> None:
    outcome = ended(then_done("429_gateway"), alice, flux, **LITELLM)
    assert outcome.at - NOW == timedelta(seconds=9)


def test_a_relative_link_is_followed_to_the_providers_own_address(alice: User, flux: ProviderModel) -> None:
    outcome = ended(good("relative_link"), alice, flux)
    assert [each.path for each in outcome.there.downloads] == ["/files/ok/1.png"]
    assert "from_url" in outcome.edit.attempts.get().detail


class TestUnexpectedSize:
    """The model promises 512x512: it is delivered whatever its size, and far from it with a note."""

    @pytest.mark.parametrize(
        ("size_px", "noted"),
        [
            ((512, 512), False),
            ((528, 500), False),
            ((537, 487), False),
            ((538, 512), True),
            ((512, 486), True),
            ((256, 256), True),
            ((96, 64), True),
        ],
    )
    def test_more_than_five_percent_off_in_either_side_is_noted(
        self, size_px: tuple[int, int], noted: bool, alice: User, flux: ProviderModel
    ) -> None:
        with provider() as there, provider() as elsewhere:
            there.picture_px = size_px
            client = client_of(there, dialect=dialect_of("openai", accent="other"))
            outcome = worked_off(submitted(alice, model=flux), client, there=there, elsewhere=elsewhere)
        check(good("ok"), outcome)
        result = outcome.edit.result
        assert (result.width_px, result.height_px) == size_px
        assert (UNEXPECTED_SIZE in outcome.edit.attempts.get().detail) is noted


def test_a_slow_gateway_may_have_been_paid_more_than_once(alice: User, flux: ProviderModel) -> None:
    edit = ended(good("ok"), alice, flux, **LITELLM, one_call_seconds=1e-9).edit
    assert "maybe_repeated" in edit.attempts.get().detail


def test_a_quick_one_was_paid_once(alice: User, flux: ProviderModel) -> None:
    edit = ended(good("ok"), alice, flux, **LITELLM, one_call_seconds=60.0).edit
    assert "maybe_repeated" not in edit.attempts.get().detail


def test_a_slow_failure_says_it_as_well(alice: User, flux: ProviderModel) -> None:
    row = refused("400", "It says: provider says 400")
    edit = ended(row, alice, flux, **LITELLM, one_call_seconds=1e-9).edit
    assert edit.attempts.get().detail.startswith("maybe_repeated, ")
