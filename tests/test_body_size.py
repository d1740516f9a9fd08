"""The door for bodies: what is larger than any picture may be ends with a sentence, before anything is read."""

import pytest

from edits.http.body_size import MOST_BYTES
from edits.models import EditRequest, Upload, User
from tests.conftest import signed_in
from tests.stored import stored

STUDIO = "/"


def test_a_body_of_60_mb_ends_with_a_sentence(alice: User) -> None:
    client = signed_in(alice)
    response = client.generic(
        "POST", STUDIO, b"x" * (MOST_BYTES + 1), content_type="multipart/form-data; boundary=x"
    )
    assert response.status_code == 413
    assert "50 MB" in response.content.decode()
    assert not Upload.objects.exists()
    assert not EditRequest.objects.exists()
    assert stored() == []


def test_a_body_that_claims_a_gigabyte_is_not_waited_for(alice: User) -> None:
    response = signed_in(alice).generic("POST", STUDIO, b"x", CONTENT_LENGTH=str(2**30))
    assert response.status_code == 413


def test_a_program_reads_the_size_limit_as_json(alice: User) -> None:
    response = signed_in(alice).generic(
        "POST", STUDIO, b"x", CONTENT_LENGTH=str(2**30), HTTP_ACCEPT="application/json"
    )
    assert response.json()["error"]["code"] == "too_large"


@pytest.mark.parametrize("length", ["", "x", "-1"])
def test_an_odd_length_is_no_crash(alice: User, length: str) -> None:
    assert signed_in(alice).generic("POST", STUDIO, b"", CONTENT_LENGTH=length).status_code in (400, 422)


def test_a_form_without_a_picture_passes(alice: User) -> None:
    assert signed_in(alice).post(STUDIO, {"prompt": "sepia"}).status_code == 422
