"""A model whose row was changed past the form: it takes a picture and a prompt only, and harms no other model."""

from typing import Any

import pytest
from django.core.checks import run_checks
from django.urls import reverse

from edits import checks
from edits.model_specs import BadSpec, ModelSpec
from edits.models import ProviderModel, User
from tests.callers import caller_of
from tests.conftest import signed_in
from tests.provider_rows import gpu, model_of

BROKEN: list[Any] = [
    {"sizes": ["x"], "default_size": "x"},
    {"sizes": 7},
    {"steps": {"least": 1}},
    {"steps": "many"},
    {"max_pictures": 0},
    {"side_multiple_px": "a"},
    {"formats": None},
    [],
    "none",
    None,
]


@pytest.fixture(params=BROKEN)
def broken(request: pytest.FixtureRequest, db: None) -> ProviderModel:
    model = model_of(gpu())
    if request.param is None:
        return ProviderModel(provider=model.provider, name=model.name, spec_json=None)
    ProviderModel.objects.filter(pk=model.pk).update(spec_json=request.param)
    return ProviderModel.objects.select_related("provider").get(pk=model.pk)


def test_it_takes_what_every_model_takes_and_says_what_is_wrong(broken: ProviderModel) -> None:
    assert broken.spec == ModelSpec(broken.name)
    assert broken.spec_error


@pytest.mark.parametrize("spec", BROKEN)
def test_a_spec_is_read_whole_or_refused(spec: Any) -> None:
    with pytest.raises(BadSpec):
        ModelSpec.from_json("m", spec)


@pytest.mark.parametrize("page", ["edits:studio", "edits:history", "edits:providers"])
def test_pages_still_open(broken: ProviderModel, root: User, page: str) -> None:
    assert signed_in(root).get(reverse(page)).status_code == 200


def test_it_can_be_chosen_in_the_studio(broken: ProviderModel, alice: User) -> None:
    address = reverse("edits:studio", query={"model": broken.full_id})
    assert signed_in(alice).get(address).status_code == 200


@pytest.mark.parametrize("address", ["/v1/models", "/v1/openapi.json"])
def test_programs_read_of_every_model(broken: ProviderModel, alice: User, address: str) -> None:
    assert caller_of(alice).get(address).status_code == 200


def test_its_own_page_says_so_and_saving_the_form_repairs_it(root: User) -> None:
    model = model_of(gpu())
    ProviderModel.objects.filter(pk=model.pk).update(spec_json={"max_pictures": 0})
    page, browser = reverse("edits:provider_model", args=[model.provider.slug, model.pk]), signed_in(root)
    form = browser.get(page).context["form"]
    sent = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    assert browser.post(page, sent).status_code == 302
    assert ProviderModel.objects.select_related("provider").get(pk=model.pk).spec_error == ""


def test_administrators_read_of_it_in_the_checks(db: None) -> None:
    model = model_of(gpu())
    assert "retake.W015" not in found()
    ProviderModel.objects.filter(pk=model.pk).update(spec_json={"max_pictures": 0})
    assert "retake.W015" in found()


def found() -> list[str | None]:
    return [each.id for each in run_checks(tags=[checks.TAG], databases=["default"])]
