"""What every page shows around its content: which engine works, what holds the queue, what waits for this person."""

from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone

from edits.models import Budget, EditRequest, Provider, ReviewCase, User
from edits.services.budgets.periods import period_until
from edits.views.budget_words import used_up_words
from edits.views.standstill import COLUMNS, Standstill, standstill_of


class Site:
    """Lazy: a page that shows nothing of what waits does not ask for it; all of it together is one query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    practice_engine = property(lambda self: settings.PRACTICE_ENGINE)
    model = property(lambda self: settings.STEPFUN_MODEL)

    @property
    def provider_note(self) -> str:
        """Who edits, in a few words."""
        if settings.PRACTICE_ENGINE:
            return "Practice engine · no AI"
        return f"{settings.STEPFUN_MODEL} · {urlsplit(settings.STEPFUN_BASE_URL).hostname}"

    @property
    def shortcuts_off(self) -> bool:
        """Whether this person switched single-letter shortcuts off."""
        user = self._person()
        return bool(user and not user.shortcuts)

    @property
    def review_count(self) -> int:
        """How many stopped edits wait for a decision; 0 for those who do not review."""
        return self._waiting[0]

    @property
    def notice_count(self) -> int:
        """How many decisions and questions this person has not seen yet."""
        return self._waiting[1]

    @property
    def standstill(self) -> Standstill | None:
        """Why nothing is sent to the provider at all; None when edits go out."""
        return self._waiting[2]

    @property
    def team_waits(self) -> str:
        """That the team's budget is used up and when what waits for it continues; blank when it is not."""
        until, now = self._waiting[3], timezone.now()
        return used_up_words(period_until(until, now=now)) if until else ""

    @cached_property
    def _waiting(self) -> tuple[int, int, Standstill | None, datetime | None]:
        user = self._person()
        # A part of a page has no header to show them in.
        if not user or self._request.headers.get("HX-Request") == "true":
            return 0, 0, None, None
        now = timezone.now()
        waiting = _count(EditRequest.objects.awaiting_review()) if user.is_reviewer else Value(0)
        to_tell = _count(ReviewCase.objects.to_tell(user))
        spent = Subquery(Budget.objects.used_up(now).values("spent_until")[:1])
        provider = [Subquery(Provider.objects.values(column)[:1]) for column in COLUMNS]
        asked = User.objects.filter(pk=user.pk).values_list(waiting, to_tell, spent, *provider)
        review_count, notice_count, spent_until, *columns = asked.get()
        seen = Provider(**dict(zip(COLUMNS, columns, strict=True)))
        return review_count, notice_count, standstill_of(seen, now=now), spent_until

    def _person(self) -> User | None:
        user = getattr(self._request, "user", None)
        return user if user and user.is_authenticated else None


def site(request: HttpRequest) -> dict[str, Site]:
    """The context processor."""
    return {"site": Site(request)}


def _count(rows: QuerySet[Any]) -> Coalesce:
    """``rows`` counted inside another query, so that all counts cost one round trip."""
    counted = (
        rows.order_by().annotate(all=Value(1)).values("all").annotate(number=Count("pk")).values("number")
    )
    return Coalesce(Subquery(counted), 0)
