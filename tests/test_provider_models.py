"""The models of a provider on its page: found, added, switched, ordered, removed, and tried with one counted call."""

from typing import Any

import pytest
from django.utils import timezone

from edits.models import FIRST, AuditEntry, Provider, ProviderModel, User
from edits.services.provider import offering
from edits.services.queue.claiming import claim_next
from tests.conftest import signed_in
from tests.editors import LEASE
from tests.factories import edit_of
from tests.model_lists import CHAT, KLEIN, QWEN, model_list
from tests.provider import provider as editing_server
from tests.provider_rows import gpu, model_of

NOW = timezone.now()


def post(root: User, model: ProviderModel, action: str, **sent: str) -> Any:
    return signed_in(root).post(
        f"/settings/providers/{model.provider.slug}/models/{model.pk}/{action}/", sent
    )


def find(root: User, provider: Provider, **sent: Any) -> Any:
    return signed_in(root).post(f"/settings/providers/{provider.slug}/models/", sent)


def names(provider: Provider) -> list[str]:
    return list(provider.models.order_by("position", "pk").values_list("name", flat=True))


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


@pytest.mark.django_db
class TestAccess:
    @pytest.mark.parametrize("who", ["alice", "rita"])
    @pytest.mark.parametrize("action", ["turn", "default", "move", "remove"])
    def test_for_others_the_switches_do_not_exist(
        self, request: pytest.FixtureRequest, who: str, action: str
    ) -> None:
        model = model_of(gpu())
        before = ProviderModel.objects.values().get(pk=model.pk)
        assert post(request.getfixturevalue(who), model, action, to="off").status_code == 404
        assert ProviderModel.objects.values().get(pk=model.pk) == before
        assert actions() == []

    @pytest.mark.parametrize("who", ["alice", "rita"])
    def test_for_others_its_page_does_not_exist(self, request: pytest.FixtureRequest, who: str) -> None:
        model, client = model_of(gpu()), signed_in(request.getfixturevalue(who))
        address = f"/settings/providers/{model.provider.slug}/models/{model.pk}/"
        assert client.get(address).status_code == client.post(address, {}).status_code == 404

    def test_a_model_of_another_provider_is_not_found(self, root: User) -> None:
        model = model_of(gpu())
        gpu("Other")
        assert signed_in(root).get(f"/settings/providers/other/models/{model.pk}/").status_code == 404


@pytest.mark.django_db
class TestFinding:
    def test_those_that_are_there_cannot_be_added_twice(self, root: User) -> None:
        with model_list(QWEN, KLEIN, CHAT) as server:
            provider = gpu(models=(QWEN,), stored_url=server.base_url)
            answer = find(root, provider, do="test")
            assert server.asked == 1
        rows = {row.name: bool(row.why_not) for row in answer.context["models"].rows}
        assert rows == {QWEN: True, KLEIN: False, CHAT: True}
        find(root, provider, do="add", found=[QWEN, KLEIN], price=["", "0.01"], model=[QWEN, KLEIN])
        assert names(provider) == [QWEN, KLEIN]
        assert str(model_of(provider, KLEIN).price) == "0.0100"
        assert actions() == ["added models"]

    def test_what_the_server_no_longer_lists_is_named(self, root: User) -> None:
        with model_list(KLEIN) as server:
            provider = gpu(stored_url=server.base_url)
            answer = find(root, provider, do="test")
        assert answer.context["vanished"] == [QWEN]
        assert names(provider) == [QWEN, KLEIN]

    def test_a_refused_key_is_said(self, root: User) -> None:
        with model_list(key="another") as server:
            answer = find(root, gpu(stored_url=server.base_url), do="test")
        assert answer.status_code == 422
        assert "401" in answer.context["failure"]

    def test_the_page_itself_asks_nobody(self, root: User) -> None:
        with model_list() as server:
            provider = gpu(stored_url=server.base_url)
            assert signed_in(root).get(f"/settings/providers/{provider.slug}/models/").status_code == 200
            assert server.asked == 0


