"""The rows that migrations make, for tests whose flush took them away."""

from edits.model_specs import MODEL_SPECS
from edits.models import FIRST, Budget, Provider


def make_first_rows() -> Provider:
    """The budget, the settings' provider and StepFun's models, as far as they are not there; returns the provider."""
    Budget.objects.get_or_create(pk=1)
    first, _ = Provider.objects.get_or_create(pk=FIRST, defaults={"from_settings": True, "slug": "stepfun"})
    for position, name in enumerate(MODEL_SPECS):
        first.models.get_or_create(name=name, defaults={"position": position, "is_on": False})
    return first
