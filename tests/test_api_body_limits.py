"""How large a call may be: as large as the offered models take, read from the database seldom."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import RequestFactory

from editor_site.wsgi import MOST_BODY_BYTES
from edits.http.body_size import is_too_large
from edits.images import MASK_MAX_BYTES
from edits.model_specs import STEP_1X_EDIT, ModelSpec
from edits.models import EditRequest, ProviderModel, User
from edits.services.api import body_limits
from edits.services.api.body_limits import (
    FIELDS_BYTES,
    FRESH_SECONDS,
    MOST_PICTURES_BYTES,
    BodyLimits,
    limits_of,
    most_body_bytes,
)
from tests.api_calls import PHOTO, ask, error_of, refusal_of, taken
from tests.callers import caller_of
from tests.pictures import photo
from tests.second_provider import TAKES_ALL, model_at, second_provider

Queries = Callable[[int], AbstractContextManager[Any]]
ONE = ModelSpec(name="", max_upload_bytes=20_000_000)
SMALL = replace(TAKES_ALL, max_upload_bytes=15_000_000, max_pictures=3, takes_mask=False)


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> BodyLimits:
    """Those of a process that has just started, and whose time stands still."""
    fresh = BodyLimits(clock=lambda: 0.0)
    for place in ("edits.services.api.body_limits", "edits.http.body_size", "edits.api.bodies"):
        monkeypatch.setattr(f"{place}.limits", fresh)
    return fresh


def announced(size_bytes: int) -> bool:
    """Whether a body of this length is refused."""
    return is_too_large(RequestFactory().generic("POST", "/v1/images/edits", CONTENT_LENGTH=str(size_bytes)))


@pytest.mark.parametrize(
    ("specs", "pictures_bytes", "files"),
    [([], STEP_1X_EDIT.max_upload_bytes, 2), ([ONE], 20_000_000, 2), ([ONE, SMALL], 45_000_000, 4),
     ([replace(SMALL, takes_mask=True)], 45_000_000 + MASK_MAX_BYTES, 4),
     ([replace(ONE, max_upload_bytes=50_000_000, max_pictures=16)], MOST_PICTURES_BYTES, 17)],
)  # fmt: skip
def test_the_most_demanding_model_decides(specs: list[ModelSpec], pictures_bytes: int, files: int) -> None:
    found = limits_of(specs)
    assert (found.body_bytes, found.files) == (pictures_bytes + FIELDS_BYTES, files)


def test_the_limit_of_the_settings_is_the_least(settings: Any) -> None:
    settings.API_MOST_BYTES = 99_000_000
    assert limits_of([]).body_bytes == 99_000_000


def test_a_usual_call_asks_the_database_for_no_limit(
    limits: BodyLimits, db: None, django_assert_num_queries: Queries
) -> None:
    with django_assert_num_queries(0):
        assert not announced(settings.API_MOST_BYTES)


def test_large_ones_ask_once_in_some_seconds(db: None, django_assert_num_queries: Queries) -> None:
    now = [0.0]
    limits = BodyLimits(clock=lambda: now[0])
    with django_assert_num_queries(2):
        assert limits.current() == limits.current()
    now[0] += FRESH_SECONDS
    with django_assert_num_queries(2):
        limits.current()


def test_what_a_new_model_takes_is_never_refused(limits: BodyLimits, db: None) -> None:
    assert announced(30_000_000)
    model_at(second_provider(), spec=SMALL)
    assert not announced(30_000_000)
    assert announced(45_000_000 + FIELDS_BYTES + 1)


def test_a_spec_that_is_nonsense_harms_no_other_model(limits: BodyLimits, db: None) -> None:
    model = model_at(second_provider(), spec=SMALL)
    ProviderModel.objects.filter(pk=model.pk).update(spec_json={"max_pictures": 0})
    assert limits.current() == limits_of([])


def test_while_the_database_is_away_the_last_known_limits_hold(
    limits: BodyLimits, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    model_at(second_provider(), spec=SMALL)
    known = limits.current()

    def away() -> list[ProviderModel]:
        raise OperationalError("away")

    monkeypatch.setattr(ProviderModel.objects, "all_offered", away)
    assert limits.reread() == known
    assert BodyLimits().current() == limits_of([])


def test_the_web_server_gives_bodies_in_chunks_the_same_limit() -> None:
    module, _, name = MOST_BODY_BYTES.rpartition(".")
    assert (module, getattr(body_limits, name)) == (body_limits.__name__, most_body_bytes)


def test_more_files_than_any_model_takes_are_refused_before_they_are_read(
    alice: User, limits: BodyLimits
) -> None:
    program = caller_of(alice)
    fields: dict[str, Any] = {"image[]": [SimpleUploadedFile("a.jpg", PHOTO) for _ in range(3)]}
    response = ask(program, picture=None, **fields)
    assert refusal_of(response) == ("image", "several")
    assert "2 files" in error_of(response)["message"]
    model_at(second_provider(), spec=SMALL)
    fields = {"image[]": [SimpleUploadedFile("a.jpg", photo(seed=number)) for number in range(3)]}
    assert taken(ask(program, picture=None, model="flux", **fields)).references.count() == 2
    assert EditRequest.objects.count() == 1
