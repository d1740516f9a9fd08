"""Whose clock: a page shows times in the zone of the person it is for.

A person's zone comes from their browser, once: with the form that signs them in, or from the next page that they
open.  From then on only the settings change it, so that signing in while traveling changes nothing.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from edits.forms.accounts import BrowserZoneForm
from edits.http.access import signed_in
from edits.models import User
from edits.services.team.people import take_time_zone
from edits.time_zones import is_elsewhere


class TimeZoneMiddleware:
    """Has everything until the answer read in the person's zone; for strangers and programs in the server's."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(None):  # whatever the request sets ends with it: the thread serves others
            return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> None:
        """Not before: a request that reaches no view should not cost a query."""
        if settings.SESSION_COOKIE_NAME in request.COOKIES and isinstance(request.user, User):
            timezone.activate(request.user.zone)


@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Keep what the browser of somebody without a zone says; ``differs`` tells the page that its times do."""
    user = signed_in(request)
    taken = take_time_zone(user=user, name=BrowserZoneForm(request.POST).zone)
    with timezone.override(user.zone):
        return JsonResponse({"taken": taken, "differs": taken and is_elsewhere()})
