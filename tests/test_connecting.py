"""The client for a provider's row: whose address, dialect, accent and patience it has."""

from datetime import timedelta

import pytest

from edits.models import Provider, User
from edits.providers.dialects.openai import OpenAIDialect
from edits.providers.dialects.stepfun import StepFunDialect
from edits.services.provider.connecting import client_of, longest_seconds, provider_client
from edits.services.provider.keys import encrypt_key
from edits.services.queue.claiming import AFTER_TIMEOUT, QueueLimits
from tests.factories import edit_of
from tests.second_provider import model_at, second_provider


def test_an_edits_client_speaks_the_accent_of_its_model(alice: User) -> None:
    gpu = second_provider(preset="vllm-omni", encrypted_key=encrypt_key("sk-gpu"))
    model_at(gpu, "qwen", accent="vllm-omni-true-cfg")
    model_at(gpu, "klein")
    fields = {}
    for name in ("qwen", "klein"):
        client = client_of(edit_of(alice, provider=gpu, model=name))
        assert isinstance(client.dialect, OpenAIDialect)
        assert (client.base_url, client.api_key) == (gpu.base_url, "sk-gpu")
        fields[name] = client.dialect.accent.fields["cfg_scale"]
    assert fields == {"qwen": "true_cfg_scale", "klein": "guidance_scale"}


def test_the_settings_provider_speaks_stepfuns_dialect(alice: User) -> None:
    assert isinstance(client_of(edit_of(alice)).dialect, StepFunDialect)


@pytest.mark.parametrize(("preset", "times"), [("litellm", 2), ("other", 1), ("openai", 1)])
def test_a_gateway_that_repeats_calls_is_waited_for_longer_and_said_to_be_late(
    preset: str, times: int, db: None
) -> None:
    row = second_provider(preset=preset, stored_timeout_seconds=100)
    client = provider_client(row)
    assert (client.timeout_seconds, longest_seconds(row)) == (100 * times, 100 * times)
    assert client.one_call_seconds == (100 if times > 1 else None)
    assert QueueLimits.of(row).longest_call == timedelta(seconds=100 * times) + AFTER_TIMEOUT


def test_no_key_is_sent_where_there_is_none(db: None) -> None:
    assert provider_client(second_provider()).api_key == ""
    assert provider_client(Provider.objects.get(from_settings=True)).one_call_seconds is None
