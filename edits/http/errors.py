"""Whether a program asks, and an error in the shape that programs read."""

from django.http import HttpRequest, JsonResponse


def is_api(path: str) -> bool:
    """Whether this address is one of the API's, where only programs ask."""
    return f"{path}/".startswith("/v1/")


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: anything under /v1/, or who prefers JSON to a page."""
    if is_api(request.path_info):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def json_error(
    *, status: int, code: str, message: str, param: str | None = None, kind: str = ""
) -> JsonResponse:
    """An answer that says what is wrong; see ``error_body``."""
    error = error_body(status=status, code=code, message=message, param=param, kind=kind)
    return JsonResponse({"error": error}, status=status)


def error_body(
    *, status: int, code: str, message: str, param: str | None = None, kind: str = ""
) -> dict[str, str | None]:
    """An error in the shape that clients of image APIs read; ``param`` is the field that is to blame.

    ``kind`` is its type where the status alone does not tell.
    """
    kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
    return {"message": message, "type": kind, "param": param, "code": code}
