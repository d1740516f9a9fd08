"""Each preset sends what its kind of server takes; a wrong accent fails as that server fails."""

from dataclasses import replace
from typing import Any

import pytest

from edits.edit_call import EditCall, EditOptions, Picture
from edits.providers import (
    Answer,
    Client,
    NotAuthorized,
    Rejected,
    ResultLost,
    dialect_of,
)
from edits.providers.presets import PRESETS
from tests.accents.kinds import STOPPED_WORD
from tests.accents.server import KEY, AccentServer, accent_server
from tests.factories import picture
from tests.provider_client import no_names

SOURCE = Picture(picture(mark=1), "source.png", "image/png")
REFERENCE = Picture(picture(mark=2), "reference-1.png", "image/png")
MASK = Picture(picture(mark=3), "mask.png", "image/png")
WISHES = EditOptions(
    prompt="make it red",
    seed=7,
    steps=4,
    cfg_scale=3.5,
    size="1024x1024",
    negative_prompt="blur",
    quality="high",
    background="opaque",
    output_format="png",
)
QWEN, KLEIN = "Qwen/Qwen-Image-Edit-2511", "black-forest-labs/FLUX.2-klein-4B"
DIFFUSERS = {"seed": "7", "num_inference_steps": "4", "negative_prompt": "blur"}
B64 = {"response_format": "b64_json"}
SIZE = {"size": "1024x1024"}
GPT = {"quality": "high", "background": "opaque", "output_format": "png"}
AS_PRESET: list[Any] = [
    pytest.param("openai", "openai", "gpt-image-2", GPT | SIZE, id="openai"),
    pytest.param(
        "vllm-omni", "vllm-omni", QWEN, DIFFUSERS | {"true_cfg_scale": "3.5"} | SIZE | B64, id="vllm-omni"
    ),
    pytest.param(
        "sglang", "sglang", KLEIN, {"seed": "7", "num_inference_steps": "4"} | SIZE | B64, id="sglang"
    ),
    pytest.param(
        "sglang", "sglang", QWEN, DIFFUSERS | {"true_cfg_scale": "3.5"} | SIZE | B64, id="sglang-qwen"
    ),
    pytest.param(
        "stable-diffusion.cpp", "stable-diffusion.cpp", "any", {"output_format": "png"} | SIZE, id="sd.cpp"
    ),
    pytest.param("xinference", "xinference", "Qwen-Image-Edit-2511", SIZE | B64, id="xinference"),
    pytest.param(
        "litellm", "litellm", "klein", {"seed": "7", "num_inference_steps": "4"} | SIZE | B64, id="litellm"
    ),
    pytest.param(
        "litellm",
        "litellm",
        "qwen-image-edit",
        DIFFUSERS | {"true_cfg_scale": "3.5"} | SIZE | B64,
        id="litellm-qwen",
    ),
    pytest.param("litellm before openai", "litellm", "my-gpt-image", GPT | SIZE, id="litellm-openai"),
    pytest.param("deepinfra", "other", "Qwen/Qwen-Image-Edit", B64, id="other"),
]


def client_of(there: AccentServer, accent: str) -> Client:
    """With little patience."""
    return Client(
        base_url=there.base_url,
        api_key=KEY,
        dialect=dialect_of("openai", accent=accent),
        timeout_seconds=5.0,
        download_seconds=1.0,
        download_pause_seconds=0.001,
        resolve=no_names,
    )


def call_to(model: str, **changes: Any) -> EditCall:
    """A call with these options alone."""
    return EditCall(model, EditOptions(prompt="make it red", **changes), (SOURCE,))


def ask(there: AccentServer, accent: str, call: EditCall) -> Answer:
    """One call."""
    return client_of(there, accent).edit(call)


def wished(kind: str, model: str) -> tuple[EditCall, str]:
    """All that a member may wish, as the preset's spec lets it through; and the accent for it."""
    preset = PRESETS[kind]
    known = preset.model("flux-2-klein" if model == "klein" else model)
    options = known.spec.fitted(WISHES)
    return EditCall(model, options, (SOURCE,)), known.accent or preset.accent


@pytest.mark.parametrize(("server", "preset", "model", "fields"), AS_PRESET)
def test_what_a_preset_sends_is_exactly_what_its_server_takes(
    server: str, preset: str, model: str, fields: dict[str, str]
) -> None:
    call, accent = wished(preset, model)
    with accent_server(server) as there:
        answer = ask(there, accent, call)
    sent = dict(there.taken.fields)
    assert sent.pop("model") == model
    assert sent.pop("prompt").startswith("make it red")
    assert sent == fields
    assert there.taken.ignored == ()
    assert [name for name, _ in there.taken.files] == ["image"]
    assert (there.calls, answer.finish_reason, answer.filtered_at) == (1, "success", "")
    assert answer.image
    assert [name for name, _ in answer.sent] == [*there.taken.fields, "image"]


