"""Access to pages: all require a sign-in unless marked otherwise, and some exist for administrators alone."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from django_htmx.middleware import HtmxDetails

from edits.http.errors import json_error, wants_json
from edits.models import User

P = ParamSpec("P")
Request = TypeVar("Request", bound=HttpRequest)
View = Callable[Concatenate[Request, P], HttpResponse]


class SignInMiddleware(LoginRequiredMiddleware):
    """Leads strangers to the sign-in page, and tells programs 401, which a redirect would hide from them.

    A part of a page (htmx) gets 401 too: the sign-in page would otherwise be swapped into a card.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        to_sign_in = super().process_view(request, view_func, view_args, view_kwargs)
        if to_sign_in and wants_json(request):
            return json_error(status=401, code="not_signed_in", message="Sign in first.")
        if to_sign_in and HtmxDetails(request):
            return HttpResponse(gettext("You are signed out. Reload the page to sign in."), status=401)
        return to_sign_in


def signed_in(request: HttpRequest) -> User:
    """The person behind the request, for views that strangers do not reach."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def reviewers_only(view: View[Request, P]) -> View[Request, P]:
    """The view does not exist (404) for anybody who does not review."""

    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not getattr(request.user, "is_reviewer", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def administrators_only(view: View[Request, P]) -> View[Request, P]:
    """The view does not exist (404) for anybody who does not administer."""

    @wraps(view)
    def guarded(request: Request, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not getattr(request.user, "is_administrator", False):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded
