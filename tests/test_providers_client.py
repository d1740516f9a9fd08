"""What goes over the wire to the provider, and what the client never does."""

import threading

import pytest

from edits.providers import NotAuthorized, ProviderError, RateLimited, Unreachable, Unusable
from tests.provider import provider
from tests.provider_client import KEY, PICTURE, PROMPT, ask, client_of


def test_it_sends_the_fields_of_the_documentation_page_and_the_picture_last() -> None:
    with provider() as p:
        ask(client_of(p))
    [request] = p.received
    assert (request.method, request.path) == ("POST", "/v1/images/edits")
    assert request.fields == {
        "model": "step-1x-edit",
        "prompt": PROMPT,
        "seed": "123838",
        "steps": "28",
        "cfg_scale": "6.0",
        "size": "512x512",
        "response_format": "b64_json",
    }
    last = request.parts[-1]
    assert (last.name, last.filename, last.content_type, last.data) == (
        "image",
        "cat.png",
        "image/png",
        PICTURE,
    )


def test_it_sends_the_key_and_its_own_name_and_asks_for_no_compression() -> None:
    with provider() as p:
        ask(client_of(p))
    headers = p.received[0].headers
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert headers["Accept-Encoding"] == "identity"
    assert headers["User-Agent"] == "Retake"
    assert "Cookie" not in headers
    assert "Transfer-Encoding" not in headers


def test_it_sends_no_authorization_without_a_key() -> None:
    with provider() as p:
        ask(client_of(p, api_key=""))
    assert "Authorization" not in p.received[0].headers


def test_it_leaves_out_the_size_for_a_model_without_sizes() -> None:
    with provider() as p:
        ask(client_of(p), size="", model="step-image-edit-2")
    assert "size" not in p.received[0].fields


def test_it_writes_a_whole_cfg_scale_as_the_sdk_does() -> None:
    with provider() as p:
        ask(client_of(p), cfg_scale=10)
    assert p.received[0].fields["cfg_scale"] == "10.0"


def test_it_sends_any_language_and_any_file_name_unharmed() -> None:
    prompt = 'Мяу 猫 🐈 "quoted"\nsecond line; name="x"'
    with provider() as p:
        ask(client_of(p), prompt=prompt, filename='ü"\r\nX-Bad: 1.png')
    [request] = p.received
    assert request.fields["prompt"] == prompt
    assert request.image == PICTURE
    assert request.parts[-1].filename == "ü%22%0D%0AX-Bad: 1.png"
    assert "X-Bad" not in request.headers


def test_it_gives_back_the_picture_with_the_ids_that_support_asks_for() -> None:
    with provider() as p:
        answer = ask(client_of(p))
    assert answer.image is not None
    assert answer.image.startswith(b"\x89PNG")
    assert (answer.finish_reason, answer.filtered_at, answer.status) == ("success", "", 200)
    assert (answer.seed, answer.created) == (123838, 1_589_478_378)
    assert (answer.trace_id, answer.provider_id) == ("trace-1", "edit-1")
    assert answer.notes == ()


def test_it_sends_a_picture_of_ten_megabytes_whole() -> None:
    picture = PICTURE + bytes(range(256)) * 39_000
    with provider() as p:
        ask(client_of(p), image=picture)
    assert p.received[0].image == picture


@pytest.mark.parametrize("fault", ["503", "429", "408", "reset_after_body", "close_no_response", "500_html"])
def test_it_never_sends_twice_by_itself(fault: str) -> None:
    with provider(fault, "ok") as p, pytest.raises(ProviderError):
        ask(client_of(p))
    assert p.calls == 1


def test_it_takes_no_proxy_and_no_password_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:
        file.write("machine 127.0.0.1 login eve password stolen\n")
    with provider() as proxy, provider() as p:
        monkeypatch.setenv("http_proxy", f"http://{proxy.host}")
        monkeypatch.setenv("ALL_PROXY", f"http://{proxy.host}")
        monkeypatch.setenv("NETRC", netrc)
        monkeypatch.delenv("no_proxy", raising=False)
        ask(client_of(p))
    assert (proxy.calls, p.calls) == (0, 1)
    assert p.received[0].headers["Authorization"] == f"Bearer {KEY}"


def test_threads_may_share_a_client_and_get_their_own_answers() -> None:
    seeds = range(1, 21)
    answers: dict[int, bytes | None] = {}
    with provider() as p:
        client = client_of(p)

        def work(seed: int) -> None:
            answers[seed] = ask(client, seed=seed).image

        threads = [threading.Thread(target=work, args=(seed,)) for seed in seeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert p.calls == 20
    assert len(set(answers.values())) == 20
    assert threading.active_count() < 10


def test_it_names_the_models_to_test_the_connection() -> None:
    with provider() as p:
        assert client_of(p).models() == ["step-1x-edit"]
    assert p.calls == 0


def test_testing_the_connection_raises_the_same_errors_and_costs_nothing() -> None:
    with provider("401") as p, pytest.raises(NotAuthorized) as refused:
        client_of(p).models()
    assert (refused.value.status, refused.value.charged) == (401, "no")
    with provider("429:3") as p, pytest.raises(RateLimited):
        client_of(p).models()
    with provider("html_200") as p, pytest.raises(Unusable) as unread:
        client_of(p, base_url=p.base_url + "/files/url_html/x").models()
    assert unread.value.charged == "no"
    with pytest.raises(Unreachable) as gone:
        client_of(p).models()
    assert (gone.value.cause, gone.value.charged) == ("refused", "no")


@pytest.mark.parametrize("key", ["key\nInjected: 1", "ключ", "key\0"])
def test_a_key_that_no_header_can_carry_is_for_the_operator_and_not_named(key: str) -> None:
    with provider() as p, pytest.raises(NotAuthorized) as refused:
        ask(client_of(p, api_key=key))
    assert key not in str(refused.value)
    assert p.calls == 0


def test_a_client_does_not_show_its_key() -> None:
    with provider() as p:
        assert KEY not in repr(client_of(p))
