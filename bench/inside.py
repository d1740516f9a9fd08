"""What has to run inside an installation, next to its database.  Called through ``manage.py shell``."""

import uuid
from statistics import median
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.pictures import tag_of
from edits.models import MOST_CALLS_PER_MINUTE, EditRequest, ReturnedImage, User
from edits.services.api.api_keys import make_api_key

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
NAME = "alice"


def make_members(count: int) -> list[str]:
    """Create ``count`` signed-in accounts; returns their session cookies, each as name=value."""
    names = [NAME, *(f"{NAME}{number}" for number in range(2, count + 1))]
    # Signing in through the form stores the browser's zone; without one, the first page would request it.
    users = [User.objects.get_or_create(username=name, defaults={"time_zone": "UTC"})[0] for name in names]
    name = settings.SESSION_COOKIE_NAME
    return [f"{name}={_client(user).cookies[name].value}" for user in users]


def make_api_keys(count: int) -> list[str]:
    """Create a key for each of ``count`` members; returns their texts."""
    make_members(count)
    members = User.objects.order_by("id")[:count]
    return [
        make_api_key(owner=member, name="bench", per_minute=MOST_CALLS_PER_MINUTE, now=timezone.now())[1]
        for member in members
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
    """For each edit in the order of the clicks, when a worker claimed it, in seconds since 1970."""
    rows = EditRequest.objects.filter(started_at__isnull=False).order_by("id")
    return [started.timestamp() for started in rows.values_list("started_at", flat=True) if started]


def history_queries() -> dict[str, int]:
    """The number of queries of the history page, with the current edits and with a thousand more."""
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
    """The median of five visits, because the first one of a process may fill caches."""
    counts = []
    for _ in range(5):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("edits:history")).status_code == 200
        counts.append(len(queries))
    return int(median(counts))


def _multiply(edit: EditRequest, *, by: int) -> None:
    """Copy a finished edit and its result as rows; all copies show the same picture."""
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
