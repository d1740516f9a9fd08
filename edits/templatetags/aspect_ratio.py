"""How wide a picture is for its height, as the class that reserves its place (.ar-NNN in base.css)."""

from django import template

register = template.Library()

NARROWEST, WIDEST, STEP = 35, 320, 5  # hundredths; base.css has one class for each step


@register.simple_tag
def aspect(width_px: int | None, height_px: int | None) -> str:
    """Name the class of the ratio nearest to width ÷ height; a square where a side is not known."""
    if not width_px or not height_px:
        return "ar-100"
    steps = round(100 * width_px / height_px / STEP) * STEP
    return f"ar-{min(max(steps, NARROWEST), WIDEST):03d}"
