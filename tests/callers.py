"""Programs that call the API in tests, each with a key of its own."""

from typing import Any

from django.test import Client
from django.utils import timezone

from edits.models import User
from edits.services.api.api_keys import make_api_key


def caller_of(user: User, **key: Any) -> Client:
    """A program of this person's; ``key`` says what its key may do."""
    _, text = make_api_key(owner=user, name="a script", **key, now=timezone.now())
    return Client(headers={"Authorization": f"Bearer {text}"})
