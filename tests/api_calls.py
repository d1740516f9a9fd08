"""Calls that ask the API for an edit, as programs put them together, and what is read of the answers."""

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from edits.models import EditRequest, Submission, Upload
from tests.pictures import photo
from tests.stored import stored

ADDRESS = "/v1/images/edits"
PHOTO = photo()
PROMPT = "Turn the cat into a British Shorthair."
AT_ONCE = {"Prefer": "respond-async"}


def ask(
    program: Client,
    *,
    picture: bytes | None = PHOTO,
    name: str = "cat.jpg",
    leave_out: str = "",
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> Any:
    """Send an edit that is as usual but for what is named; the answer comes at once, before it is made."""
    sent: dict[str, Any] = {"model": "step-1x-edit", "prompt": PROMPT} | fields
    if picture is not None and "image[]" not in fields:
        sent = {"image": SimpleUploadedFile(name, picture)} | sent
    sent.pop(leave_out, None)
    return program.post(ADDRESS, sent, headers=AT_ONCE | (headers or {}))


def form(*parts: tuple[str, bytes], end: bool = True, boundary: str = "x-boundary-x") -> tuple[bytes, str]:
    """A body in multipart/form-data out of header lines and contents, and its content type."""
    body = b"".join(
        f"--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n".encode() + content + b"\r\n"
        for head, content in parts
    )
    return body + (
        f"--{boundary}--\r\n".encode() if end else b""
    ), f"multipart/form-data; boundary={boundary}"


def usual_parts() -> list[tuple[str, bytes]]:
    """The parts of an edit that is taken."""
    return [
        ('name="model"', b"step-1x-edit"),
        ('name="prompt"', PROMPT.encode()),
        ('name="image"; filename="cat.jpg"\r\nContent-Type: image/jpeg', PHOTO),
    ]


def error_of(response: Any) -> dict[str, Any]:
    """The error of an answer, which has the one shape that errors have."""
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["X-Request-Id"]
    body = response.json()
    assert set(body) == {"error"}
    error: dict[str, Any] = body["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert error["message"].endswith(".")
    return error


def refusal_of(response: Any, *, status: int = 400) -> tuple[str | None, str]:
    """Which field was to blame and the code; nothing is kept of a call that is refused."""
    error = error_of(response)
    assert response.status_code == status, error
    assert error["type"] == "invalid_request_error"
    nothing_is_kept()
    return error["param"], error["code"]


def nothing_is_kept() -> None:
    """No edit, no picture, no file, and the Idempotency-Key may be used again."""
    assert not EditRequest.objects.exists()
    assert not Upload.objects.exists()
    assert not Submission.objects.exists()
    assert stored() == []


def taken(response: Any) -> EditRequest:
    """The edit that came of a call."""
    assert response.status_code == 202, response.content
    return EditRequest.objects.select_related("upload").get(public_id=response.headers["X-Edit-Id"])


def some_id() -> str:
    """The id of nothing."""
    return str(uuid4())
