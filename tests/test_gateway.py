"""A real LiteLLM proxy between Retake and a second Retake: pictures, filters, refusals, waits and repeated calls.

One test, because the proxy takes a quarter of a minute to start and 350 MB of memory.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from edits.models import Provider, ProviderModel, Status, User
from edits.providers import Answer, Client, NoPicture, NotAuthorized, ProviderError, RateLimited, ServerFailed
from edits.services.calls.running import run_edit
from edits.services.provider.connecting import client_of, provider_client
from edits.services.provider.keys import encrypt_key
from edits.services.queue.claiming import claim_next
from tests.editors import LEASE, NOW
from tests.fault_table import submitted
from tests.installation import Installation, answers, eventually, installed
from tests.litellm.proxy import KEY, PROGRAM, litellm_proxy
from tests.provider import provider
from tests.provider_calls import Provider as Small
from tests.provider_client import PICTURE, call_of
from tests.second_provider import model_at, second_provider

pytestmark = pytest.mark.processes
MODELS = ("retake", "stranger", "once", "again")


@dataclass(frozen=True)
class Chain:
    """Retake's client, the proxy, and what is behind it."""

    client: Client
    retake: Installation
    small: Small

    def ask(self, model: str, *faults: str, **options: Any) -> Answer:
        """One call; the small server plays the faults."""
        if faults:
            self.small.plan(*faults)
        return self.client.edit(call_of(model=model, **options))

    def fails(self, model: str, *faults: str, **options: Any) -> tuple[ProviderError, int]:
        """The failure of a call, and how many calls it was for the small server."""
        before = self.small.calls
        with pytest.raises(ProviderError) as caught:
            self.ask(model, *faults, **options)
        return caught.value, self.small.calls - before


@pytest.fixture
def gateway(transactional_db: None, tmp_path: Path) -> Iterator[Provider]:
    """The proxy as an administrator adds it, with a second Retake and a small server behind it."""
    if not PROGRAM.exists():
        missing = (
            f"There is no LiteLLM in {PROGRAM.parent.parent} (make install-dev), so no gateway was tested"
        )
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    with installed(tmp_path) as retake, provider() as small:
        retake.migrate()
        retake.python("from edits.models import User; answer(User.objects.create_user('bob').pk)")
        key = retake.manage("create_api_key", "bob").strip()
        places = {"RETAKE_URL": f"{retake.url}/v1", "RETAKE_KEY": key, "SMALL_URL": small.base_url}
        retake.start_all()
        with litellm_proxy(tmp_path, **places) as url:
            eventually(lambda: requests.get(f"{retake.url}/readyz", timeout=5).ok)
            eventually(lambda: answers(f"http://127.0.0.1:{retake.engine_port}/v1/models"))
            row = second_provider(
                url,
                name="Gateway",
                preset="litellm",
                encrypted_key=encrypt_key(KEY),
                stored_timeout_seconds=60,
            )
            for name in MODELS:
                model_at(row, name)
            row.chain = Chain(provider_client(row), retake, small)  # type: ignore[attr-defined]
            yield row


def test_what_comes_through_a_real_gateway(gateway: Provider, alice: User, subtests: pytest.Subtests) -> None:
    chain: Chain = gateway.chain  # type: ignore[attr-defined]
    for case in CASES:
        with subtests.test(case.__name__):
            case(chain)
    with subtests.test("an edit of the queue"):
        an_edit_of_the_queue_gets_its_picture(gateway, alice)


def the_models_are_listed(chain: Chain) -> None:
    assert set(MODELS) <= set(chain.client.models())


def a_picture_comes_whole_and_without_a_finish_reason(chain: Chain) -> None:
    straight = Client(f"{chain.retake.url}/v1", chain.retake.manage("create_api_key", "bob").strip())
    expected = straight.edit(call_of(prompt="sepia", seed=7))
    answer = chain.ask("retake", prompt="sepia", seed=7)
    assert (answer.finish_reason, answer.filtered_at, answer.seed) == ("success", "", None)
    assert answer.image == expected.image, "the same seed gives the same bytes, so the seed went through"
    assert chain.ask("retake", prompt="sepia", seed=8).image != expected.image
    assert answer.trace_id


def fields_and_references_arrive_as_they_were_sent(chain: Chain) -> None:
    chain.ask("once", "ok", seed=7, steps=4, cfg_scale=3.5, negative_prompt="blur")
    sent = chain.small.received[-1]
    assert {
        "seed": "7",
        "num_inference_steps": "4",
        "guidance_scale": "3.5",
        "negative_prompt": "blur",
        "size": "512x512",
    }.items() <= sent.fields.items()
    assert [part.data for part in sent.parts if part.filename] == [PICTURE]


