"""The words and figures of providers and their models for templates."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from edits.forms.provider_words import good_at_words, kind_title, preset_note, runs_on, spec_words
from edits.model_specs import ModelSpec
from edits.models import Provider, ProviderModel
from edits.services.budgets.costs import dollars
from edits.services.provider.error_messages import reason_words

register = template.Library()

NOTHING_MORE = _("Prompt and picture only, until you edit its spec")

register.filter("good_at", good_at_words)
register.filter("kind_title", kind_title)
register.filter("note", preset_note)
register.filter("runs_on", runs_on)


@register.filter
def takes(spec: ModelSpec) -> str:
    """What a model takes beyond a prompt and a picture: Seed, steps, guidance, 3 pictures."""
    pictures = ngettext("%(number)s picture", "%(number)s pictures", spec.max_pictures)
    parts = (
        (pgettext("option", "seed"), spec.takes_seed),
        (pgettext("option", "steps"), spec.steps),
        (pgettext("option", "guidance"), spec.cfg_scale),
        (pgettext("option", "negative prompt"), spec.takes_negative_prompt),
        (pgettext("option", "mask"), spec.takes_mask),
        (pictures % {"number": spec.max_pictures}, spec.max_pictures > 1),
        (pgettext("option", "quality"), spec.qualities),
        (pgettext("option", "background"), spec.backgrounds),
    )
    words = gettext(", ").join(name for name, is_taken in parts if is_taken)
    return f"{words[:1].upper()}{words[1:]}" or str(NOTHING_MORE)


@register.filter
def price(amount: Decimal | None) -> str:
    """$0.02 per edit, free; blank where it is not known."""
    if amount is None:
        return ""
    if not amount:
        return pgettext("price", "free")
    return gettext("%(price)s per edit") % {"price": dollars(amount)}


@register.filter
def hold_reason(provider: Provider) -> str:
    """Why a provider is on hold, as a sentence; blank where it is not."""
    return reason_words(provider.held_reason) if provider.held_reason else ""


@register.filter
def spec_error(model: ProviderModel) -> str:
    """What is wrong with the stored spec of a model; blank where that is nothing."""
    return spec_words(model.bad_spec) if model.bad_spec else ""
