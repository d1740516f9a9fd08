"""The form of a model's spec: what it stores, and how a contradiction is a sentence on its field."""

from decimal import Decimal
from typing import Any

import pytest

from edits.forms.model_spec import ModelForm
from edits.model_specs import STEP_1X_EDIT, Bounds
from edits.models import FIRST, AuditEntry, ProviderModel, User
from edits.providers.presets import PRESETS
from tests.conftest import signed_in
from tests.model_lists import KLEIN, QWEN
from tests.provider_rows import gpu, model_of


def shown(model: ProviderModel) -> dict[str, Any]:
    """What a browser sends back of the form as it is shown."""
    initial = ModelForm(model=model).initial
    return {name: "on" if value is True else value for name, value in initial.items() if value is not False}


def send(root: User, model: ProviderModel, **changes: Any) -> Any:
    address = f"/settings/providers/{model.provider.slug}/models/{model.pk}/"
    sent = {name: value for name, value in (shown(model) | changes).items() if value is not None}
    return signed_in(root).post(address, sent)


@pytest.mark.django_db
@pytest.mark.parametrize("preset", [key for key, preset in PRESETS.items() if preset.models])
def test_what_is_shown_is_what_is_stored(root: User, preset: str) -> None:
    provider = gpu(
        preset=preset, models=("qwen-image-edit", "flux2-klein", "gpt-image-2", "step-1x-edit", "x")
    )
    for model in provider.models.select_related("provider"):
        before = model.spec
        assert send(root, model).status_code == 302
        assert ProviderModel.objects.select_related("provider").get(pk=model.pk).spec == before
    assert not AuditEntry.objects.exists(), "nothing was changed"


@pytest.mark.django_db
class TestStoring:
    def test_every_kind_of_field(self, root: User) -> None:
        model = model_of(gpu())
        answer = send(
            root, model, label="Qwen", price="0,025", good_at="Faces.", max_prompt_chars="800", max_side_px="1500",
            formats=["PNG"], max_sent_mb="2.5", steps_least="4", steps_default="8", steps_most="16",
            cfg_scale_least="", cfg_scale_default="", cfg_scale_most="", sizes="auto\n1024×1024, 512X512",
            default_size="1024x1024", takes_seed=None, takes_mask="on", qualities="Low, high", output_formats="png",
            accent="sglang",
        )  # fmt: skip
        assert answer.status_code == 302
        row = model_of(model.provider)
        spec = row.spec
        assert (row.label, row.price, row.accent) == ("Qwen", Decimal("0.0250"), "sglang")
        assert (spec.steps, spec.cfg_scale, spec.takes_seed) == (Bounds(4, 16, 8), None, False)
        assert (spec.sizes, spec.default_size) == (("auto", "1024x1024", "512x512"), "1024x1024")
        assert (spec.formats, spec.max_sent_bytes, spec.qualities) == (("PNG",), 2_500_000, ("low", "high"))
        assert AuditEntry.objects.get().detail == "accent, label, price, spec"

    def test_a_spec_that_waiting_edits_exceed_is_allowed(self, root: User, alice: User) -> None:
        model = model_of(gpu())
        assert send(root, model, max_prompt_chars="3").status_code == 302

    def test_a_provider_of_stepfuns_kind_has_no_accent(self, root: User) -> None:
        model = model_of(gpu(preset="stepfun"))
        assert "accent" not in ModelForm(model=model).fields


@pytest.mark.django_db
class TestContradictions:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"min_side_px": "900", "max_side_px": "800"}, "max_side_px"),
            ({"min_side_px": "100", "max_area_px": "9999"}, "max_area_px"),
            ({"formats": None}, "formats"),
            ({"steps_least": "9", "steps_default": "5", "steps_most": "20"}, "steps_least"),
            ({"steps_least": "1", "steps_default": "", "steps_most": "20"}, "steps_least"),
            ({"steps_least": "1.5", "steps_default": "2", "steps_most": "3"}, "steps_least"),
            ({"steps_most": "5000"}, "steps_most"),
            ({"cfg_scale_least": "nan", "cfg_scale_default": "2", "cfg_scale_most": "3"}, "cfg_scale_least"),
            ({"cfg_scale_default": "50"}, "cfg_scale_least"),
            ({"sizes": "big"}, "sizes"),
            ({"sizes": "99999x1"}, "sizes"),
            ({"sizes": "1024x1024", "default_size": "512x512"}, "default_size"),
            ({"sizes": "", "default_size": "512x512"}, "default_size"),
            ({"max_sent_mb": "0"}, "max_sent_mb"),
            ({"max_sent_mb": "51"}, "max_sent_mb"),
            ({"max_prompt_chars": ""}, "max_prompt_chars"),
            ({"max_prompt_chars": "0"}, "max_prompt_chars"),
            ({"max_pictures": "17"}, "max_pictures"),
            ({"side_multiple_px": "0"}, "side_multiple_px"),
            ({"max_ratio": "1e3"}, "max_ratio"),
            ({"output_formats": "gif"}, "output_formats"),
            ({"qualities": "<b>"}, "qualities"),
            ({"price": "-2"}, "price"),
            ({"label": "x" * 61}, "label"),
            ({"accent": "klingon"}, "accent"),
            ({"size_rule": "any"}, "size_rule"),
        ],
    )
    def test_it_is_said_on_the_field_and_nothing_is_stored(
        self, root: User, changes: dict[str, Any], field: str
    ) -> None:
        model = model_of(gpu())
        before = ProviderModel.objects.values().get(pk=model.pk)
        answer = send(root, model, **(changes | {"good_at": "Entered meanwhile."}))
        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        assert "Entered meanwhile." in answer.content.decode()
        assert ProviderModel.objects.values().get(pk=model.pk) == before
        assert not AuditEntry.objects.exists()


@pytest.mark.django_db
class TestBuiltIn:
    def test_label_and_price_can_be_set_and_the_spec_only_read(self, root: User) -> None:
        model = ProviderModel.objects.select_related("provider").get(provider=FIRST, name="step-1x-edit")
        page = signed_in(root).get(f"/settings/providers/stepfun/models/{model.pk}/").content.decode()
        assert 'name="max_side_px"' not in page
        assert (
            send(root, model, price="0.01", label="Step", max_side_px="10", takes_seed=None).status_code
            == 302
        )
        row = ProviderModel.objects.select_related("provider").get(pk=model.pk)
        assert (row.label, row.price) == ("Step", Decimal("0.0100"))
        assert row.spec == STEP_1X_EDIT


@pytest.mark.django_db
def test_names_with_slashes_and_colons_have_a_page(root: User) -> None:
    provider = gpu(models=("org/model:v2", QWEN, KLEIN))
    model = model_of(provider, "org/model:v2")
    page = signed_in(root).get(f"/settings/providers/{provider.slug}/models/{model.pk}/").content.decode()
    assert "org/model:v2" in page
