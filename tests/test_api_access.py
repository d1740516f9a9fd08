"""Who may call the API: a key in the one header for it, usable, of the right scope, not too often; nothing else."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import Client
from django.urls import path
from django.utils import timezone

from editor_site import urls as site_urls
from edits.api import access
from edits.api.access import api
from edits.api.errors import ApiError
from edits.models import ApiKey, User
from edits.services.api.api_keys import make_api_key, revoke_api_key
from edits.services.budgets.budgeting import OverBudget
from edits.services.team.people import deactivate
from tests.conftest import signed_in
from tests.log_lines import logged

pytestmark = pytest.mark.urls(__name__)

REFUSAL = {
    "message": "An API key is needed: Authorization: Bearer rtk_…  "
    "This one is missing, wrong, expired or revoked.",
    "type": "invalid_request_error",
    "param": None,
    "code": "invalid_api_key",
}


@api("GET", scope="read")
def reads(request: HttpRequest, key: ApiKey) -> HttpResponse:
    return JsonResponse({"who": key.owner.username, "signed_in": hasattr(request, "_cached_user")})


@api("POST", scope="edit")
def edits(request: HttpRequest, key: ApiKey) -> HttpResponse:
    return JsonResponse({"who": key.owner.username, "body": request.body.decode()})


@api("GET", "POST", scope="any")
def either(request: HttpRequest, key: ApiKey, status: int) -> HttpResponse:
    raise ApiError(
        "It is so.", status=status, code="so", param="prompt", retry_after_seconds=7, may_retry=False
    )


@api("GET", scope="read")
def cached(request: HttpRequest, key: ApiKey) -> HttpResponse:
    return HttpResponse(headers={"Cache-Control": "private, max-age=5"})


@api("POST", scope="edit")
def too_much(request: HttpRequest, key: ApiKey) -> HttpResponse:
    raise OverBudget("You have used all edits of today.", until=timezone.now() + timedelta(hours=5))


urlpatterns = [
    path("v1/too-much", too_much),
    path("v1/reads", reads),
    path("v1/edits-something", edits),
    path("v1/either/<int:status>", either),
    path("v1/cached", cached),
    *site_urls.urlpatterns,
]
handler404 = site_urls.handler404


@pytest.fixture
def text(alice: User) -> str:
    """A key of Alice's that may do all."""
    return make_api_key(owner=alice, name="nightly", now=timezone.now())[1]


def ask(authorization: str | None, address: str = "/v1/reads", *, client: Client | None = None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return (client or Client()).get(address, headers=headers)


def send(authorization: str | None, body: bytes = b"{}") -> Any:
    """A POST as a program sends it: from elsewhere, without any token of a form."""
    headers = {"Origin": "https://elsewhere.example"}
    if authorization is not None:
        headers["Authorization"] = authorization
    client = Client(enforce_csrf_checks=True)
    return client.post("/v1/edits-something", body, content_type="application/json", headers=headers)


class TestLetIn:
    @pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "beaReR"])
    def test_the_scheme_is_written_in_any_letters(self, text: str, scheme: str) -> None:
        answer = ask(f"{scheme} {text}")
        assert (answer.status_code, answer.json()["who"]) == (200, "alice")

    def test_spaces_around_the_key_do_not_matter(self, text: str) -> None:
        assert ask(f"Bearer   {text} ").status_code == 200

    def test_a_program_needs_no_token_of_a_form(self, text: str) -> None:
        answer = send(f"Bearer {text}", b'{"a": 1}')
        assert (answer.status_code, answer.json()) == (200, {"who": "alice", "body": '{"a": 1}'})

    def test_the_key_says_who_calls_whatever_the_cookie_says(self, text: str, bob: User) -> None:
        assert ask(f"Bearer {text}", client=signed_in(bob)).json()["who"] == "alice"

    def test_it_is_noted_when_the_key_was_used(self, text: str) -> None:
        before = timezone.now()
        assert ApiKey.objects.get().last_used_at is None
        ask(f"Bearer {text}")
        used = ApiKey.objects.get().last_used_at
        assert used
        assert before <= used <= timezone.now()

    def test_answers_are_not_kept_unless_a_call_says_so(self, text: str) -> None:
        assert ask(f"Bearer {text}").headers["Cache-Control"] == "no-store"
        assert ask(f"Bearer {text}", "/v1/cached").headers["Cache-Control"] == "private, max-age=5"

    def test_no_cookie_is_set(self, text: str) -> None:
        assert not ask(f"Bearer {text}").cookies


def _revoked(key: ApiKey, root: User) -> None:
    revoke_api_key(key=key, by=root, now=timezone.now())


def _expired(key: ApiKey, root: User) -> None:
    now = timezone.now()
    ApiKey.objects.filter(pk=key.pk).update(created_at=now - timedelta(days=2), expires_at=now)


def _locked_out(key: ApiKey, root: User) -> None:
    deactivate(user=key.owner, by=root, now=timezone.now())


class TestKeptOut:
    @pytest.mark.parametrize(
        "shape",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            "Bearer rtk_" + "A" * 43,
            "Bearer größer",
            "Bearer \x00",
            "{key}",
            "Basic {key}",
            "Token {key}",
            "Bearer{key}",
            "Bearer\t{key}",
            "Bearer {key} {key}",
            "Bearer {key},Bearer {key}",  # two headers, as servers join them
            "Bearer {key}, Bearer {key}",
            "Bearer wrong,Bearer {key}",
            'Bearer "{key}"',
            "Bearer {hint}",
            "Bearer {hash}",
        ],
    )
    def test_another_header_is_refused_in_constant_words(self, text: str, shape: str | None) -> None:
        key = ApiKey.objects.get()
        given = shape and shape.format(key=text, hint=key.hint, hash=key.key_hash)
        answer = ask(given)
        assert (answer.status_code, answer.json()["error"]) == (401, REFUSAL)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert ApiKey.objects.get().last_used_at is None

    @pytest.mark.parametrize("end", [_revoked, _expired, _locked_out])
    def test_a_key_that_ended_is_like_one_that_never_was(
        self, text: str, root: User, end: Callable[[ApiKey, User], None]
    ) -> None:
        assert ask(f"Bearer {text}").status_code == 200
        end(ApiKey.objects.get(), root)
        answer, never = ask(f"Bearer {text}"), ask("Bearer rtk_never")
        assert (answer.status_code, answer.content) == (never.status_code, never.content)
        assert answer.status_code == 401
        assert send(f"Bearer {text}").status_code == 401

    @pytest.mark.parametrize("name", ["token", "key", "api_key", "access_token", "authorization"])
    def test_a_key_in_the_address_opens_nothing(self, text: str, name: str) -> None:
        assert Client().get("/v1/reads", {name: text}).status_code == 401

    @pytest.mark.parametrize("header", ["X-Api-Key", "Api-Key", "Proxy-Authorization"])
    def test_a_key_in_another_header_opens_nothing(self, text: str, header: str) -> None:
        assert Client().get("/v1/reads", headers={header: text}).status_code == 401

    def test_a_key_in_a_cookie_or_the_body_opens_nothing(self, text: str) -> None:
        client = Client()
        client.cookies["authorization"] = f"Bearer {text}"
        assert client.get("/v1/reads").status_code == 401
        assert client.post("/v1/edits-something", {"token": text, "api_key": text}).status_code == 401

    def test_being_signed_in_is_not_enough(self, text: str, alice: User, root: User) -> None:
        for person in (alice, root):
            client = signed_in(person)
            assert client.get("/v1/reads").status_code == 401
            assert (
                client.post("/v1/edits-something", b"{}", content_type="application/json").status_code == 401
            )

    def test_the_body_is_not_read_before_it_is_known_who_calls(self, text: str) -> None:
        class Unread(BytesIO):
            def read(self, *args: Any) -> bytes:
                raise AssertionError("The body was read")

            readline = read

        extra: dict[str, Any] = {"wsgi.input": Unread(), "CONTENT_LENGTH": "1000"}
        kind = "multipart/form-data; boundary=x"
        answer = Client().generic("POST", "/v1/edits-something", content_type=kind, **extra)
        assert answer.status_code == 401

    def test_nothing_of_it_is_logged(self, text: str) -> None:
        with logged() as lines:
            ask(f"Bearer {text}")
            ask(f"Basic {text}")
            Client().get("/v1/reads", {"token": text})
            Client().get(f"/v1/{text}")
        assert text not in lines.text


