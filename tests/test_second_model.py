"""Another model is a setting: page, form, worker and practice engine follow its spec."""

import uuid
from collections.abc import Iterator
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pytest_django.fixtures import Settings

from edits import tasks
from edits.local_engine import make_server
from edits.models import EditRequest, Status, User
from tests.conftest import signed_in
from tests.pictures import photo


@pytest.fixture(autouse=True)
def _second_model(settings: Settings) -> Iterator[None]:
    settings.STEPFUN_MODEL = "step-image-edit-2"
    with make_server(key="test-key") as server:
        settings.STEPFUN_BASE_URL = server.base_url
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield
        server.shutdown()
        serving.join()


def send(alice: User, **fields: str) -> int:
    image = SimpleUploadedFile("harbor.jpg", photo(width=2000, height=1500))
    form = {"image": image, "prompt": "sepia", "submission_key": str(uuid.uuid4())} | fields
    return signed_in(alice).post(reverse("edits:studio"), form).status_code


def test_its_form_has_no_size_and_its_own_defaults(alice: User) -> None:
    page = signed_in(alice).get(reverse("edits:studio")).content.decode()
    assert 'name="size"' not in page
    assert "8 steps · cfg 1" in page


def test_a_picture_that_the_first_model_would_shrink_goes_as_it_is_and_comes_back_so(alice: User) -> None:
    assert send(alice) == 302
    tasks.work()
    edit = EditRequest.objects.get()
    assert (edit.status, edit.model, edit.size) == (Status.SUCCEEDED, "step-image-edit-2", "")
    assert (edit.steps, edit.cfg_scale) == (8, 1.0)
    assert (edit.upload.width_px, edit.upload.height_px) == (2000, 1500)
    assert (edit.result.width_px, edit.result.height_px) == (2000, 1500)


@pytest.mark.parametrize("fields", [{"steps": "51"}, {"size": "512x512"}, {"cfg_scale": "10.5"}])
def test_its_limits_are_its_own(alice: User, fields: dict[str, str]) -> None:
    assert send(alice, **fields) == 422
    assert not EditRequest.objects.exists()
