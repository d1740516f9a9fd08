"""What presets and specs say, in the reader's language.

``providers`` and ``model_specs`` know nothing of Django: they hold English sentences as data.  They are listed here
so that they are collected for translators; a test compares the lists with the data.
"""

from django.utils.translation import gettext, gettext_noop

from edits.model_specs import BadSpec, ModelSpec
from edits.providers.presets import Preset

PRESET_WORDS = (
    gettext_noop("CPU or GPU"),
    gettext_noop("Gateway"),
    gettext_noop("Hosted"),
    gettext_noop("OpenAI-style server"),
    gettext_noop("Other"),
    gettext_noop("Practice engine"),
    gettext_noop("This machine"),
    gettext_noop("Your GPU"),
    gettext_noop("Edits with simple filters and without AI, for trying out Retake."),
    gettext_noop("Makes one picture at a time."),
    gettext_noop("Only the prompt and the picture are sent until you select what the model takes."),
    gettext_noop(
        "Set num_retries to 0 in LiteLLM: it repeats failed calls by itself, and each may be charged. "
        "Do not use StepFun through it: it drops the answers of StepFun's content filter."
    ),
    gettext_noop("StepFun announced that its image endpoints end on 10 October 2026."),
    gettext_noop("Takes no seed, so an edit cannot be repeated exactly."),
)
"""Kinds of servers, what they run on, and what an administrator should know; names of products stay as they are."""

GOOD_AT = (
    gettext_noop("Changes what the prompt names and keeps the rest."),
    gettext_noop("Faster; its results have the size of the picture."),
    gettext_noop("Follows long instructions and writes text well."),
    gettext_noop("Keeps faces and text, and combines up to three pictures."),
    gettext_noop("Steps and guidance are set on the server."),
    gettext_noop("Very fast; good for trying ideas."),
    gettext_noop("Depends on the model that the server was started with."),
)
"""What members read of models whose sentence no administrator has changed."""

SPEC_SENTENCES = (
    gettext_noop("%(size)s is not a size. Write 1024x1024, or auto."),
    gettext_noop("All three must be numbers."),
    gettext_noop("It is not a spec at all."),
    gettext_noop("Remove the default size, or add sizes."),
    gettext_noop("Sides must be multiples of 1 to 256 pixels."),
    gettext_noop("The area is smaller than a picture with the shortest sides."),
    gettext_noop("The default size must be one of the sizes."),
    gettext_noop("The formats must be among %(formats)s."),
    gettext_noop("The largest file must be from 0.1 to 50 MB."),
    gettext_noop("The longest prompt must be from 1 to %(most)s characters."),
    gettext_noop("The longest side must be at least the shortest one."),
    gettext_noop("The number of pictures must be from 1 to %(most)s."),
    gettext_noop("The ratio must be from 1 to 100."),
    gettext_noop("The three numbers must be in order, from %(least)s to %(most)s."),
)
"""What ``model_specs`` says of a spec."""


def kind_title(preset: Preset) -> str:
    """The name of a kind of server."""
    return gettext(preset.title)


def runs_on(preset: Preset) -> str:
    """On what it runs, in a few words."""
    return gettext(preset.runs_on)


def preset_note(preset: Preset) -> str:
    """What an administrator should know; blank where that is nothing."""
    return gettext(preset.note)


def good_at_words(spec: ModelSpec) -> str:
    """What a model is good at; as an administrator wrote it where it was changed."""
    return gettext(spec.good_at)


def spec_words(error: BadSpec) -> str:
    """What is wrong with a spec."""
    return gettext(error.sentence) % error.values
