"""Requests that wait without a thread, where the web server can do that; ``editor_site/parking.py`` draws how."""

from collections.abc import Callable
from typing import NoReturn, Protocol

from django.http import HttpRequest, HttpResponse


class Parking(Protocol):
    """What the web server offers to the request in hand."""

    most: int
    """How many may wait in this process."""
    again: Callable[[], HttpResponse] | None
    """Set before leaving: what gives the response when the request is run again."""

    def leave(self) -> NoReturn:
        """Free the thread and keep the connection.  Anything held must have been given back before."""
        ...

    def resume(self) -> None:
        """Run the request again.  From any thread, once, and also before ``leave``."""
        ...


def parking_of(request: HttpRequest) -> Parking | None:
    """None where the web server has none, as in development and in tests: there, a request waits in its thread."""
    found: Parking | None = request.META.get("retake.parking")
    return found
