"""Structured logs: one line per event, with the id of its request and without secrets."""

import logging.config
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from django.core.exceptions import DisallowedHost, PermissionDenied
from django.http import HttpRequest, HttpResponse

SECRETS = (
    # Such links grant access, and Django logs the path of rejected requests.
    (re.compile(r"(/invitations/|/reset/key/)[^/\s\"']+"), r"\1[…]"),
    # API credentials.  The beginning of our keys is kept: the settings page shows it as the key's name.
    (re.compile(r"\b(rtk_[\w-]{4})[\w-]+"), r"\1[…]"),
    (re.compile(r"\b(bearer\s+)(?!rtk_)[^\s\"',;)]{8,}", re.IGNORECASE), r"\1[…]"),
    (re.compile(r"(authorization[\"']?[:=])(?!\s*[\"']?bearer\b)[^,;)}\n]+", re.IGNORECASE), r"\1[…]"),
    # The signing secrets of webhooks.
    (re.compile(r"\bwhsec_[\w+/=-]+"), "whsec_[…]"),
    # Grants access to a result without a key.
    (re.compile(r"(signature=)[^&\s\"')\]]+", re.IGNORECASE), r"\1[…]"),
    # PostgreSQL repeats a rejected row, which may contain prompts.
    (re.compile(r"DETAIL:.*?(?=\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL), "DETAIL: […]"),
)


def discreet(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Remove secrets and user content from a line."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _without_secrets(value)
    return event


def brief(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop the traceback of a rejected request: it is not a defect, and the line says what was requested."""
    info = event.get("exc_info")
    if isinstance(info, tuple) and isinstance(info[1], PermissionDenied | DisallowedHost):
        del event["exc_info"]
    return event


def _without_secrets(text: str) -> str:
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


class Stderr(logging.StreamHandler[Any]):
    """Writes lines to stderr.  A line that cannot be written is lost without other effects.

    For example, a failed log line about a paid answer must not keep the answer from being stored.
    """

    def handleError(self, record: logging.LogRecord) -> None:
        with suppress(Exception):  # it would report the failure on the same stream
            super().handleError(record)


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    brief,
    structlog.processors.format_exc_info,
    discreet,
]
SAFE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def config(*, form: str, level: str) -> dict[str, Any]:
    """The logging settings; ``form`` is "json" for machines or "text" for a terminal."""
    renderer = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stderr": {"()": Stderr, "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "level": level, "propagate": False},
            "botocore": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},  # at DEBUG it would log signed links
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    }


def configure(settings: dict[str, Any]) -> None:
    """Configure the standard library's logging and structlog as one."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestIdMiddleware:
    """Gives each request an id: the one from a proxy if it is harmless, otherwise a new one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if SAFE_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        return response
