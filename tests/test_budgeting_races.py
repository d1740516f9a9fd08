"""Two clicks at once never both take the last place, and who comes too late leaves nothing behind."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from edits.edit_call import EditOptions
from edits.images import CheckedImage, check_image
from edits.model_specs import MODEL_SPECS
from edits.models import Budget, EditRequest, ProviderModel, Status, Upload, User
from edits.services.budgets.budgeting import OverBudget
from edits.services.queue import inserting
from edits.services.queue.canceling import retry_edit
from edits.services.queue.submitting import Source, submit_edit
from tests.factories import default_model, edit_of, picture
from tests.stored import stored

OPTIONS = EditOptions(prompt="sepia", seed=None, steps=28, cfg_scale=6.0, size="512x512")
CLICKS = 8

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _budget(transactional_db: None) -> None:
    Budget.objects.update_or_create(pk=1, defaults={"person_per_day": 3})


def checked() -> CheckedImage:
    return check_image(picture(), spec=MODEL_SPECS["step-1x-edit"])


def click(owner: User, picture: CheckedImage, key: uuid.UUID) -> int | None:
    """The edit that the click made, or None where it was refused."""
    try:
        source = Source.of_upload(picture, name="harbor.png")
        return submit_edit(
            model=default_model(),
            owner=owner,
            source=source,
            options=OPTIONS,
            submission_key=key,
            now=timezone.now(),
        ).pk
    except OverBudget:
        return None
    finally:
        connection.close()


@pytest.fixture
def _all_store_their_pictures_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks for a place before all have stored their pictures: the worst of races."""
    together = threading.Barrier(CLICKS, timeout=60)
    store, waited = inserting.store_upload, threading.local()

    def store_and_wait(**given: Any) -> Upload:
        upload = store(**given)
        if not hasattr(waited, "once"):  # who finds that another was faster comes a second time
            waited.once = True
            connection.close()
            together.wait()
        return upload

    monkeypatch.setattr(inserting, "store_upload", store_and_wait)


@pytest.mark.usefixtures("_all_store_their_pictures_first")
def test_eight_clicks_for_three_places_make_three_edits_and_leave_three_pictures(alice: User) -> None:
    pictures = [checked() for _ in range(CLICKS)]
    with ThreadPoolExecutor(CLICKS) as pool:
        made = list(pool.map(lambda picture: click(alice, picture, uuid.uuid4()), pictures))
    assert len([pk for pk in made if pk]) == EditRequest.objects.count() == Upload.objects.count() == 3
    assert len(stored()) == 3


@pytest.mark.usefixtures("_all_store_their_pictures_first")
def test_the_picture_that_won_stays_when_the_same_one_is_refused(alice: User) -> None:
    Budget.objects.update(person_per_day=1)
    same = checked()
    with ThreadPoolExecutor(CLICKS) as pool:
        list(pool.map(lambda _: click(alice, same, uuid.uuid4()), range(CLICKS)))
    edit = EditRequest.objects.get()
    assert Upload.objects.get() == edit.upload
    assert stored() == [edit.upload.file.name]


@pytest.mark.usefixtures("_all_store_their_pictures_first")
def test_all_halves_of_a_click_for_the_last_place_get_its_edit(alice: User) -> None:
    Budget.objects.update(person_per_day=1)
    same, key = checked(), uuid.uuid4()
    with ThreadPoolExecutor(CLICKS) as pool:
        made = set(pool.map(lambda _: click(alice, same, key), range(CLICKS)))
    assert made == {EditRequest.objects.get().pk}


@pytest.mark.usefixtures("_all_store_their_pictures_first")
def test_eight_clicks_for_money_for_three_make_three_edits(alice: User) -> None:
    Budget.objects.update(person_per_day=None, person_cost_per_day=Decimal("0.14"))
    ProviderModel.objects.update(price=Decimal("0.04"))
    pictures = [checked() for _ in range(CLICKS)]
    with ThreadPoolExecutor(CLICKS) as pool:
        made = list(pool.map(lambda picture: click(alice, picture, uuid.uuid4()), pictures))
    assert len([pk for pk in made if pk]) == EditRequest.objects.count() == Upload.objects.count() == 3
    assert len(stored()) == 3


def test_of_two_failed_edits_only_one_takes_the_last_place(alice: User) -> None:
    Budget.objects.update(person_per_day=1)
    failed = [edit_of(alice, status=Status.FAILED) for _ in range(2)]
    together = threading.Barrier(2, timeout=60)

    def again(edit: EditRequest) -> bool:
        try:
            together.wait()
            return retry_edit(edit=edit, now=timezone.now())
        except OverBudget:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(again, failed)) == [False, True]
    assert EditRequest.objects.queued().count() == 1
