"""Makes the client that asks the provider which the settings name."""

from django.conf import settings

from edits.providers import Client


def provider_client() -> Client:
    """The client of the settings, with the patience that an edit in the queue has."""
    return Client(
        base_url=settings.STEPFUN_BASE_URL,
        api_key=settings.STEPFUN_API_KEY or "practice",
        timeout_seconds=settings.STEPFUN_TIMEOUT_SECONDS,
        allow_hosts=tuple(settings.STEPFUN_RESULT_HOSTS),
    )
