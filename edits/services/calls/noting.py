"""Notes what is odd about a picture that came back, as codes for the receipt; it is delivered all the same."""

from dataclasses import replace

from edits.model_specs import BadSpec
from edits.models import EditRequest, FinishReason, ProviderModel
from edits.services.calls.outcomes import Outcome

UNEXPECTED_SIZE = "unexpected_size"
"""A side is far from what the model's spec promises: the server may not have seen the source at all."""
MOST_OFF = 0.05


def noted(edit: EditRequest, outcome: Outcome) -> Outcome:
    """The outcome with a note where its size is not the promised one."""
    if outcome.finish_reason != FinishReason.SUCCESS or not is_unexpected(edit, outcome):
        return outcome
    return replace(outcome, detail=", ".join(filter(None, (outcome.detail, UNEXPECTED_SIZE))))


def is_unexpected(edit: EditRequest, outcome: Outcome) -> bool:
    """Whether either side is more than 5 % longer or shorter than the model's spec says beforehand."""
    expected_px = _expected_px(edit)
    if outcome.picture is None or expected_px is None:
        return False
    got_px = (outcome.picture.width_px, outcome.picture.height_px)
    return any(
        abs(got - expected) > MOST_OFF * expected for got, expected in zip(got_px, expected_px, strict=True)
    )


def _expected_px(edit: EditRequest) -> tuple[int, int] | None:
    """None where the model is gone or its row does not say."""
    model = ProviderModel.objects.filter(provider=edit.provider_id, name=edit.model).first()
    if model is None:
        return None
    try:
        return model.spec.output_size_px(edit.upload.width_px, edit.upload.height_px, edit.size)
    except (BadSpec, ValueError, TypeError):
        return None