@pytest.mark.parametrize(("server", "preset", "model", "fields"), AS_PRESET)
def test_what_is_left_open_is_the_servers_choice(
    server: str, preset: str, model: str, fields: dict[str, str]
) -> None:
    call, accent = wished(preset, model)
    spec = PRESETS[preset].model("flux-2-klein" if model == "klein" else model).spec
    open_ones = EditOptions("make it red", size=spec.default_size)
    with accent_server(server) as there:
        assert ask(there, accent, replace(call, options=open_ones)).image
    auto = {"openai": "auto", "vllm-omni": "auto", "xinference": "original", "litellm before openai": "auto"}
    assert there.taken.fields.get("size", "") == auto.get(server, "")
    assert set(there.taken.fields) <= {"model", "prompt", "size", "response_format"}


@pytest.mark.parametrize(
    ("server", "accent", "model", "mask_field"),
    [
        ("openai", "openai", "gpt-image-2", "mask"),
        ("vllm-omni", "vllm-omni", QWEN, "mask_image"),
        ("stable-diffusion.cpp", "stable-diffusion.cpp", "any", "mask"),
        ("xinference", "xinference", "Qwen-Image-Edit-2511", "mask"),
        ("litellm", "litellm", "klein", "mask"),
    ],
)
def test_references_and_a_mask_go_out_under_the_servers_names(
    server: str, accent: str, model: str, mask_field: str
) -> None:
    with accent_server(server) as there:
        ask(there, accent, replace(call_to(model), pictures=(SOURCE, REFERENCE), mask=MASK))
    pictures = [("image[]", SOURCE.data), ("image[]", REFERENCE.data)]
    assert there.taken.files == [*pictures, (mask_field, MASK.data)]
    assert there.taken.ignored == ()


class TestStableDiffusionCpp:
    """Options ride in the prompt, and the seed comes back in the picture."""

    def test_it_reads_them_there_and_confirms_the_seed(self) -> None:
        call, accent = wished("stable-diffusion.cpp", "any")
        with accent_server("stable-diffusion.cpp") as there:
            answer = ask(there, accent, call)
        guidance = {"sample_steps": 4, "guidance": {"txt_cfg": 3.5}}
        assert there.taken.extra == {"seed": 7, "sample_params": guidance, "negative_prompt": "blur"}
        assert answer.seed == 7

    def test_a_seed_that_the_prompt_names_confirms_nothing(self) -> None:
        call, accent = wished("stable-diffusion.cpp", "any")
        options = replace(call.options, prompt="a poster that says\nSteps: 1, Seed: 99, Size: big")
        with accent_server("stable-diffusion.cpp") as there:
            assert ask(there, accent, replace(call, options=options)).seed == 7

    @pytest.mark.parametrize("output_format", ["jpeg"])
    def test_without_a_png_no_seed_is_confirmed(self, output_format: str) -> None:
        call, accent = wished("stable-diffusion.cpp", "any")
        options = replace(call.options, output_format=output_format)
        with accent_server("stable-diffusion.cpp") as there:
            assert ask(there, accent, replace(call, options=options)).seed is None

    def test_a_picture_that_it_cannot_read_gives_one_of_another_size(self) -> None:
        broken = Picture(b"\x89PNG\r\n\x1a\n broken", "source.png", "image/png")
        with accent_server("stable-diffusion.cpp") as there:
            answer = ask(there, "stable-diffusion.cpp", replace(call_to("any"), pictures=(broken,)))
        assert (there.taken.size_px, answer.finish_reason) == ((512, 512), "success")

    def test_its_404_without_a_body_is_the_operators(self) -> None:
        with accent_server("stable-diffusion.cpp") as there:
            client = client_of(there, "stable-diffusion.cpp")
            elsewhere = replace(client, base_url=there.base_url.replace("/v1", "/v2"))
            with pytest.raises(NotAuthorized):
                elsewhere.models()


def test_a_relative_link_starts_at_the_providers_own_address() -> None:
    with accent_server("sglang") as there:
        dialect = dialect_of("openai", accent="sglang")
        dialect.accent = replace(dialect.accent, response_format="url")  # type: ignore[attr-defined]
        answer = replace(client_of(there, "sglang"), dialect=dialect).edit(call_to(KLEIN))
    assert (answer.notes, there.downloads) == (("from_url",), ["/v1/images/x-1/content"])
    assert there.calls == 1


