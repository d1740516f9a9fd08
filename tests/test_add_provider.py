"""Adding a provider on the page: what is stored, what is refused on which field, and that a key is never shown."""

from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from edits.models import AuditEntry, Provider, ProviderModel, User
from edits.services.provider import adding
from edits.services.provider.keys import read_key
from tests.conftest import signed_in
from tests.model_lists import CHAT, KLEIN, QWEN, model_list
from tests.provider_rows import KEY, gpu

PAGE = "/settings/providers/add/"
HTMX = {"HX-Request": "true"}


def entered(base_url: str, **changes: Any) -> dict[str, Any]:
    """What Root enters for a server of the team, before the models are listed."""
    usual = {
        "preset": "vllm-omni",
        "name": "Second GPU",
        "url": base_url,
        "is_private": "on",
        "key": KEY,
        "do": "test",
    }
    return usual | changes


def with_models(base_url: str, *ticked: str, **changes: Any) -> dict[str, Any]:
    """The same with the listed models, these of them ticked."""
    listed = {"found": [QWEN, KLEIN, CHAT], "price": ["0.02", "", ""], "model": list(ticked), "listed": "1"}
    return entered(base_url, **({"do": "add"} | listed | changes))


def errors_of(answer: Any) -> dict[str, list[str]]:
    """The sentences of a refusal, by field; those about models without a field."""
    assert answer.status_code == 422
    errors: dict[str, list[str]] = dict(answer.context["form"].errors)
    return errors | dict(answer.context["models"].errors)


def nothing_is_stored() -> bool:
    return not Provider.objects.filter(from_settings=False).exists() and not AuditEntry.objects.exists()


