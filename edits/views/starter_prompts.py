"""Prompts to start from: what the practice engine understands, or what the model is good at."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from edits.local_engine.instructions import EXAMPLES
from edits.models import Provider

FIRST_RUN, FIRST_RUN_OF_MODELS = 6, 3
PRACTICE_FIRST = (
    "black and white, film grain",
    "make it a cartoon",
    "at sunset",
    "a pencil sketch",
    "a watercolor",
    'caption "Good morning"',
)
FOR_A_MODEL: tuple[Promise, ...] = (
    _("Turn the photo black and white, add film grain and a soft vignette"),
    _("Replace the background with a plain light gray studio backdrop"),
    _("Make it a watercolor painting, keep the composition"),
    _("Change the time of day to golden hour"),
    _("Remove the people in the background"),
    _("Make it look like an old postcard with faded colors"),
)


def starter_prompts(provider: Provider) -> tuple[str, ...]:
    """Prompts to offer for a model of this provider, in the reader's language where it understands any."""
    if not provider.is_practice:
        return tuple(str(prompt) for prompt in FOR_A_MODEL)
    return PRACTICE_FIRST + tuple(example for example in EXAMPLES if example not in PRACTICE_FIRST)


def first_starters(provider: Provider) -> tuple[str, ...]:
    """The few that are in sight for newcomers; those for AI models are longer, so there are fewer."""
    return starter_prompts(provider)[: FIRST_RUN if provider.is_practice else FIRST_RUN_OF_MODELS]
