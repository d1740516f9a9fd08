"""The address at which this site was asked."""

from django.http import HttpRequest
from django.urls import reverse


def site_root(request: HttpRequest) -> str:
    """The address of the studio as this request knows it, without a slash at its end."""
    return request.build_absolute_uri(reverse("edits:studio")).rstrip("/")
