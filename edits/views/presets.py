"""Prompts to start from: what the practice engine understands, or what the model is good at."""

from django.conf import settings

from edits.local_engine.instructions import EXAMPLES

FIRST_RUN = 6
PRACTICE_FIRST = (
    "black and white, film grain",
    "make it a cartoon",
    "at sunset",
    "a pencil sketch",
    "a watercolor",
    'caption "Good morning"',
)
FOR_A_MODEL = (
    "Turn the photo black and white, add film grain and a soft vignette",
    "Replace the background with a plain light gray studio backdrop",
    "Make it a watercolor painting, keep the composition",
    "Change the time of day to golden hour",
    "Remove the people in the background",
    "Make it look like an old postcard with faded colors",
)


def presets() -> tuple[str, ...]:
    """Prompts to offer; the first ``FIRST_RUN`` are shown to newcomers."""
    if not settings.PRACTICE_ENGINE:
        return FOR_A_MODEL
    return PRACTICE_FIRST + tuple(example for example in EXAMPLES if example not in PRACTICE_FIRST)