@pytest.mark.django_db
class TestSwitching:
    def test_a_hidden_model_is_no_longer_offered_and_its_edits_wait(self, root: User, alice: User) -> None:
        model = model_of(gpu())
        edit_of(alice, provider_id=model.provider_id, model=QWEN)
        post(root, model, "turn", to="off")
        assert model not in ProviderModel.objects.offered()
        assert claim_next(lease=LEASE, now=NOW) is None
        post(root, model, "turn", to="on")
        assert model in ProviderModel.objects.offered()
        assert claim_next(lease=LEASE, now=timezone.now()) is not None
        assert actions() == ["turned a model off", "turned a model on"]

    def test_one_that_is_hidden_is_not_the_default_any_more(self, root: User) -> None:
        model = model_of(gpu())
        post(root, model, "default")
        post(root, model, "turn", to="off")
        assert ProviderModel.objects.default().provider_id == FIRST

    def test_the_model_of_the_settings_stays_on(self, root: User) -> None:
        model = ProviderModel.objects.of_settings()
        post(root, model, "turn", to="off")
        assert model in ProviderModel.objects.offered()
        assert actions() == []

    def test_there_is_one_default(self, root: User) -> None:
        provider = gpu()
        for name in (QWEN, KLEIN, KLEIN):
            post(root, model_of(provider, name), "default")
        assert ProviderModel.objects.get(is_default=True).name == KLEIN
        assert actions() == ["set the default model"] * 2

    def test_a_hidden_one_cannot_be_the_default(self, root: User) -> None:
        model = model_of(gpu())
        offering.turn_model(model, on=False, actor=root, now=NOW)
        assert not offering.set_default(model, actor=root, now=NOW)
        assert not ProviderModel.objects.filter(is_default=True).exists()

    def test_up_and_down(self, root: User) -> None:
        provider = gpu()
        post(root, model_of(provider, KLEIN), "move", to="up")
        assert names(provider) == [KLEIN, QWEN]
        post(root, model_of(provider, KLEIN), "move", to="up")
        assert names(provider) == [KLEIN, QWEN]
        assert actions() == ["moved a model"]


@pytest.mark.django_db
class TestRemoving:
    def test_the_page_asks_first(self, root: User, alice: User) -> None:
        model = model_of(gpu())
        edit = edit_of(alice, provider_id=model.provider_id, model=QWEN)
        client = signed_in(root)
        address = f"/settings/providers/{model.provider.slug}/models/{model.pk}/remove/"
        assert client.get(address).context["waiting"] == 1
        assert ProviderModel.objects.filter(pk=model.pk).exists()
        client.post(address)
        assert not ProviderModel.objects.filter(pk=model.pk).exists()
        edit.refresh_from_db()
        assert edit.status == "queued"
        assert claim_next(lease=LEASE, now=NOW) is None
        assert actions() == ["removed a model"]

    def test_those_of_the_settings_stay(self, root: User) -> None:
        for model in ProviderModel.objects.filter(provider=FIRST).select_related("provider"):
            post(root, model, "remove")
        assert ProviderModel.objects.filter(provider=FIRST).count() == 2

    def test_a_provider_without_models_says_so(self, root: User) -> None:
        provider = gpu(models=())
        page = signed_in(root).get(f"/settings/providers/{provider.slug}/").content.decode()
        assert "No models yet" in page
        assert 'id="test-edit"' not in page, "there is nothing to test"


@pytest.mark.django_db
def test_a_test_edit_is_one_call_of_the_model_that_was_named(root: User) -> None:
    with editing_server("ok") as server:
        provider = gpu(stored_url=server.base_url)
        answer = signed_in(root).post(f"/settings/providers/{provider.slug}/test/", {"model": KLEIN})
        assert server.calls == 1
        (received,) = server.received
    assert received.fields["model"] == KLEIN
    assert answer.context["trial"].works
    assert answer.context["tested"].name == KLEIN


def test_what_is_served_is_the_same_in_a_query_and_on_a_row(db: None) -> None:
    on, removed = gpu(), gpu("Old box", removed_at=timezone.now())
    on.models.filter(name=KLEIN).update(is_on=False)
    ProviderModel.objects.filter(provider=FIRST).update(is_on=False)
    rows = ProviderModel.objects.select_related("provider")
    assert {row.pk for row in rows if row.is_served} == set(rows.served().values_list("pk", flat=True))
    assert not any(row.is_served for row in rows.filter(provider=removed))
    assert [row.name for row in rows.filter(provider=on) if row.is_served] == [QWEN]


@pytest.mark.parametrize("of_settings_is_on", [True, False])
def test_what_is_offered_is_the_same_in_a_query_and_in_two_reads(
    db: None, django_assert_num_queries: Any, of_settings_is_on: bool
) -> None:
    ProviderModel.objects.filter(provider=FIRST).update(is_on=of_settings_is_on)
    gpu("Old box", removed_at=timezone.now())
    on = gpu(position=2)
    Provider.objects.filter(pk=FIRST).update(position=3)
    on.models.filter(name=KLEIN).update(position=9)
    gpu("Third").models.filter(name=QWEN).update(is_on=False)
    offered = list(ProviderModel.objects.offered())
    assert len(offered) == (5 if of_settings_is_on else 4)
    with django_assert_num_queries(2):
        read = ProviderModel.objects.all_offered()
        assert [model.full_id for model in read] == [model.full_id for model in offered]
    assert read == offered
