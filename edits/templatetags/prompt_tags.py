"""What changed from one prompt to another, what a preset keeps, and what became of its edits, for templates."""

from collections.abc import Iterable, Mapping

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from edits.forms.fields import shortened
from edits.http.prompt_diff import Word
from edits.models import EditRequest, PromptPreset, Rates, User

register = template.Library()

ELEMENTS = {"added": "ins", "removed": "del", "same": "span"}


@register.filter
def marked(words: Iterable[Word]) -> SafeString:
    """Each stretch in its element and its last blanks behind it, with none of ours: in Chinese it would be seen."""
    named = (
        (ELEMENTS[word.kind], word.text.rstrip(), ELEMENTS[word.kind], word.text[len(word.text.rstrip()) :])
        for word in words
    )
    return format_html_join("", "<{}>{}</{}>{}", named)


@register.filter
def id_text(edit: EditRequest) -> str:
    """Its id as a form has it."""
    return str(edit.public_id)


@register.filter
def shows_after(preset: PromptPreset, viewer: User) -> bool:
    """Whether this person may see the result that is its example."""
    return preset.after_is_open_to(viewer)


@register.filter
def shows_before(preset: PromptPreset, viewer: User) -> bool:
    """Whether this person may see the source of it, too."""
    return preset.before_is_open_to(viewer)


@register.filter
def option_words(options: Mapping[str, str]) -> str:
    """1024×1024 · 28 steps · cfg 6 …; what has no short words is shown as it is."""
    words = {
        "size": "%(value)s",
        "steps": gettext("%(value)s steps"),
        "cfg_scale": gettext("cfg %(value)s"),
        "negative_prompt": gettext("without “%(value)s”"),
    }
    named = {name: options[name] for name in (*words, *options) if options.get(name)}
    shown = {
        name: value.replace("x", "×") if name == "size" else shortened(value) for name, value in named.items()
    }
    return " · ".join(words.get(name, "%(value)s") % {"value": value} for name, value in shown.items())


@register.filter
def kept_words(preset: PromptPreset) -> str:
    """What it brings besides its prompt."""
    parts = [option_words(preset.options), preset.model.partition("/")[2]]
    return " · ".join(filter(None, parts)) or gettext("Prompt only")


@register.filter
def rate_words(rates: Rates) -> str:
    """Last 40 edits: 38 done, 1 filtered, 12 kept, 3 repeated."""
    sentence = gettext(
        "Last %(edits)s edits: %(done)s done, %(filtered)s filtered, %(kept)s kept, %(repeated)s repeated"
    )
    return sentence % rates.stored()
