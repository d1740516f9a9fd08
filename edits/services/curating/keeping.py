"""Keeps some of several candidates and drops the others.  Kept means starred."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from edits.models import Star, Status, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.curating.sharing import star_edits


def keep_only(*, user: User, shown: EditRequestQuerySet, kept: Iterable[UUID], now: datetime) -> None:
    """Star those of the shown edits that are in ``kept`` and have a picture; take the user's star off the others.

    A star that is there already keeps its moment.  Three statements, whatever their number.
    """
    kept = list(kept)
    with transaction.atomic():
        star_edits(user=user, edits=shown.filter(public_id__in=kept, status=Status.SUCCEEDED), now=now)
        dropped = shown.exclude(public_id__in=kept).order_by().values("pk")
        Star.objects.filter(user=user, edit__in=dropped).delete()