@pytest.mark.django_db
class TestAccess:
    @pytest.mark.parametrize("who", ["alice", "rita"])
    def test_for_others_it_does_not_exist(self, request: pytest.FixtureRequest, who: str) -> None:
        client = signed_in(request.getfixturevalue(who))
        with model_list() as server:
            assert client.get(PAGE).status_code == 404
            assert client.post(PAGE, with_models(server.base_url, QWEN)).status_code == 404
            assert server.asked == 0
        assert nothing_is_stored()

    def test_a_post_needs_a_token(self, root: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(root, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert client.post(PAGE, with_models("http://127.0.0.1:9/v1", QWEN)).status_code == 403


@pytest.mark.django_db
class TestTestingTheConnection:
    def test_it_lists_the_models_and_ticks_those_it_knows(self, root: User) -> None:
        with model_list(CHAT, "mystery/model:v1", QWEN) as server:
            answer = signed_in(root).post(PAGE, entered(server.base_url))
            assert server.keys == [KEY]
        rows = {row.name: row for row in answer.context["models"].rows}
        assert [name for name, row in rows.items() if row.is_ticked] == [QWEN]
        assert list(rows) == [QWEN, "mystery/model:v1", CHAT]
        assert rows[CHAT].why_not
        assert "Add with 1" in " ".join(answer.content.decode().split())
        assert nothing_is_stored()

    def test_it_needs_no_name(self, root: User) -> None:
        with model_list() as server:
            assert signed_in(root).post(PAGE, entered(server.base_url, name="")).status_code == 200

    def test_the_key_comes_back_sealed_and_never_as_it_is(self, root: User) -> None:
        client = signed_in(root)
        with model_list(key=KEY) as server:
            answer = client.post(PAGE, entered(server.base_url))
            page = answer.content.decode()
            assert KEY not in page
            sealed = answer.context["form"].kept_key
            sent = with_models(server.base_url, QWEN, key="", sealed_key=sealed)
            assert client.post(PAGE, sent).status_code == 302
            assert set(server.keys) == {KEY}
        assert read_key(Provider.objects.get(name="Second GPU")) == KEY

    def test_a_sealed_key_goes_to_no_other_server(self, root: User) -> None:
        client = signed_in(root)
        with model_list() as mine, model_list() as other:
            sealed = client.post(PAGE, entered(mine.base_url)).context["form"].kept_key
            sent = with_models(other.base_url, QWEN, key="", sealed_key=sealed)
            assert "key" in errors_of(client.post(PAGE, sent))
            assert other.asked == 0
        assert nothing_is_stored()

    def test_a_server_without_a_list_asks_for_ids(self, root: User) -> None:
        client = signed_in(root)
        with model_list(status=404) as server:
            answer = client.post(PAGE, entered(server.base_url))
            assert answer.status_code == 200
            assert not answer.context["listing"].has_list
            added = client.post(
                PAGE, entered(server.base_url, do="add", typed="org/model:v2\n\n other ", listed="1")
            )
            assert added.status_code == 302
        assert list(ProviderModel.objects.filter(provider__name="Second GPU").values_list("name", flat=True)) == [
            "org/model:v2", "other"
        ]  # fmt: skip

    def test_typed_ids_join_the_list(self, root: User) -> None:
        with model_list(QWEN) as server:
            answer = signed_in(root).post(PAGE, entered(server.base_url, typed="my-own"))
        rows = answer.context["models"].rows
        assert {(row.name, row.is_ticked, row.is_typed) for row in rows} == {
            ("my-own", True, True), (QWEN, True, False)
        }  # fmt: skip


@pytest.mark.django_db
class TestAdding:
    def test_what_was_ticked_is_stored_with_its_spec_and_price(self, root: User) -> None:
        with model_list() as server:
            answer = signed_in(root).post(PAGE, with_models(server.base_url, QWEN, KLEIN))
        provider = Provider.objects.get(from_settings=False)
        assert (
            answer.headers["Location"]
            == f"/settings/providers/{provider.slug}/"
            == "/settings/providers/second-gpu/"
        )
        assert (provider.preset, provider.stored_url, provider.is_private) == (
            "vllm-omni",
            server.base_url,
            True,
        )
        qwen, klein = provider.models.all()
        assert (qwen.name, str(qwen.price), qwen.accent, klein.price) == (
            QWEN,
            "0.0200",
            "vllm-omni-true-cfg",
            None,
        )
        assert qwen.spec.takes_seed
        assert KEY not in provider.encrypted_key
        assert read_key(provider) == KEY

    def test_the_audit_log_says_so_without_the_key(self, root: User) -> None:
        with model_list() as server:
            signed_in(root).post(PAGE, with_models(server.base_url, QWEN))
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (root, "added a provider", "Second GPU")
        assert KEY not in entry.detail

    def test_a_key_pasted_with_blanks_and_line_ends_is_stored_without(self, root: User) -> None:
        with model_list(key=KEY) as server:
            signed_in(root).post(PAGE, with_models(server.base_url, QWEN, key=f" \t{KEY}\r\n\u00a0"))
            assert server.keys == [KEY]
        assert read_key(Provider.objects.get(from_settings=False)) == KEY

    def test_limits_left_empty_are_those_of_the_preset(self, root: User) -> None:
        with model_list() as server:
            signed_in(root).post(PAGE, with_models(server.base_url, QWEN, max_per_minute="7"))
        provider = Provider.objects.get(from_settings=False)
        assert (provider.timeout_seconds, provider.max_concurrent, provider.max_per_minute) == (180, 2, 7)

    def test_a_key_may_come_from_a_variable(self, root: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SECOND_API_KEY", KEY)
        with model_list(key=KEY) as server:
            signed_in(root).post(
                PAGE, with_models(server.base_url, QWEN, key="", key_variable="$SECOND_API_KEY")
            )
        provider = Provider.objects.get(from_settings=False)
        assert (provider.key_variable, provider.encrypted_key) == ("SECOND_API_KEY", "")

    def test_a_name_of_another_script_gets_a_slug_of_its_own(self, root: User) -> None:
        for name in ("画", "図", "Add"):
            with model_list() as server:
                signed_in(root).post(PAGE, with_models(server.base_url, QWEN, name=name))
        assert list(Provider.objects.filter(from_settings=False).values_list("slug", flat=True)) == [
            "provider-2", "provider-3", "add-2"
        ]  # fmt: skip

    def test_with_script_the_answer_leads_on(self, root: User) -> None:
        with model_list() as server:
            answer = signed_in(root).post(PAGE, with_models(server.base_url, QWEN), headers=HTMX)
        assert answer.headers["HX-Redirect"] == "/settings/providers/second-gpu/"


@pytest.mark.django_db
class TestBadInput:
    @pytest.mark.parametrize(
        "url",
        ["", "gpu.lan:8000", "ftp://gpu/v1", "http://", "https://a b/", "https://u:p@gpu.example/v1",
         "https://gpu.example/v1?key=1", "http://127.1/v1", "http://0x7f000001/v1", "http://169.254.169.254/v1",
         "http://127.0.0.1:99999/v1", "https://" + "a" * 600],
    )  # fmt: skip
    def test_a_wrong_url_is_said_on_its_field(self, root: User, url: str) -> None:
        assert "url" in errors_of(signed_in(root).post(PAGE, with_models(url, QWEN)))
        assert nothing_is_stored()

    def test_a_private_address_needs_the_tick(self, root: User) -> None:
        with model_list() as server:
            sent = with_models(server.base_url, QWEN) | {"is_private": ""}
            assert "url" in errors_of(signed_in(root).post(PAGE, sent))
            assert server.asked == 0
        assert nothing_is_stored()

    def test_nobody_listens_there(self, root: User) -> None:
        assert "url" in errors_of(signed_in(root).post(PAGE, with_models("http://127.0.0.1:1/v1", QWEN)))
        assert nothing_is_stored()

    def test_a_wrong_key_is_said_on_its_field(self, root: User) -> None:
        with model_list(key="another") as server:
            errors = errors_of(signed_in(root).post(PAGE, with_models(server.base_url, QWEN)))
        assert "key" in errors
        assert nothing_is_stored()

    @pytest.mark.parametrize("key", ["two words", "key\nkey", "schlüssel", "x" * 5000])
    def test_what_is_no_key_is_sent_nowhere(self, root: User, key: str) -> None:
        with model_list() as server:
            assert "key" in errors_of(signed_in(root).post(PAGE, with_models(server.base_url, QWEN, key=key)))
            assert server.asked == 0

    def test_a_hosted_service_needs_a_key(self, root: User) -> None:
        with model_list() as server:
            sent = with_models(server.base_url, QWEN, preset="openai", key="")
            assert "key" in errors_of(signed_in(root).post(PAGE, sent))

    @pytest.mark.parametrize("name", ["PATH", "SECRET_KEY", "STEPFUN_API_KEY", "second_api_key"])
    def test_other_variables_are_not_read(self, root: User, name: str) -> None:
        sent = with_models("http://127.0.0.1:9/v1", QWEN, key="", key_variable=name)
        assert "key_variable" in errors_of(signed_in(root).post(PAGE, sent))

    @pytest.mark.parametrize("body", [b"<html>It works!</html>", b"{}", b'{"data": 3}'])
    def test_a_server_that_is_no_image_server_is_said_on_the_url(self, root: User, body: bytes) -> None:
        with model_list(body=body) as server:
            assert "url" in errors_of(signed_in(root).post(PAGE, with_models(server.base_url, QWEN)))
        assert nothing_is_stored()

    def test_a_chat_server_has_nothing_to_tick(self, root: User) -> None:
        with model_list("gpt-4o", "llama-3") as server:
            client = signed_in(root)
            answer = client.post(PAGE, entered(server.base_url))
            assert all(row.why_not for row in answer.context["models"].rows)
            sent = entered(
                server.base_url, do="add", found=["gpt-4o"], price=[""], model=["gpt-4o"], listed="1"
            )
            assert "__all__" in errors_of(client.post(PAGE, sent))
        assert nothing_is_stored()

    def test_a_model_that_vanished_meanwhile_is_not_added(self, root: User) -> None:
        with model_list(KLEIN) as server:
            errors = errors_of(signed_in(root).post(PAGE, with_models(server.base_url, QWEN, KLEIN)))
        assert QWEN in errors["__all__"][0]
        assert nothing_is_stored()

    @pytest.mark.parametrize("name", ["Studio GPU", "studio  gpu", "StepFun"])
    def test_a_name_that_another_one_has_is_said_on_its_field(self, root: User, name: str) -> None:
        gpu()
        with model_list() as server:
            errors = errors_of(signed_in(root).post(PAGE, with_models(server.base_url, QWEN, name=name)))
        assert "name" in errors
        assert Provider.objects.count() == 2

    def test_of_two_with_one_name_at_once_the_second_is_refused(
        self, root: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        gpu("Second GPU")
        monkeypatch.setattr("edits.forms.providers.is_taken", lambda *_, **__: False)
        monkeypatch.setattr(adding, "is_taken", lambda *_, **__: False)
        with model_list() as server:
            errors = errors_of(signed_in(root).post(PAGE, with_models(server.base_url, QWEN)))
        assert "name" in errors
        assert Provider.objects.filter(from_settings=False).count() == 1
        assert ProviderModel.objects.filter(name=QWEN).count() == 1

    @pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\x00b", "\u202eevil"])
    def test_a_name_must_be_one(self, root: User, name: str) -> None:
        with model_list() as server:
            assert "name" in errors_of(
                signed_in(root).post(PAGE, with_models(server.base_url, QWEN, name=name))
            )

    def test_an_id_of_201_characters_is_too_long(self, root: User) -> None:
        long = "m" * 201
        with model_list(long) as server:
            client = signed_in(root)
            sent = entered(server.base_url, do="add", typed=long, listed="1")
            assert "typed" in errors_of(client.post(PAGE, sent))
            (row,) = client.post(PAGE, entered(server.base_url)).context["models"].rows
            assert (row.name, bool(row.why_not)) == (long, True)
        assert nothing_is_stored()

    def test_an_id_of_200_characters_is_not(self, root: User) -> None:
        with model_list("m" * 200) as server:
            sent = entered(server.base_url, do="add", typed="m" * 200, listed="1")
            assert signed_in(root).post(PAGE, sent).status_code == 302
        assert ProviderModel.objects.filter(name="m" * 200).exists()

    @pytest.mark.parametrize("price", ["-1", "abc", "1e9", "0.00001", "10001", "1.2.3"])
    def test_a_wrong_price_keeps_what_was_ticked(self, root: User, price: str) -> None:
        with model_list() as server:
            answer = signed_in(root).post(PAGE, with_models(server.base_url, QWEN, price=[price, "", ""]))
        assert "__all__" in errors_of(answer)
        (row,) = [row for row in answer.context["models"].rows if row.is_ticked]
        assert (row.name, row.price) == (QWEN, price)
        assert nothing_is_stored()

    def test_nothing_ticked_is_refused_and_asks_nobody(self, root: User) -> None:
        with model_list() as server:
            assert "__all__" in errors_of(signed_in(root).post(PAGE, with_models(server.base_url)))
            assert server.asked == 0

    @pytest.mark.parametrize(
        ("field", "value"), [("timeout_seconds", "0"), ("max_concurrent", "x"), ("result_hosts", "no-port")]
    )
    def test_advanced_fields_have_limits(self, root: User, field: str, value: str) -> None:
        sent = with_models("http://127.0.0.1:9/v1", QWEN) | {field: value}
        assert field in errors_of(signed_in(root).post(PAGE, sent))

    def test_what_was_entered_stays_but_for_the_key(self, root: User) -> None:
        answer = signed_in(root).post(PAGE, with_models("http://127.0.0.1:1/v1", QWEN, max_per_minute="33"))
        page = answer.content.decode()
        assert 'value="Second GPU"' in page
        assert 'value="33"' in page
        assert KEY not in page

    def test_an_unknown_kind_is_refused(self, root: User) -> None:
        assert "preset" in errors_of(
            signed_in(root).post(PAGE, with_models("http://127.0.0.1:9", QWEN, preset="x"))
        )


@pytest.mark.django_db
def test_a_hosted_kind_brings_its_url(root: User, settings: Settings) -> None:
    page = signed_in(root).get(f"{PAGE}?preset=stepfun").content.decode()
    assert 'value="https://api.stepfun.ai/v1"' in page


@pytest.mark.django_db
def test_the_panel_is_the_form_without_the_page(root: User) -> None:
    page = signed_in(root).get(PAGE, headers=HTMX).content.decode()
    assert "<html" not in page
    assert 'id="dock-title"' in page
