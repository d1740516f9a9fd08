"""How the API says that something does not go: one exception, one shape.

{"error": {"message", "type", "param", "code"}}
"""

from django.http import JsonResponse

from edits.views.errors import json_error

LONGEST_WAIT_SECONDS = 120
"""Clients give up at once where they are asked to wait longer."""


class ApiError(Exception):
    """Ends a call.  ``param`` is the field that is to blame.

    ``retry_after_seconds`` says when the same call may work.  ``may_retry=False`` tells clients that repeat calls
    by themselves not to: what they asked for may have been made and charged.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        param: str | None = None,
        retry_after_seconds: int | None = None,
        may_retry: bool = True,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.param = message, status, code, param
        self.retry_after_seconds, self.may_retry = retry_after_seconds, may_retry
        self.headers = headers or {}

    def to_response(self) -> JsonResponse:
        """The answer, headers included."""
        answer = json_error(status=self.status, code=self.code, message=self.message, param=self.param)
        if self.retry_after_seconds is not None:
            answer["Retry-After"] = str(min(max(1, self.retry_after_seconds), LONGEST_WAIT_SECONDS))
        if not self.may_retry:
            answer["X-Should-Retry"] = "false"
        for name, value in self.headers.items():
            answer[name] = value
        return answer


def not_found() -> ApiError:
    """Not there, or not for this caller: the answer does not tell which."""
    return ApiError("There is nothing here.", status=404, code="not_found")
