"""The practice engine's only error: a request that StepFun's contract does not allow."""


class ContractError(Exception):
    """Why a request is refused, as sent to the caller: an HTTP status, StepFun's type and a sentence."""

    def __init__(self, message: str, *, status: int = 400, type_: str = "request_params_invalid") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type_


def bad_picture(message: str) -> ContractError:
    """400 for the picture itself, for which StepFun has a type of its own."""
    return ContractError(message, type_="input_invalid")
