"""``manage.py add_provider``: what it prints, what it stores, and that a refusal stores nothing."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from edits.models import FIRST, AuditEntry, Provider, ProviderModel
from edits.services.provider.keys import read_key
from tests.model_lists import CHAT, KLEIN, QWEN, model_list
from tests.provider_rows import KEY, gpu


def add(*words: str) -> tuple[list[str], str]:
    """The lines on stdout, and what is on stderr."""
    out, err = io.StringIO(), io.StringIO()
    call_command("add_provider", *words, stdout=out, stderr=err)
    return out.getvalue().splitlines(), err.getvalue()


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    path = tmp_path / "key"
    path.write_text(f" {KEY}\r\n\n")
    return str(path)


def refused(*words: str) -> str:
    """The sentence of a refusal, after which nothing is stored."""
    before = list(Provider.objects.values_list("pk", flat=True))
    with pytest.raises(CommandError) as caught:
        add(*words)
    assert list(Provider.objects.values_list("pk", flat=True)) == before
    assert not AuditEntry.objects.exists()
    assert not ProviderModel.objects.filter(provider__name="Second").exists()
    return str(caught.value)


@pytest.mark.django_db
class TestAdding:
    def test_without_models_those_that_the_preset_knows_are_added(self, key_file: str) -> None:
        with model_list(CHAT, "mystery", KLEIN, QWEN, key=KEY) as server:
            out, err = add(
                "Second", "--preset", "vllm-omni", "--url", server.base_url, "--key-file", key_file
            )
            assert server.keys == [KEY]
        assert out == [KLEIN, QWEN]
        assert KEY not in err
        provider = Provider.objects.get(name="Second")
        assert (provider.stored_url, provider.is_private) == (server.base_url, True)
        assert read_key(provider) == KEY

    def test_named_models_are_added_without_a_call(self) -> None:
        with model_list() as server:
            words = [
                "--preset",
                "other",
                "--url",
                server.base_url,
                "--model",
                "a/b:c",
                "--model",
                "d",
                "--price",
                "0.03",
            ]
            assert add("Second", *words)[0] == ["a/b:c", "d"]
            assert server.asked == 0
        assert {str(model.price) for model in ProviderModel.objects.filter(provider__name="Second")} == {
            "0.0300"
        }

    def test_an_id_that_another_provider_has_too_is_printed_with_its_provider(self) -> None:
        gpu("First GPU")
        out, _ = add(
            "Second", "--preset", "other", "--url", "http://127.0.0.1:9/v1", "--model", QWEN, "--model", "x"
        )
        assert out == [f"second/{QWEN}", "x"]

    def test_the_first_model_can_become_the_default(self) -> None:
        add(
            "Second",
            "--preset",
            "other",
            "--url",
            "http://127.0.0.1:9",
            "--model",
            "x",
            "--model",
            "y",
            "--default",
        )
        assert ProviderModel.objects.default().name == "x"
        assert ProviderModel.objects.filter(is_default=True).count() == 1

    def test_without_it_the_default_stays(self) -> None:
        add("Second", "--preset", "other", "--url", "http://127.0.0.1:9", "--model", "x")
        assert ProviderModel.objects.default().provider_id == FIRST

    def test_the_key_may_come_on_standard_input(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{KEY}\n"))
        add("Second", "--preset", "other", "--url", "http://127.0.0.1:9", "--model", "x", "--key-file", "-")
        assert read_key(Provider.objects.get(name="Second")) == KEY

    def test_or_from_a_variable(self) -> None:
        words = ["--url", "http://127.0.0.1:9", "--model", "x", "--key-variable", "SECOND_API_KEY"]
        add("Second", "--preset", "other", *words)
        assert Provider.objects.get(name="Second").key_variable == "SECOND_API_KEY"

    def test_the_audit_log_names_nobody(self, key_file: str) -> None:
        add(
            "Second",
            "--preset",
            "other",
            "--url",
            "http://127.0.0.1:9",
            "--model",
            "x",
            "--key-file",
            key_file,
        )
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, KEY in entry.detail) == (None, "added a provider", False)

    def test_a_public_address_is_not_marked_as_private(self, monkeypatch: pytest.MonkeyPatch) -> None:
        words = ["--url", "https://93.184.216.34/v1", "--model", "x"]
        add("Second", "--preset", "other", *words)
        assert not Provider.objects.get(name="Second").is_private


@pytest.mark.django_db
class TestRefusals:
    @pytest.mark.parametrize(
        ("words", "part"),
        [
            (["--url", "http://127.0.0.1:1/v1"], "URL"),
            (["--url", "nonsense", "--model", "x"], "URL"),
            (["--url", "http://169.254.169.254", "--model", "x"], "URL"),
            (["--url", "http://127.0.0.1:9", "--model", "m" * 201], "200"),
            (["--url", "http://127.0.0.1:9", "--model", " "], "empty"),
            (["--url", "http://127.0.0.1:9", "--model", "x", "--price", "-1"], "price"),
            (["--url", "http://127.0.0.1:9", "--model", "x", "--key-variable", "SECRET_KEY"], "_API_KEY"),
            (["--url", "http://127.0.0.1:9", "--model", "x", "--key-file", "/no/such/file"], "No such file"),
            (["--url", "http://127.0.0.1:9", "--model", "x", "--timeout-seconds", "0"], "timeout"),
        ],
    )
    def test_it_is_a_sentence_and_nothing_is_stored(self, words: list[str], part: str) -> None:
        assert part in refused("Second", "--preset", "other", *words)

    def test_a_wrong_key(self, key_file: str) -> None:
        with model_list(key="another") as server:
            words = ["--preset", "vllm-omni", "--url", server.base_url, "--key-file", key_file]
            sentence = refused("Second", *words)
        assert "401" in sentence
        assert KEY not in sentence

    def test_no_known_model(self) -> None:
        with model_list("mystery", CHAT) as server:
            assert "mystery" in refused("Second", "--preset", "vllm-omni", "--url", server.base_url)

    @pytest.mark.parametrize("name", ["second gpu", "SÉCOND GPU"])
    def test_a_name_that_is_taken(self, name: str) -> None:
        gpu("Second GPU")
        refusal = refused(name, "--preset", "other", "--url", "http://127.0.0.1:9", "--model", "x")
        assert "name" in refusal.lower()

    def test_a_hosted_preset_needs_a_key(self) -> None:
        words: list[Any] = ["--preset", "openai", "--url", "http://127.0.0.1:9", "--model", "gpt-image-2"]
        assert "key" in refused("Second", *words).lower()
