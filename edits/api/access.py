"""Authentication: every view of the API gets the API key of its call, and ignores cookies."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Literal, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from edits.api.errors import ApiError
from edits.http.body_size import is_too_large, too_large
from edits.http.parking import parking_of
from edits.models import ApiKey
from edits.services.api.api_keys import count_call, find_api_key, seconds_until_next_minute
from edits.services.budgets.budgeting import OverBudget

P = ParamSpec("P")
KeyView = Callable[Concatenate[HttpRequest, ApiKey, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
Scope = Literal["edit", "read", "any"]
BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)


def api(*methods: str, scope: Scope) -> Callable[[KeyView[P]], View[P]]:
    """Make a view of the API: only these methods, a key with this scope, errors in one format, never cached.

    The key is checked before the body is read.
    """
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(view: KeyView[P]) -> View[P]:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                if (
                    parking := parking_of(request)
                ) and parking.again:  # it has waited, and all was checked before
                    return _uncached(parking.again())
                if request.method not in allowed:
                    raise wrong_method(request, allowed)
                key = caller(request, scope=scope)
                if is_too_large(request):
                    raise ApiError(too_large(), status=413, code="too_large")
                response = view(request, key, *args, **kwargs)
            except ApiError as error:
                response = error.to_response()
            except OverBudget as error:
                response = over_budget(error).to_response()
            return _uncached(response)

        answered.takes_key = True  # type: ignore[attr-defined]
        return answered

    return decorate


def _uncached(response: HttpResponse) -> HttpResponse:
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def caller(request: HttpRequest, *, scope: Scope) -> ApiKey:
    """The key of this call.

    Raises ApiError 401 without a usable key, 403 for another scope, 429 if the key exceeds its rate limit.
    """
    given = BEARER.fullmatch(request.headers.get("Authorization", ""))
    key = find_api_key(given[1], now=timezone.now()) if given else None
    if key is None:
        raise no_key()
    if (scope == "edit" and not key.can_edit) or (scope == "read" and not key.can_read):
        raise wrong_scope("make edits" if scope == "edit" else "read edits")
    if not count_call(key, now=timezone.now()):
        raise ApiError(
            f"This key may ask {key.per_minute:,} times a minute.",
            status=429,
            code="rate_limit_exceeded",
            retry_after_seconds=seconds_until_next_minute(timezone.now()),
        )
    return key


def no_key() -> ApiError:
    """No key or an unusable one; the response does not say which."""
    return ApiError(
        "An API key is needed: Authorization: Bearer rtk_…  This one is missing, wrong, expired or revoked.",
        status=401,
        code="invalid_api_key",
        headers={"WWW-Authenticate": "Bearer"},
    )


def wrong_scope(deed: str) -> ApiError:
    """The key lacks this permission."""
    return ApiError(f"This key may not {deed}.", status=403, code="insufficient_scope")


def over_budget(error: OverBudget) -> ApiError:
    """A budget does not allow another edit."""
    return ApiError(
        error.sentence,
        status=429,
        code="rate_limit_exceeded",
        retry_after_seconds=error.retry_after_seconds(timezone.now()),
    )


def wrong_method(request: HttpRequest, allowed: tuple[str, ...]) -> ApiError:
    """The method is not allowed here."""
    return ApiError(
        f"{request.method} is not possible here; {', '.join(allowed)} is.",
        status=405,
        code="method_not_allowed",
        headers={"Allow": ", ".join(allowed)},
    )