class TestScope:
    def test_a_key_that_only_reads_makes_no_edits(self, alice: User) -> None:
        _, text = make_api_key(owner=alice, name="board", can_edit=False, now=timezone.now())
        assert ask(f"Bearer {text}").status_code == 200
        answer = send(f"Bearer {text}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")
        assert answer.json()["error"]["message"] == "This key may not make edits."

    def test_a_key_that_only_edits_reads_nothing(self, alice: User) -> None:
        _, text = make_api_key(owner=alice, name="camera", can_read=False, now=timezone.now())
        assert send(f"Bearer {text}").status_code == 200
        answer = ask(f"Bearer {text}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")

    @pytest.mark.parametrize("can_edit", [True, False])
    def test_some_calls_are_open_to_both(self, alice: User, can_edit: bool) -> None:
        _, text = make_api_key(
            owner=alice, name="either", can_edit=can_edit, can_read=not can_edit, now=timezone.now()
        )
        assert ask(f"Bearer {text}", "/v1/either/409").status_code == 409


class TestHowOften:
    @pytest.fixture(autouse=True)
    def _noon(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The clock stands, so that no minute ends between two calls."""
        noon = timezone.now().replace(hour=12, minute=0, second=18, microsecond=0)
        monkeypatch.setattr(access, "timezone", SimpleNamespace(now=lambda: noon))

    def test_too_many_calls_in_a_minute_are_told_when_to_come_again(self, alice: User) -> None:
        _, text = make_api_key(owner=alice, name="nightly", per_minute=2, now=timezone.now())
        answers = [ask(f"Bearer {text}") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        refused = answers[-1]
        assert refused.headers["Retry-After"] == "42"
        assert refused.json()["error"]["code"] == "rate_limit_exceeded"
        assert refused.json()["error"]["message"] == "This key may ask 2 times a minute."

    def test_one_key_does_not_slow_another(self, alice: User) -> None:
        _, hasty = make_api_key(owner=alice, name="hasty", per_minute=1, now=timezone.now())
        _, calm = make_api_key(owner=alice, name="calm", per_minute=1, now=timezone.now())
        assert [ask(f"Bearer {hasty}").status_code for _ in range(2)] == [200, 429]
        assert ask(f"Bearer {calm}").status_code == 200


class TestErrors:
    @pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
    def test_another_method_is_told_which_there_are(self, text: str, method: str) -> None:
        answer = getattr(Client(), method)("/v1/reads", headers={"Authorization": f"Bearer {text}"})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")
        assert answer.json()["error"]["code"] == "method_not_allowed"

    def test_what_a_call_refuses_has_the_one_shape(self, text: str) -> None:
        answer = ask(f"Bearer {text}", "/v1/either/409")
        assert answer.json()["error"] == {
            "message": "It is so.", "type": "invalid_request_error", "param": "prompt", "code": "so"
        }  # fmt: skip
        assert answer.headers["Retry-After"] == "7"
        assert answer.headers["X-Should-Retry"] == "false"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_one_edit_more_than_a_limit_allows_is_refused_for_as_long_as_clients_wait(
        self, text: str
    ) -> None:
        answer = Client().post("/v1/too-much", headers={"Authorization": f"Bearer {text}"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "120")
        assert answer.json()["error"]["message"] == "You have used all edits of today."

    def test_head_is_answered_like_get(self, text: str) -> None:
        answer = Client().head("/v1/reads", headers={"Authorization": f"Bearer {text}"})
        assert (answer.status_code, answer.content) == (200, b"")
