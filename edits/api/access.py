"""Who calls: every view of the API takes the key it was called with, and knows no cookies."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, Literal, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from edits.api.errors import ApiError
from edits.models import ApiKey
from edits.services.budgets.budgeting import OverBudget
from edits.services.programs.api_keys import count_call, find_api_key, seconds_until_next_minute
from edits.views.body_size import is_too_large, too_large

P = ParamSpec("P")
KeyView = Callable[Concatenate[HttpRequest, ApiKey, P], HttpResponse]
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
Scope = Literal["edit", "read", "any"]
BEARER = re.compile(r"bearer +(\S+) *", re.IGNORECASE)


def api(*methods: str, scope: Scope) -> Callable[[KeyView[P]], View[P]]:
    """A view of the API: these methods, called with a key of this scope, errors in one shape, never cached.

    Who calls is asked before anything of the body is read.
    """
    allowed = (*methods, "HEAD") if "GET" in methods else methods

    def decorate(view: KeyView[P]) -> View[P]:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def answered(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
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
            response.headers.setdefault("Cache-Control", "no-store")
            return response

        answered.takes_key = True  # type: ignore[attr-defined]
        return answered

    return decorate


def caller(request: HttpRequest, *, scope: Scope) -> ApiKey:
    """The key of this call.  Raises ApiError 401 without a usable one, 403 for another scope, 429 when it asks
    too often."""
    given = BEARER.fullmatch(request.headers.get("Authorization", ""))
    key = find_api_key(given[1]) if given else None
    if key is None:
        raise no_key()
    if (scope == "edit" and not key.can_edit) or (scope == "read" and not key.can_read):
        raise ApiError(
            f"This key may not {'make edits' if scope == 'edit' else 'read edits'}.",
            status=403,
            code="insufficient_scope",
        )
    if not count_call(key):
        raise ApiError(
            f"This key may ask {key.per_minute:,} times a minute.",
            status=429,
            code="rate_limit_exceeded",
            retry_after_seconds=seconds_until_next_minute(timezone.now()),
        )
    return key


def no_key() -> ApiError:
    """No key, or one that opens nothing; the answer does not tell which."""
    return ApiError(
        "An API key is needed: Authorization: Bearer rtk_…  This one is missing, wrong, expired or revoked.",
        status=401,
        code="invalid_api_key",
        headers={"WWW-Authenticate": "Bearer"},
    )


def over_budget(error: OverBudget) -> ApiError:
    """One more edit is more than a limit allows."""
    return ApiError(
        error.sentence,
        status=429,
        code="rate_limit_exceeded",
        retry_after_seconds=error.retry_after_seconds(timezone.now()),
    )


def wrong_method(request: HttpRequest, allowed: tuple[str, ...]) -> ApiError:
    """Another method is meant."""
    return ApiError(
        f"{request.method} is not possible here; {', '.join(allowed)} is.",
        status=405,
        code="method_not_allowed",
        headers={"Allow": ", ".join(allowed)},
    )
