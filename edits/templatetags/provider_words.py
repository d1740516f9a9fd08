"""The words and figures of providers and their models for templates."""

from decimal import Decimal

from django import template

from edits.model_specs import ModelSpec
from edits.services.budgets.costs import dollars

register = template.Library()

NOTHING_MORE = "Prompt and picture only, until you edit its spec"


@register.filter
def takes(spec: ModelSpec) -> str:
    """What a model takes beyond a prompt and a picture: Seed, steps, guidance, 3 pictures."""
    parts = {
        "seed": spec.takes_seed,
        "steps": spec.steps,
        "guidance": spec.cfg_scale,
        "negative prompt": spec.takes_negative_prompt,
        "mask": spec.takes_mask,
        f"{spec.max_pictures} pictures": spec.max_pictures > 1,
        "quality": spec.qualities,
        "background": spec.backgrounds,
    }
    words = ", ".join(name for name, is_taken in parts.items() if is_taken)
    return f"{words[:1].upper()}{words[1:]}" or NOTHING_MORE


@register.filter
def price(amount: Decimal | None) -> str:
    """$0.02 an edit, free; blank where it is not known."""
    if amount is None:
        return ""
    return f"{dollars(amount)} an edit" if amount else "free"
