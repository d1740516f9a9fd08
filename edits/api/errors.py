"""How the API says that something does not go: one exception, one shape.

{"error": {"message", "type", "param", "code"}}
"""

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm
from django.http import JsonResponse

from edits.forms.fields import shortened
from edits.services.provider.choosing import UnknownModel
from edits.views.errors import error_body

LONGEST_WAIT_SECONDS = 120
"""Clients give up at once where they are asked to wait longer."""

DJANGOS = {"max_length": "too_long", "null_characters_not_allowed": "invalid"}
"""What fields of Django's own say, in the words of the others."""


class ApiError(Exception):
    """Ends a call.  ``param`` is the field that is to blame, ``kind`` the type where the status does not tell it.

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
        kind: str = "",
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.param = message, status, code, param
        self.retry_after_seconds, self.may_retry = retry_after_seconds, may_retry
        self.headers, self.kind = headers or {}, kind

    def to_response(self) -> JsonResponse:
        """The answer, headers included."""
        answer = JsonResponse({"error": self.to_json()}, status=self.status)
        if self.retry_after_seconds is not None:
            answer["Retry-After"] = str(min(max(1, self.retry_after_seconds), LONGEST_WAIT_SECONDS))
        if not self.may_retry:
            answer["X-Should-Retry"] = "false"
        for name, value in self.headers.items():
            answer[name] = value
        return answer

    def to_json(self) -> dict[str, str | None]:
        """What went wrong, for an answer of its own or as a part of another one."""
        return error_body(
            status=self.status, code=self.code, message=self.message, param=self.param, kind=self.kind
        )


def unknown_model(name: str, error: UnknownModel, *, status: int = 400) -> ApiError:
    """No offered model has this id, or several have; the message names the ids that can be used."""
    ids = " or ".join(error.ids)
    what = (
        f"Several providers offer {shortened(name)}."
        if error.is_ambiguous
        else (f"The model {shortened(name)} is not available.")
    )
    return ApiError(f"{what} Use {ids}.", status=status, code="model_not_found", param="model")


def not_found() -> ApiError:
    """Not there, or not for this caller: the answer does not tell which."""
    return ApiError("There is nothing here.", status=404, code="not_found")


def refused(form: BaseForm) -> ApiError:
    """What is wrong first with a form that is not valid."""
    field, errors = next(iter(form.errors.as_data().items()))
    code = errors[0].code or "invalid"
    return ApiError(
        errors[0].messages[0],
        status=400,
        code=DJANGOS.get(code, code),
        param=None if field == NON_FIELD_ERRORS else field,
    )