def a_refused_word_is_filtered_at_the_request(chain: Chain) -> None:
    answer = chain.ask("retake", prompt="a bomb on the table")
    assert (answer.finish_reason, answer.filtered_at, answer.image) == ("content_filtered", "request", None)


def openais_moderation_is_filtered_though_it_is_wrapped(chain: Chain) -> None:
    answer = chain.ask("once", "400_moderation")
    assert (answer.filtered_at, answer.status) == ("request", 400)


def a_withheld_picture_is_no_picture_and_was_paid(chain: Chain) -> None:
    error, _ = chain.fails("retake", prompt="gore everywhere")
    assert isinstance(error, NoPicture)
    assert error.charged == "yes"


def a_wrong_key_for_the_gateway_is_the_accounts_fault(chain: Chain) -> None:
    with pytest.raises(NotAuthorized) as caught:
        replace(chain.client, api_key="sk-wrong").edit(call_of(model="once"))
    assert (caught.value.blames, caught.value.status) in {("key", 400), ("", 401)}


def a_wrong_key_behind_the_gateway_is_too(chain: Chain) -> None:
    error, _ = chain.fails("stranger")
    assert isinstance(error, NotAuthorized)
    assert error.status == 401


def a_model_that_the_gateway_does_not_have_is_named_as_the_cause(chain: Chain) -> None:
    error, calls = chain.fails("gone")
    assert isinstance(error, NotAuthorized)
    assert (error.blames, calls) == ("model", 0)


def a_wait_that_was_asked_for_behind_it_is_known(chain: Chain) -> None:
    error, calls = chain.fails("once", "429:7")
    assert isinstance(error, RateLimited)
    assert (error.retry_after, calls) == (7.0, 1)


def without_repeats_each_call_is_one(chain: Chain) -> None:
    for fault in ("500", "503", "429", "html_200", "reset_after_body"):
        _, calls = chain.fails("once", fault)
        assert calls == 1, fault


def with_repeats_one_edit_is_three_calls(chain: Chain) -> None:
    error, calls = chain.fails("again", "500")
    assert isinstance(error, ServerFailed)
    assert calls == 3


def what_a_slow_gateway_brings_may_have_been_paid_more_than_once(chain: Chain) -> None:
    chain.small.plan("ok")
    answer = replace(chain.client, one_call_seconds=1e-6).edit(call_of(model="again"))
    assert "maybe_repeated" in answer.notes
    assert "maybe_repeated" not in chain.client.edit(call_of(model="again")).notes


def a_refusal_is_shown_in_the_innermost_words(chain: Chain) -> None:
    error, calls = chain.fails("once", "400")
    assert getattr(error, "provider_message", "") == "provider says 400"
    assert calls == 1


CASES = (
    the_models_are_listed,
    a_picture_comes_whole_and_without_a_finish_reason,
    fields_and_references_arrive_as_they_were_sent,
    a_refused_word_is_filtered_at_the_request,
    openais_moderation_is_filtered_though_it_is_wrapped,
    a_withheld_picture_is_no_picture_and_was_paid,
    a_wrong_key_for_the_gateway_is_the_accounts_fault,
    a_wrong_key_behind_the_gateway_is_too,
    a_model_that_the_gateway_does_not_have_is_named_as_the_cause,
    a_wait_that_was_asked_for_behind_it_is_known,
    without_repeats_each_call_is_one,
    with_repeats_one_edit_is_three_calls,
    what_a_slow_gateway_brings_may_have_been_paid_more_than_once,
    a_refusal_is_shown_in_the_innermost_words,
)


def an_edit_of_the_queue_gets_its_picture(gateway: Provider, alice: User) -> None:
    """The whole way of the first Retake: form value, queue, client by the provider's row, stored result."""
    model = ProviderModel.objects.get(provider=gateway, name="retake")
    edit = submitted(alice, model=model, prompt="sepia")
    claimed = claim_next(lease=LEASE, now=NOW)
    assert claimed == edit
    run_edit(edit=claimed, client_for=client_of, now=lambda: NOW)
    edit.refresh_from_db()
    assert (edit.status, edit.attempts.get().charged) == (Status.SUCCEEDED, "yes")
    assert edit.result.seed_used is None, "a gateway does not tell it"
    assert edit.attempts.get().host == gateway.host
