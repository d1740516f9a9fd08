"""Tests a connection for free: asks a server for its models, and says in the reader's language why that fails.

a list          its names
404, 405, 501   the server lists no models; their ids have to be typed
anything else   ConnectionFailed, with the field of the form that has to be changed
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.models import Provider
from edits.providers import NotAuthorized, ProviderError, Unexpected, Unusable
from edits.services.provider.connecting import provider_client
from edits.services.provider.error_messages import explain, reason_words
from edits.services.provider.keys import KeyUnreadable

LISTS_NONE = (404, 405, 501)
NO_LIST = _(
    "The server answered, but not with a list of models. Check that this is the URL of its API, ending in /v1."
)


class ConnectionFailed(Exception):
    """``field`` is what has to be changed, the message says why."""

    def __init__(self, field: Literal["url", "key"], message: str) -> None:
        super().__init__(message)
        self.field = field


class ListsModels(Protocol):
    """What a client needs for it."""

    def models(self) -> list[str]:
        """The names of the models.  Raises the errors of ``providers``."""
        ...


@dataclass(frozen=True)
class ModelListing:
    """The names that the server gave, and how long it took.  ``has_list``: it knows the question at all."""

    names: tuple[str, ...]
    seconds: float
    has_list: bool = True


def list_models(
    provider: Provider,
    *,
    client_for: Callable[[Provider], ListsModels] = provider_client,
    clock: Callable[[], float] = time.monotonic,
) -> ModelListing:
    """Ask a provider, stored or not, for its models.  Costs nothing.  Raises ConnectionFailed."""
    began = clock()
    try:
        names = client_for(provider).models()
    except ProviderError as error:
        if error.status in LISTS_NONE:
            return ModelListing((), _seconds(clock() - began), has_list=False)
        raise ConnectionFailed(_field(error), _sentence(error, provider)) from error
    return ModelListing(tuple(dict.fromkeys(names)), _seconds(clock() - began))


def _seconds(span: float) -> float:
    return max(0.1, round(span, 1))


def _field(error: ProviderError) -> Literal["url", "key"]:
    return "key" if isinstance(error, NotAuthorized) else "url"


def _sentence(error: ProviderError, provider: Provider) -> str:
    if isinstance(error, KeyUnreadable):
        text = gettext(str(error))
        return gettext("%(reason)s.") % {"reason": f"{text[:1].upper()}{text[1:]}"}
    if isinstance(error, Unusable):
        return str(NO_LIST)
    if isinstance(error, Unexpected) and error.status and error.status < 400:
        return gettext("The server redirects to another URL (HTTP %(status)s). Enter that URL instead.") % {
            "status": error.status
        }
    return reason_words(explain(error, provider=provider))
