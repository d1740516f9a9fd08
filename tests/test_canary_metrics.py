"""What metrics say of canaries: the latest run of each model that has one on, and when a model changed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings

from edits.models import CanarySkip, ProviderModel
from edits.services.queue import maintenance
from tests.canaries import qwen, run_of, studio_gpu

NOW = timezone.now()
TOKEN = "a-token-of-many-characters"
NAMES = {"provider": "studio-gpu", "model": "Qwen/Qwen-Image-Edit-2511"}


@pytest.fixture
def model(db: None, settings: Settings) -> ProviderModel:
    settings.METRICS_TOKEN = TOKEN
    return qwen(studio_gpu())


def scrape() -> dict[str, float]:
    """The samples of canaries, by name without the prefix; each has the labels of the model."""
    text = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}).text
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    found = [sample for sample in samples if "canary" in sample.name or "model_changed" in sample.name]
    assert all(sample.labels == NAMES for sample in found)
    return {sample.name.removeprefix("retake_"): sample.value for sample in found}


def test_the_latest_run_is_told(model: ProviderModel) -> None:
    run_of(model, at=NOW - timedelta(days=1), seconds=99.0, difference=0.9)
    run_of(model, at=NOW, seconds=4.5, difference=0.01)
    assert scrape() == {"canary_seconds": 4.5, "canary_difference": 0.01, "canary_failed": 0}


def test_a_failure_has_neither_time_nor_difference(model: ProviderModel) -> None:
    run_of(model, at=NOW - timedelta(days=1))
    run_of(model, at=NOW, fault="no_answer", seconds=180.0)
    assert scrape() == {"canary_failed": 1}


def test_a_skipped_day_and_one_under_way_leave_the_one_before(model: ProviderModel) -> None:
    run_of(model, at=NOW - timedelta(days=2), seconds=4.5)
    run_of(model, at=NOW - timedelta(days=1), skipped=CanarySkip.HELD, seconds=None)
    run_of(model, at=NOW, seconds=None, format="", picture="")
    assert scrape()["canary_seconds"] == 4.5


def test_when_the_model_changed_is_told_in_unix_time(model: ProviderModel) -> None:
    ProviderModel.objects.filter(pk=model.pk).update(changed_at=NOW)
    assert scrape() == {"model_changed_timestamp_seconds": pytest.approx(NOW.timestamp())}


def test_one_that_is_switched_off_is_not(model: ProviderModel) -> None:
    run_of(model, at=NOW)
    ProviderModel.objects.filter(pk=model.pk).update(canary_is_on=False)
    assert scrape() == {}


def test_the_worker_runs_them_in_a_round_of_their_own() -> None:
    """A call may take minutes: nothing else may wait for it."""
    rounds = [*maintenance.UNTIL_THE_END, *maintenance.UNTIL_A_STOP]
    others = {step for steps in rounds if steps != maintenance.CANARY_TASKS for step in steps}
    assert {step.__name__ for step in maintenance.CANARY_TASKS} == {"run_due_canaries", "forget_old_runs"}
    assert others.isdisjoint(maintenance.CANARY_TASKS)
