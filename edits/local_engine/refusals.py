"""The one error of the practice engine: a request that StepFun's contract does not allow."""


class ContractError(Exception):
    """Why a request is refused, as the caller is told: an HTTP status, StepFun's type and a sentence."""

    def __init__(self, message: str, *, status: int = 400, type_: str = "request_params_invalid") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type_


def bad_picture(message: str) -> ContractError:
    """400 for the picture itself, which StepFun tells apart from the other parameters."""
    return ContractError(message, type_="input_invalid")
