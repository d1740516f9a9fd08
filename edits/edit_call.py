"""What is asked of a model: one value that passes from the form to the client.

EditOptions is what a person chooses, EditCall adds the model and the pictures.  Neither knows how a server
spells these things; that is the business of the dialects.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class EditOptions:
    """The prompt and every option.  None or "" means that the model does not take it, or that it is left open."""

    prompt: str
    seed: int | None = None
    """1 to 2**31 - 1.  From a form None also means that Retake draws one."""
    steps: int | None = None
    cfg_scale: float | None = None
    """Guidance: how closely the prompt is followed."""
    size: str = ""
    """As ``WIDTHxHEIGHT``, or "auto" where the model may choose."""
    negative_prompt: str = ""
    quality: str = ""
    background: str = ""
    output_format: str = ""


EXTRAS = ("negative_prompt", "quality", "background", "output_format")
"""The options that only some models have."""


@dataclass(frozen=True)
class Picture:
    """An encoded picture with the name and the type under which it is sent."""

    data: bytes = field(repr=False)
    filename: str
    content_type: str


@dataclass(frozen=True)
class EditCall:
    """One call: the picture to edit comes first, references follow in their order."""

    model: str
    """The id by which the provider knows it."""
    options: EditOptions
    pictures: tuple[Picture, ...]
    mask: Picture | None = None
    """A PNG of the size of the first picture; what is transparent may be changed."""
