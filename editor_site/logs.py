"""Structured logs: one line an event, each with the id of the request it belongs to, none with a secret."""

import logging.config
import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse

SECRETS = (
    # Whoever has such a link may come in; Django logs the path of what it refuses.
    (re.compile(r"(/invitations/|/reset/key/)[^/\s\"']+"), r"\1[…]"),
    # What programs sign in with.  How a key of ours begins is left: the settings page names it by that.
    (re.compile(r"\b(rtk_[\w-]{4})[\w-]+"), r"\1[…]"),
    (re.compile(r"\b(bearer\s+)(?!rtk_)[^\s\"',;)]{8,}", re.IGNORECASE), r"\1[…]"),
    (re.compile(r"(authorization[\"']?[:=])(?!\s*[\"']?bearer\b)[^,;)}\n]+", re.IGNORECASE), r"\1[…]"),
    # What signs the posts of a webhook.
    (re.compile(r"\bwhsec_[\w+/=-]+"), "whsec_[…]"),
    # With it a result loads without a key.
    (re.compile(r"(signature=)[^&\s\"')\]]+", re.IGNORECASE), r"\1[…]"),
    # PostgreSQL repeats the row that it refused, prompts included.
    (re.compile(r"DETAIL:.*?(?=\n\nThe above exception|\n\nDuring handling|\Z)", re.DOTALL), "DETAIL: […]"),
)


def discreet(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Take out of a line what lets somebody in, and what somebody wrote."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _without_secrets(value)
    return event


def _without_secrets(text: str) -> str:
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


class Stderr(logging.StreamHandler[Any]):
    """Writes lines while somebody takes them.  One that cannot be written is lost, and nothing else with it: what
    was logged about a paid answer must not keep it from being stored."""

    def handleError(self, record: logging.LogRecord) -> None:
        with suppress(Exception):  # it would tell of the trouble on the same stream
            super().handleError(record)


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
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
            "urllib3": {"level": "WARNING"},  # at DEBUG it would print signed links
            "celery": {"level": "WARNING"},
            "kombu": {"level": "WARNING"},
        },
    }


def configure(settings: dict[str, Any]) -> None:
    """Set up the standard library's logging and structlog as one."""
    logging.config.dictConfig(settings)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestIdMiddleware:
    """Gives each request an id: the one a proxy sent if it is harmless, a new one otherwise."""

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