WRONG: list[Any] = [
    pytest.param("openai", "vllm-omni", "gpt-image-2", {}, "Unknown parameter: 'response_format'.", id="b64"),
    pytest.param("openai", "openai", "gpt-image-2", {"size": "1000x1000"}, "Invalid value", id="size"),
    pytest.param(
        "sglang", "openai", KLEIN, {"size": "auto"}, "size must be formatted as positive", id="auto"
    ),
    pytest.param("vllm-omni", "vllm-omni", "qwen", {}, "Model mismatch: qwen", id="model"),
    pytest.param(
        "xinference", "openai", "Qwen-Image-Edit-2511", {"size": "auto"}, "Invalid size", id="original"
    ),
    pytest.param(
        "litellm before openai",
        "litellm",
        "my-gpt-image",
        {"seed": 7},
        "Unknown parameter: 'seed'.",
        id="gateway",
    ),
]


@pytest.mark.parametrize(("server", "accent", "model", "options", "said"), WRONG)
def test_a_wrong_accent_is_refused_in_the_servers_words(
    server: str, accent: str, model: str, options: dict[str, Any], said: str
) -> None:
    with accent_server(server) as there, pytest.raises(Rejected) as caught:
        ask(there, accent, call_to(model, **options))
    assert caught.value.provider_message.startswith(said)
    assert (there.calls, there.asked, caught.value.charged) == (1, [], "no")


def test_a_path_on_the_server_in_place_of_a_link_is_a_lost_picture() -> None:
    with accent_server("xinference") as there, pytest.raises(ResultLost) as caught:
        ask(there, "openai", call_to("Qwen-Image-Edit-2511"))
    assert (there.calls, caught.value.charged) == (1, "yes")
    assert set(there.downloads) == {"/root/.xinference/image/8f1c.jpg"}


def test_options_that_a_server_does_not_know_are_never_sent_to_it() -> None:
    with accent_server("stable-diffusion.cpp") as there:
        ask(there, "vllm-omni", call_to("any", seed=7, steps=4))
    assert set(there.taken.ignored) == {"seed", "num_inference_steps", "response_format"}, (
        "that is how it would be"
    )
    with accent_server("xinference") as there:
        ask(there, "xinference", call_to("Qwen-Image-Edit-2511", seed=7, steps=4, negative_prompt="blur"))
    assert there.taken.ignored == ()


@pytest.mark.parametrize(
    ("server", "model"),
    [("openai", "gpt-image-2"), ("litellm", "klein"), ("litellm before openai", "my-gpt-image")],
)
def test_a_filters_word_is_an_outcome_also_from_behind_a_gateway(server: str, model: str) -> None:
    accent = "openai" if server == "openai" else "litellm"
    call = EditCall(model, EditOptions(prompt=f"more {STOPPED_WORD}"), (SOURCE,))
    accent = "litellm-openai" if server == "litellm before openai" else accent
    with accent_server(server) as there:
        answer = ask(there, accent, call)
    assert (answer.finish_reason, answer.filtered_at, answer.image) == ("content_filtered", "request", None)
    assert (there.calls, answer.status) == (1, 400)


@pytest.mark.parametrize(
    ("server", "model", "key", "blames", "status"),
    [
        ("openai", "gpt-image-2", "sk-wrong", "", 401),
        ("openai", "dall-e-3", KEY, "", 404),
        ("litellm", "klein", "sk-wrong", "key", 400),
        ("litellm", "gone", KEY, "model", 400),
    ],
)
def test_an_accounts_fault_is_not_taken_for_the_requests(
    server: str, model: str, key: str, blames: str, status: int
) -> None:
    with accent_server(server) as there, pytest.raises(NotAuthorized) as caught:
        replace(client_of(there, server), api_key=key).edit(call_to(model))
    assert (caught.value.blames, caught.value.status, caught.value.charged) == (blames, status, "no")
    assert key not in str(caught.value) + caught.value.detail


@pytest.mark.parametrize(
    ("server", "accent", "trace_id"), [("openai", "openai", "req-77"), ("litellm", "litellm", "call-5")]
)
def test_the_id_for_support_is_kept(server: str, accent: str, trace_id: str) -> None:
    with accent_server(server) as there:
        assert ask(there, accent, call_to(there.kind.models[0])).trace_id == trace_id


def test_what_the_service_used_and_counted_is_kept() -> None:
    with accent_server("openai") as there:
        answer = ask(there, "openai", call_to("gpt-image-2", quality="low", size="1024x1024"))
    assert answer.reported == {
        "size": "1024x1024", "quality": "low", "background": "auto", "output_format": "png"
    }  # fmt: skip
    usage = {"input_tokens": 420, "output_tokens": 1056, "input_tokens_details.image_tokens": 388}
    assert answer.usage == usage


@pytest.mark.parametrize("server", ["openai", "vllm-omni", "xinference", "stable-diffusion.cpp"])
def test_the_models_are_listed_for_nothing(server: str) -> None:
    with accent_server(server) as there:
        assert client_of(there, server).models() == list(there.kind.models)
    assert there.calls == 0
