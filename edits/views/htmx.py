"""The type of requests that views get: django-htmx's middleware says whether htmx sent one, and for what."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """``request.htmx`` is true where htmx asks for a part of an open page; false for a whole page."""

    htmx: HtmxDetails
