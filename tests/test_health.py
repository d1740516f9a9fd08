"""What load balancers and monitors are told."""

from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from edits.models import EditRequest, Provider, User
from tests.factories import edit_of


@pytest.fixture
def worker(db: None) -> None:
    """A worker that was heard just now."""
    Provider.objects.filter(pk=1).update(worker_seen_at=timezone.now())


@pytest.mark.django_db
def test_healthz_answers_without_asking_the_database(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        response = Client().get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_health_is_told_before_the_first_account_exists() -> None:
    assert not User.objects.exists()
    assert Client().get("/healthz").status_code == 200
    assert Client().get("/readyz").status_code in {200, 503}


@pytest.mark.usefixtures("worker")
def test_readyz_is_well_when_all_parts_work() -> None:
    response = Client().get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"database": True, "storage": True, "worker": True, "oldest_due_seconds": None}


@pytest.mark.usefixtures("worker")
def test_the_probe_leaves_no_file_behind() -> None:
    Client().get("/readyz")
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


@pytest.mark.django_db
@pytest.mark.parametrize("silent_for", [None, timedelta(seconds=61)])
def test_a_worker_that_is_not_heard_makes_it_unready(silent_for: timedelta | None) -> None:
    heard = timezone.now() - silent_for if silent_for else None
    Provider.objects.filter(pk=1).update(worker_seen_at=heard)
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["worker"] is False


@pytest.mark.usefixtures("worker")
def test_a_full_disk_makes_it_unready_and_the_answer_tells_no_path() -> None:
    full = OSError(28, "No space left on device", "/srv/retake/pictures")
    with mock.patch.object(default_storage, "save", side_effect=full):
        response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["storage"] is False
    assert b"/srv" not in response.content


@pytest.mark.usefixtures("worker")
def test_a_database_that_is_away_makes_it_unready_not_broken() -> None:
    with mock.patch.object(Provider.objects, "exists", side_effect=OperationalError("db.internal refused")):
        response = Client().get("/readyz")
    assert response.status_code == 503
    assert response.json()["oldest_due_seconds"] is None
    assert b"internal" not in response.content
    with mock.patch.object(Provider.objects, "exists", side_effect=OperationalError("gone")):
        assert Client().get("/healthz").status_code == 200


@pytest.mark.usefixtures("worker")
def test_the_age_of_the_queue_counts_only_what_may_go_out(alice: User) -> None:
    now = timezone.now()
    edit_of(alice, queued_at=now - timedelta(seconds=90))
    edit_of(alice, queued_at=now - timedelta(hours=2), not_before=now + timedelta(seconds=30))
    assert EditRequest.objects.count() == 2
    age = Client().get("/readyz").json()["oldest_due_seconds"]
    assert 90 <= age < 100
