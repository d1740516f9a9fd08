"""Which language a request is answered in, and the switch that chooses it.

The account's language comes first, then the switch's cookie, then the browser's languages, then English.  Programs
(the API, all that ask for JSON, health checks and metrics) are always answered in English.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST

from edits.forms.languages import LanguageForm
from edits.http.errors import wants_json
from edits.languages import ENGLISH, known_language
from edits.models import User
from edits.services.team.people import choose_language
from edits.views.probes import PROBES
from edits.views.reader_language import use_account_language
from edits.views.redirects import came_from, way_back


class LanguageMiddleware:
    """Has everything until the answer in the reader's language, errors included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        for_programs = _is_for_programs(request)
        language = ENGLISH if for_programs else translation.get_language_from_request(request)
        with translation.override(language):  # whatever the request activates ends with it
            response = self.get_response(request)
            if not for_programs and response.headers.get("Content-Type", "").startswith("text/html"):
                response.headers.setdefault("Content-Language", translation.get_language())
                patch_vary_headers(response, ("Accept-Language", "Cookie"))
            return response

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> None:
        """Not before: a request that reaches no view should not cost a query."""
        if not _is_for_programs(request):
            use_account_language(request)


@login_not_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Keep the language in the cookie and, signed in, with the account; then lead back to the page.

    An unknown language changes nothing.  The page is ``next`` or the one that the browser names: pages that must not
    repeat their address (404) have the switch too.
    """
    form = LanguageForm(request.POST)
    page = came_from(request, default=reverse("edits:studio"), besides=request.path)
    response = redirect(way_back(request, default=page))
    if form.is_valid():
        keep_language(request, response, form.cleaned_data["language"])
    return response


def keep_language(request: HttpRequest, response: HttpResponse, code: str) -> None:
    """``code`` of LANGUAGES, or blank for the browser's."""
    if isinstance(request.user, User):
        choose_language(user=request.user, code=code)
    if not code:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, path=settings.LANGUAGE_COOKIE_PATH)
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def chosen_language(request: HttpRequest) -> str:
    """What was chosen in this browser by the switch; blank where nothing was, or something unknown."""
    return known_language(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))


def _is_for_programs(request: HttpRequest) -> bool:
    return wants_json(request) or request.path_info in PROBES
