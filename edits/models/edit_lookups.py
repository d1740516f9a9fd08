"""Which edits: by owner, by who may see them, and by status."""

from collections import Counter
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Subquery, When

from edits.faults import Fault
from edits.models.budgets import exhausted_until, exhausted_until_for_priced
from edits.models.people import User
from edits.models.provider_models import ProviderModel
from edits.models.statuses import ACTIVE, Status

if TYPE_CHECKING:
    from edits.models.edit_requests import EditRequest


class EditRequestQuerySet(models.QuerySet["EditRequest"]):
    """Edits by owner, by who may see them, and by status."""

    def of(self, user: User) -> Self:
        """The user's own history."""
        return self.filter(owner=user)

    def not_trashed(self) -> Self:
        """Not in the trash."""
        return self.filter(trashed_at__isnull=True)

    def trashed(self) -> Self:
        """In the trash, from where their owner can restore them."""
        return self.filter(trashed_at__isnull=False)

    def shared(self) -> Self:
        """Edits that the whole team may see: shared by their owner, done, not in the trash."""
        return self.not_trashed().filter(shared_at__isnull=False, status=Status.SUCCEEDED)

    def visible_to(self, user: User) -> Self:
        """Edits that this person may open.  For them, nothing else exists: respond 404, not 403.

        Administrators may open all of them; callers must write an audit entry when they do.
        """
        if user.is_administrator:
            return self.all()
        return self.filter(
            Q(owner=user) | Q(shared_at__isnull=False, status=Status.SUCCEEDED, trashed_at__isnull=True)
        )

    def active(self) -> Self:
        """Waiting, running or being saved."""
        return self.filter(status__in=ACTIVE)

    def queued(self) -> Self:
        """Waiting for a worker."""
        return self.filter(status=Status.QUEUED)

    def running(self) -> Self:
        """Being edited by the provider now."""
        return self.filter(status=Status.RUNNING)

    def saving(self) -> Self:
        """Edited and charged, but not stored yet."""
        return self.filter(status=Status.SAVING)

    def due(self, now: datetime) -> Self:
        """Queued, and allowed to be sent now.  Nothing is sent for deactivated people, and nothing that is paused."""
        its_time = Q(not_before__isnull=True) | Q(not_before__lte=now)
        return self.queued().filter(its_time, owner__is_active=True, paused_at__isnull=True)

    def lease_lost(self, now: datetime) -> Self:
        """Running, but their worker did not renew the lease in time."""
        return self.running().filter(lease_until__lt=now)

    def number_by_provider(self) -> Counter[int]:
        """How many there are of each provider.  For the few that wait: SQLite would group by reading all edits."""
        return Counter(self.order_by().values_list("provider", flat=True))

    def awaiting_review(self) -> Self:
        """Stopped by the filter and waiting for a reviewer: undecided, without an open question to the author."""
        return self.not_trashed().filter(
            status=Status.FILTERED, review__decision="", review__question_open=False
        )

    def with_cards(self, viewer: User) -> Self:
        """All that a card shows, in one query, such as whether ``viewer`` starred the edit.

        ``busy_status`` is the HTTP status with which a busy provider refused the last call.
        """
        cards = self.select_related("owner", "upload", "result", "merged", "review", "provider")
        is_starred = Exists(viewer.stars.filter(edit=OuterRef("pk")))
        return cards.annotate(is_starred=is_starred, **_on_every_card(self.model))


@cache
def _on_every_card(edits: "type[EditRequest]") -> dict[str, Any]:
    """What cards show to every viewer.  Kept, because making these expressions takes as long as the query itself."""
    attempts: Any = edits._meta.get_field("attempts").related_model
    last_status = attempts.objects.filter(edit=OuterRef("pk")).order_by("-number").values("status")[:1]
    priced = Exists(ProviderModel.objects.of_edit().filter(price__gt=0))
    return {
        "model_is_offered": Exists(ProviderModel.objects.of_edit()),
        "budget_spent_until": Case(
            When(priced, then=exhausted_until_for_priced()), default=exhausted_until()
        ),
        "busy_status": Case(When(last_fault__in=Fault.BUSY.spellings, then=Subquery(last_status))),
    }
