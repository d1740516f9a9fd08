"""The database rejects invalid providers, models, references and canary runs: a test for each constraint."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from edits.models import CanaryRun, Provider, ProviderModel, User
from tests.factories import default_model, edit_of
from tests.test_models import refuses


def refuses_row(constraint: str, column: str, insert: Callable[[], object]) -> None:
    """The database takes no such row; SQLite names the columns, PostgreSQL the constraint."""
    with pytest.raises(IntegrityError, match=rf"{constraint}|{column}"), transaction.atomic():
        insert()


def test_a_provider_is_held_for_a_reason(db: None) -> None:
    refuses(Provider.objects.all(), "provider_held_has_reason", held_since=timezone.now())


def added_provider(**fields: Any) -> Provider:
    """A second provider."""
    usual = {"name": "GPU", "slug": "gpu", "stored_url": "http://127.0.0.1:1/v1"}
    return Provider.objects.create(**(usual | fields))


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("provider_has_url", {"stored_url": ""}),
        ("provider_limits_positive", {"stored_timeout_seconds": 0}),
        ("provider_limits_positive", {"stored_max_concurrent": 0}),
        ("provider_limits_positive", {"stored_max_per_minute": 0}),
    ],
)
def test_a_provider_can_be_called(db: None, constraint: str, fields: dict[str, Any]) -> None:
    added_provider()
    refuses(Provider.objects.filter(slug="gpu"), constraint, **fields)


def test_one_provider_is_that_of_the_settings(db: None) -> None:
    refuses_row(
        "provider_one_from_settings", "provider.from_settings", lambda: added_provider(from_settings=True)
    )


def test_two_providers_have_two_names_until_one_is_removed(db: None) -> None:
    first = added_provider()
    refuses_row("provider_name_once", "provider.name", lambda: added_provider(slug="gpu-2"))
    Provider.objects.filter(pk=first.pk).update(removed_at=timezone.now())
    assert added_provider(slug="gpu-2").name == "GPU"


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [("model_has_name", {"name": ""}), ("model_price_not_negative", {"price": "-0.01"})],
)
def test_a_model_has_a_name_and_no_negative_price(db: None, constraint: str, fields: dict[str, Any]) -> None:
    refuses(ProviderModel.objects.filter(name="step-1x-edit"), constraint, **fields)


def test_a_provider_offers_a_model_once_and_one_model_is_the_default(db: None) -> None:
    provider = Provider.objects.get()
    refuses_row(
        "model_once_per_provider", "providermodel.name", lambda: provider.models.create(name="step-1x-edit")
    )
    provider.models.filter(name="step-1x-edit").update(is_default=True)
    refuses_row(
        "model_one_default",
        "providermodel.is_default",
        lambda: provider.models.create(name="other", is_default=True),
    )


def test_an_edit_has_one_reference_at_a_position(alice: User) -> None:
    edit = edit_of(alice)
    edit.references.create(upload=edit.upload, position=1)
    refuses_row(
        "reference_once_per_position",
        "editreference.position",
        lambda: edit.references.create(upload=edit.upload, position=1),
    )


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("canary_difference_is_a_share", {"difference": -0.01}),
        ("canary_difference_is_a_share", {"difference": 1.01}),
        ("canary_failed_has_no_picture", {"fault": "no_answer", "is_baseline": True}),
        ("canary_failed_has_no_picture", {"fault": "no_answer", "picture": "data:image/webp;base64,"}),
    ],
)
def test_a_canary_run_failed_or_brought_a_picture(db: None, constraint: str, fields: dict[str, Any]) -> None:
    CanaryRun.objects.create(model=default_model(), began_at=timezone.now(), difference=1.0)
    refuses(CanaryRun.objects.all(), constraint, **fields)
