"""What every page shows around its content: which model edits, what holds providers, what waits for this person."""

from functools import cached_property
from typing import Any

from django.db.models import Count, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django_htmx.middleware import HtmxDetails

from edits.http.humanize import capped
from edits.models import MOST_COUNTED, Budget, ProviderModel, ReviewCase, Status, User
from edits.services.budgets.periods import period_until
from edits.views.budget_display import used_up_words
from edits.views.queue_outage import QueueOutage, queue_outage
from edits.views.redirects import came_from


class Site:
    """Lazy: a page that shows nothing of what waits does not ask for it; one query."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def practice_engine(self) -> bool:
        """Whether nothing but the practice engine edits."""
        models = self._models
        return bool(models) and all(model.provider.is_practice for model in models)

    @property
    def provider_note(self) -> str:
        """Which model edits unless another one is chosen, in a few words."""
        if self.practice_engine:
            return gettext("Practice engine · no AI")
        default = ProviderModel.objects.default_of(self._models)
        return f"{default.title} · {default.provider.title}" if default else ""

    @property
    def _models(self) -> list[ProviderModel]:
        """Those that may be chosen, each with its provider."""
        return self._known[0]

    @property
    def form_address(self) -> str:
        """Of an answer to a form, the page that the form is on, since not each answer can be opened again."""
        return came_from(self._request, default="") if self._request.method == "POST" else ""

    @property
    def shortcuts_off(self) -> bool:
        """Whether this person switched single-letter shortcuts off."""
        user = self._person()
        return bool(user and not user.shortcuts)

    @property
    def wants_time_zone(self) -> bool:
        """Whether the page should ask the browser for its zone, and may then be loaded again: no answer to a form."""
        user = self._person()
        return bool(user and user.wants_time_zone and self._request.method == "GET")

    @property
    def review_count(self) -> int:
        """How many stopped edits wait for a decision, at most MOST_COUNTED; 0 for those who do not review."""
        return self._waiting[0]

    @property
    def review_count_words(self) -> str:
        """For people: 7 or 99+."""
        return capped(self.review_count, MOST_COUNTED)

    @property
    def notice_count(self) -> int:
        """How many decisions and questions this person has not seen yet, at most MOST_COUNTED."""
        return self._waiting[1]

    @property
    def notice_count_words(self) -> str:
        """For people: 7 or 99+."""
        return capped(self.notice_count, MOST_COUNTED)

    @property
    def queue_outages(self) -> list[QueueOutage]:
        """Why nothing is sent to a provider.  Members read it only where no provider is left to them."""
        user = self._person()
        if not user or self._is_part:
            return []
        now = timezone.now()
        providers = list({model.provider_id: model.provider for model in self._models}.values())
        found = [still for row in providers if (still := queue_outage(row, now=now))]
        all_are_stuck = len(found) == len(providers)
        return found[:1] if all_are_stuck else found if user.is_administrator else []

    @property
    def team_waits(self) -> str:
        """That the team's budget is used up and when what waits for it continues; blank when it is not.

        Where only its money is, that is not said as long as a free model is left.
        """
        if self._is_part or not self._models:
            return ""
        asked: Any = self._models[0]
        has_free = any(not model.price for model in self._models)
        until, now = asked.out_of_calls or (None if has_free else asked.out_of_money), timezone.now()
        return used_up_words(period_until(until, now=now)) if until else ""

    @property
    def _waiting(self) -> tuple[int, int]:
        """Of a part of a page nothing: it has no header to show anything in."""
        return (0, 0) if self._is_part else self._known[1]

    @cached_property
    def _known(self) -> tuple[list[ProviderModel], tuple[int, int]]:
        """The models and what waits.  One query, for every page asks it; two where no model is offered."""
        user = self._person()
        if not user:
            return [], (0, 0)
        now = timezone.now()
        waiting = ReviewCase.objects.waiting().filter(edit__status=Status.FILTERED)
        asked = {
            "waiting": _count(waiting.at_most()) if user.is_reviewer else Value(0),
            "notices": _count(ReviewCase.objects.unread_by(user).at_most()),
            "out_of_calls": Subquery(Budget.objects.out_of_calls(now).values("budget_exhausted_until")[:1]),
            "out_of_money": Subquery(
                Budget.objects.out_of_money(now).values("cost_budget_exhausted_until")[:1]
            ),
        }
        models: list[Any] = list(ProviderModel.objects.offered().annotate(**asked))
        row: Any = models[0] if models else User.objects.annotate(**asked).get(pk=user.pk)
        return models, (row.waiting, row.notices)

    @property
    def _is_part(self) -> bool:
        """Whether htmx asks for a part of a page.  Error pages get here before the middleware of ``request.htmx``."""
        return bool(HtmxDetails(self._request))

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
