"""What has to be done inside an installation, next to its database.  Called through ``manage.py shell``."""

import uuid
from statistics import median
from typing import Any

from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.pictures import tag_of
from edits.models import MOST_CALLS_PER_MINUTE, EditRequest, ReturnedImage, User
from edits.services.programs.api_keys import make_api_key

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NAME = "alice"


def make_members(count: int) -> list[str]:
    """So many accounts that are signed in; returns the keys of their sessions."""
    names = [NAME, *(f"{NAME}{number}" for number in range(2, count + 1))]
    users = [User.objects.get_or_create(username=name)[0] for name in names]
    return [_client(user).cookies["sessionid"].value for user in users]


def make_api_keys(count: int) -> list[str]:
    """A key for each of so many members; returns their texts."""
    make_members(count)
    members = User.objects.order_by("id")[:count]
    return [
        make_api_key(owner=member, name="bench", per_minute=MOST_CALLS_PER_MINUTE)[1] for member in members
    ]


def results() -> list[list[str]]:
    """For each edit in the order of the clicks: its prompt, its status and the tag in its picture."""
    edits = EditRequest.objects.select_related("result").order_by("id")
    return [[edit.prompt, edit.status, _tag(edit)] for edit in edits]


def _tag(edit: EditRequest) -> str:
    if not hasattr(edit, "result"):
        return ""
    with edit.result.file.open("rb") as file:
        return tag_of(file.read())


def claim_times() -> list[float]:
    """For each edit in the order of the clicks: when a worker took it, in seconds since 1970."""
    rows = EditRequest.objects.filter(started_at__isnull=False).order_by("id")
    return [started.timestamp() for started in rows.values_list("started_at", flat=True) if started]


def history_queries() -> dict[str, int]:
    """How many queries the history page takes, with the edits there are and after many more."""
    client = _client(User.objects.get(username=NAME))
    few = EditRequest.objects.count()
    counts = {f"{few} edits": _queries(client)}
    _multiply(EditRequest.objects.filter(result__isnull=False)[0], by=1000)
    return counts | {f"{few + 1000} edits": _queries(client)}


def _client(user: User) -> Client:
    client = Client(SERVER_NAME="localhost")
    client.force_login(user, backend=BACKEND)
    return client


def _queries(client: Client) -> int:
    """The median of five visits, for the first of a process may fill caches."""
    counts = []
    for _ in range(5):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("edits:history")).status_code == 200
        counts.append(len(queries))
    return int(median(counts))


def _multiply(edit: EditRequest, *, by: int) -> None:
    """Copies of a finished edit and its result, as rows only; all show the same picture."""
    columns = _columns(edit)
    copies = EditRequest.objects.bulk_create(
        EditRequest(**columns | {"public_id": uuid.uuid4(), "submission_key": uuid.uuid4()})
        for _ in range(by)
    )
    columns = _columns(ReturnedImage.objects.get(edit=edit))
    ReturnedImage.objects.bulk_create(ReturnedImage(**columns | {"edit_id": copy.pk}) for copy in copies)


def _columns(row: Model) -> dict[str, Any]:
    fields = (field for field in row._meta.concrete_fields if not field.primary_key)
    return {field.attname: getattr(row, field.attname) for field in fields}
