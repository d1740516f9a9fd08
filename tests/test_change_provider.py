"""Changing, ordering and removing providers on their pages, and where a stored key is never sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from edits.models import FIRST, AuditEntry, EditRequest, Provider, ProviderModel, Status, User
from edits.services.provider.keys import read_key
from edits.services.provider.removing import remove_provider
from edits.services.queue.claiming import claim_next
from tests.conftest import signed_in
from tests.editors import LEASE
from tests.factories import edit_of
from tests.model_lists import QWEN, model_list
from tests.provider_rows import KEY, gpu

OTHER_KEY = "sk-other-987654321"


def address(provider: Provider, page: str) -> str:
    return f"/settings/providers/{provider.slug}/{page}/"


def form_of(provider: Provider, **changes: Any) -> dict[str, Any]:
    """What the page shows of it, with these changes."""
    shown = {
        "name": provider.name,
        "url": provider.stored_url,
        "is_private": "on",
        "timeout_seconds": provider.stored_timeout_seconds,
        "max_concurrent": provider.stored_max_concurrent,
        "max_per_minute": provider.stored_max_per_minute,
        "key_variable": provider.key_variable,
    }
    return shown | changes


def change(root: User, provider: Provider, **changes: Any) -> Any:
    return signed_in(root).post(address(provider, "change"), form_of(provider, **changes))


@pytest.mark.django_db
class TestAccess:
    @pytest.mark.parametrize("who", ["alice", "rita"])
    @pytest.mark.parametrize("page", ["change", "key", "remove", "move", "waiting", "models"])
    def test_for_others_the_pages_do_not_exist(
        self, request: pytest.FixtureRequest, who: str, page: str
    ) -> None:
        provider, client = gpu(), signed_in(request.getfixturevalue(who))
        before = Provider.objects.values().get(pk=provider.pk)
        assert client.get(address(provider, page)).status_code in (404, 405)
        assert client.post(address(provider, page), {"to": "up"}).status_code == 404
        assert Provider.objects.values().get(pk=provider.pk) == before
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize("page", ["change", "key", "remove", "models"])
    def test_the_provider_of_the_settings_has_none_of_them(self, root: User, page: str) -> None:
        first = Provider.objects.get(pk=FIRST)
        client = signed_in(root)
        assert client.get(address(first, page)).status_code == 404
        assert client.post(address(first, page), {"key": OTHER_KEY}).status_code == 404
        assert Provider.objects.current().filter(pk=FIRST).exists()

    def test_its_page_names_the_settings(self, root: User) -> None:
        page = signed_in(root).get("/settings/providers/stepfun/").content.decode()
        for name in (
            "STEPFUN_BASE_URL",
            "STEPFUN_API_KEY",
            "STEPFUN_MAX_CONCURRENT",
            "STEPFUN_TIMEOUT_SECONDS",
        ):
            assert name in page


@pytest.mark.django_db
class TestChanging:
    def test_limits_and_name_change_without_a_call(self, root: User) -> None:
        provider = gpu()
        assert change(root, provider, name="Big GPU", max_per_minute="5").status_code == 302
        row = Provider.objects.get(pk=provider.pk)
        assert (row.name, row.slug, row.max_per_minute) == ("Big GPU", "studio-gpu", 5)
        assert read_key(row) == KEY
        entry = AuditEntry.objects.get()
        assert entry.action == "changed a provider"
        assert "calls a minute: 5" in entry.detail

    def test_nothing_changed_is_nothing_in_the_log(self, root: User) -> None:
        provider = gpu()
        assert change(root, provider).status_code == 302
        assert not AuditEntry.objects.exists()

    def test_the_stored_key_is_not_sent_to_another_server(self, root: User) -> None:
        provider = gpu()
        with model_list() as server:
            answer = change(root, provider, url=server.base_url)
            assert answer.status_code == 422
            assert "key" in answer.context["form"].errors
            assert server.asked == 0
            assert change(root, provider, url=server.base_url, key=OTHER_KEY).status_code == 302
            assert server.keys == [OTHER_KEY]
        assert read_key(Provider.objects.get(pk=provider.pk)) == OTHER_KEY

    def test_another_path_of_the_same_server_keeps_the_key(self, root: User) -> None:
        with model_list() as server:
            provider = gpu(stored_url=server.base_url)
            assert change(root, provider, url=f"{server.base_url}/x").status_code == 302
            assert server.keys == [KEY]

    def test_a_url_that_does_not_answer_is_not_stored(self, root: User) -> None:
        provider = gpu()
        answer = change(root, provider, url="http://127.0.0.1:1/v1", key=OTHER_KEY)
        assert "url" in answer.context["form"].errors
        assert Provider.objects.get(pk=provider.pk).stored_url == provider.stored_url
        assert read_key(Provider.objects.get(pk=provider.pk)) == KEY
        assert OTHER_KEY not in answer.content.decode()

    def test_the_name_of_another_one_is_refused(self, root: User) -> None:
        gpu("Other GPU")
        answer = change(root, gpu(), name="other gpu")
        assert "name" in answer.context["form"].errors

    def test_the_key_is_on_no_page(self, root: User) -> None:
        provider, client = gpu(), signed_in(root)
        for page in ("", "change/", "key/", "remove/"):
            content = client.get(f"/settings/providers/{provider.slug}/{page}").content.decode()
            assert KEY not in content
            assert provider.encrypted_key not in content


@pytest.mark.django_db
class TestReplacingTheKey:
    def test_it_is_tried_then_stored_and_a_hold_is_tried_at_once(self, root: User) -> None:
        later = timezone.now() + timedelta(minutes=4)
        with model_list(key=OTHER_KEY) as server:
            provider = gpu(
                stored_url=server.base_url, held_since=timezone.now(), held_reason="401", probe_at=later
            )
            answer = signed_in(root).post(address(provider, "key"), {"key": f" {OTHER_KEY}\n"})
            assert answer.status_code == 302
            assert server.keys == [OTHER_KEY]
        row = Provider.objects.get(pk=provider.pk)
        assert read_key(row) == OTHER_KEY
        assert (row.probe_at, row.held_since is None) == (None, False)
        entry = AuditEntry.objects.get()
        assert (entry.action, OTHER_KEY in entry.detail) == ("replaced a key", False)

    def test_one_that_the_service_refuses_is_not_stored(self, root: User) -> None:
        with model_list(key=KEY) as server:
            provider = gpu(stored_url=server.base_url)
            answer = signed_in(root).post(address(provider, "key"), {"key": OTHER_KEY})
        assert "key" in answer.context["form"].errors
        assert read_key(Provider.objects.get(pk=provider.pk)) == KEY
        assert not AuditEntry.objects.exists()

    def test_a_server_that_is_away_is_no_reason_to_refuse_it(self, root: User) -> None:
        provider = gpu(stored_url="http://127.0.0.1:1/v1")
        assert signed_in(root).post(address(provider, "key"), {"key": OTHER_KEY}).status_code == 302
        assert read_key(Provider.objects.get(pk=provider.pk)) == OTHER_KEY

    def test_a_variable_that_is_not_set_is_refused(self, root: User) -> None:
        provider = gpu()
        answer = signed_in(root).post(address(provider, "key"), {"key_variable": "NOT_SET_API_KEY"})
        assert "key_variable" in answer.context["form"].errors


@pytest.mark.django_db
class TestOrder:
    def test_up_and_down(self, root: User) -> None:
        one, two = gpu("One"), gpu("Two")
        client = signed_in(root)
        client.post(address(two, "move"), {"to": "up"})
        assert [row.title for row in Provider.objects.current()] == ["StepFun", "Two", "One"]
        client.post(address(two, "move"), {"to": "down"})
        assert [row.title for row in Provider.objects.current()] == ["StepFun", "One", "Two"]
        client.post(address(two, "move"), {"to": "down"})
        assert [row.title for row in Provider.objects.current()][-1] == "Two"
        assert AuditEntry.objects.count() == 2
        assert one.pk != two.pk


@pytest.mark.django_db
class TestRemoving:
    def test_the_page_asks_first_and_says_what_waits(self, root: User, alice: User) -> None:
        provider = gpu()
        for _ in range(3):
            edit_of(alice, provider_id=provider.pk, model=QWEN)
        page = signed_in(root).get(address(provider, "remove")).content.decode()
        assert "3" in page
        assert Provider.objects.current().filter(pk=provider.pk).exists()

    def test_waiting_edits_stay_waiting_and_nothing_is_sent(self, root: User, alice: User) -> None:
        provider = gpu()
        edit = edit_of(alice, provider_id=provider.pk, model=QWEN)
        assert signed_in(root).post(address(provider, "remove")).status_code == 302
        assert claim_next(lease=LEASE, now=timezone.now()) is None
        edit.refresh_from_db()
        assert (edit.status, edit.provider_id, edit.model) == (Status.QUEUED, provider.pk, QWEN)

    def test_the_key_is_erased_and_the_name_is_free(self, root: User) -> None:
        provider = gpu()
        ProviderModel.objects.filter(provider=provider, name=QWEN).update(is_default=True)
        signed_in(root).post(address(provider, "remove"))
        row = Provider.objects.get(pk=provider.pk)
        assert row.removed_at is not None
        assert (row.encrypted_key, row.key_variable) == ("", "")
        assert not ProviderModel.objects.filter(is_default=True).exists()
        assert ProviderModel.objects.default().provider_id == FIRST
        assert gpu("Studio GPU").slug == "studio-gpu-2"
        assert AuditEntry.objects.get().action == "removed a provider"

    def test_its_page_is_gone_unless_edits_wait(self, root: User, alice: User) -> None:
        empty, waiting = gpu("Empty"), gpu("Waiting")
        edit_of(alice, provider_id=waiting.pk, model=QWEN)
        for provider in (empty, waiting):
            remove_provider(provider, actor=root, now=timezone.now())
        client = signed_in(root)
        assert client.get(f"/settings/providers/{empty.slug}/").status_code == 404
        assert client.get(f"/settings/providers/{waiting.slug}/").status_code == 200
        assert client.post(address(waiting, "change"), form_of(waiting)).status_code == 404
        listed = client.get("/settings/providers/").content.decode()
        assert f"/settings/providers/{waiting.slug}/" in listed
        assert f"/settings/providers/{empty.slug}/" not in listed

    def test_the_provider_of_the_settings_cannot_be_removed(self, root: User) -> None:
        assert not remove_provider(Provider.objects.get(pk=FIRST), actor=root, now=timezone.now())
        assert EditRequest.objects.count() == 0
