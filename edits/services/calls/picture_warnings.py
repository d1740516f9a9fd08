"""Notes what is odd about a picture that came back, as codes for the receipt; it is delivered all the same."""

from dataclasses import replace

from edits.models import EditRequest, FinishReason
from edits.services.calls.call_results import CallResult

UNEXPECTED_SIZE = "unexpected_size"
"""A side is far from what the model's spec promises: the server may not have seen the source at all."""
MOST_OFF = 0.05


def with_warnings(outcome: CallResult, *, promised_px: tuple[int, int] | None) -> CallResult:
    """The outcome with a note where its size is not the promised one.

    Asks nothing of the database: it may be away, and the outcome is paid for and on no disk yet.
    """
    if outcome.finish_reason != FinishReason.SUCCESS or not is_unexpected(outcome, promised_px):
        return outcome
    return replace(outcome, detail=", ".join(filter(None, (outcome.detail, UNEXPECTED_SIZE))))


def is_unexpected(outcome: CallResult, promised_px: tuple[int, int] | None) -> bool:
    """Whether either side is more than 5 % longer or shorter than the model's spec says beforehand."""
    if outcome.picture is None or promised_px is None:
        return False
    got_px = (outcome.picture.width_px, outcome.picture.height_px)
    return any(
        abs(got - promised) > MOST_OFF * promised for got, promised in zip(got_px, promised_px, strict=True)
    )


def promised_size_px(edit: EditRequest) -> tuple[int, int] | None:
    """The size of the result by the model's spec; None where the model is gone or its spec is broken."""
    model = edit.provider_model
    if model is None or model.spec_error:
        return None
    return model.spec.output_size_px(edit.upload.width_px, edit.upload.height_px, edit.size)
