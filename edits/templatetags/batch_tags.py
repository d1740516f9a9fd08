"""The bar of a batch for templates."""

from dataclasses import dataclass

from django import template

from edits.services.batch.progress import Progress

register = template.Library()


@dataclass(frozen=True)
class Part:
    """A part of the bar, measured in edits."""

    name: str
    start: int
    width: int


@register.filter
def bar_parts(progress: Progress) -> list[Part]:
    """The parts in their order; what waits stays empty."""
    parts, start = [], 0
    for name in ("done", "filtered", "failed", "running"):
        width = getattr(progress, name)
        if width:
            parts.append(Part(name, start, width))
            start += width
    return parts
