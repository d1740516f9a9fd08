"""Errors of the API: one exception, one format.

{"error": {"message", "type", "param", "code"}}
"""

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import JsonResponse

from edits.forms.fields import shortened
from edits.http.errors import error_body
from edits.services.provider.choosing import UnknownModel

LONGEST_WAIT_SECONDS = 120
"""Clients give up immediately if they are asked to wait longer."""

DJANGOS = {"max_length": "too_long", "null_characters_not_allowed": "invalid"}
"""Error codes of Django's own fields, mapped to those of the other fields."""


class ApiError(Exception):
    """Ends a call.

    - ``param``: the field that caused the error
    - ``kind``: the type, if the status does not imply it
    - ``retry_after_seconds``: when the same call may work
    - ``may_retry=False``: tells clients with automatic retries not to repeat the call, because the edit may have
      been made and charged
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
        kind: str = "",
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.param = message, status, code, param
        self.retry_after_seconds, self.may_retry = retry_after_seconds, may_retry
        self.headers, self.kind = headers or {}, kind

    def to_response(self) -> JsonResponse:
        """The response, with headers."""
        answer = JsonResponse({"error": self.to_json()}, status=self.status)
        if self.retry_after_seconds is not None:
            answer["Retry-After"] = str(min(max(1, self.retry_after_seconds), LONGEST_WAIT_SECONDS))
        if not self.may_retry:
            answer["X-Should-Retry"] = "false"
        for name, value in self.headers.items():
            answer[name] = value
        return answer

    def to_json(self) -> dict[str, str | None]:
        """The error as JSON, for a response of its own or as a part of another one."""
        return error_body(
            status=self.status, code=self.code, message=self.message, param=self.param, kind=self.kind
        )


def unknown_model(name: str, error: UnknownModel, *, status: int = 400) -> ApiError:
    """No offered model has this id, or several have it; the message names ids that can be used."""
    ids = " or ".join(error.ids)
    what = (
        f"Several providers offer {shortened(name)}."
        if error.is_ambiguous
        else (f"The model {shortened(name)} is not available.")
    )
    return ApiError(f"{what} Use {ids}.", status=status, code="model_not_found", param="model")


def not_found() -> ApiError:
    """The object does not exist, or not for this caller: the response does not say which."""
    return ApiError("There is nothing here.", status=404, code="not_found")


def refused(form: BaseForm) -> ApiError:
    """The first error of an invalid form."""
    field, errors = next(iter(form.errors.as_data().items()))
    code = errors[0].code or "invalid"
    return ApiError(
        errors[0].messages[0],
        status=400,
        code=DJANGOS.get(code, code),
        param=None if field == NON_FIELD_ERRORS else field,
    )
