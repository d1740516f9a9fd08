"""The models that a person may choose in the studio: what each is good at and costs, and which one is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from edits.forms.word_lists import all_of
from edits.http.edit_status import LONG_PAUSE, SHORT_PAUSE
from edits.model_specs import ModelSpec
from edits.models import EditRequest, Provider, ProviderModel
from edits.services.budgets.costs import dollars
from edits.time_zones import moment_words


@dataclass(frozen=True)
class ModelOption:
    """One model of the menu.  ``reason`` says why it cannot be used now; blank where it can."""

    model: ProviderModel
    price: str
    about: str
    reason: str
    can_be_chosen: bool
    is_chosen: bool


@dataclass(frozen=True)
class ModelChoice:
    """The chosen model among all that are offered.  ``note`` says why it is not the one that was asked for."""

    chosen: ProviderModel
    options: tuple[ModelOption, ...]
    note: str = ""

    @property
    def has_several(self) -> bool:
        """There is something to choose."""
        return len(self.options) > 1

    @property
    def price(self) -> str:
        """Of the chosen model, in words."""
        return price_words(self.chosen)

    @property
    def reason(self) -> str:
        """Why the chosen model cannot be used now, where no other can either."""
        return next((option.reason for option in self.options if option.is_chosen), "")


def choose_model(
    *,
    asked: str = "",
    of_edit: EditRequest | None = None,
    latest: EditRequest | None = None,
    now: datetime | None = None,
) -> ModelChoice:
    """The model that is ``asked`` for by its full id, otherwise that of an edit whose settings are used, otherwise
    that of the person's ``latest`` edit, otherwise the default; another one where it cannot be used now.
    """
    now = now or timezone.now()
    offered = ProviderModel.objects.all_offered()
    default = ProviderModel.objects.default_of(offered) or ProviderModel.objects.of_settings()
    offered = offered or [default]
    reasons = {model.pk: reason_of(model.provider, now=now) for model in offered}
    is_open = {pk: not reason for pk, reason in reasons.items()}
    wanted, note = _wanted(offered, asked=asked, of_edit=of_edit)
    chosen = wanted or _of(latest, offered) or default
    if any(is_open.values()) and not is_open[chosen.pk]:
        blocked, chosen = chosen, default if is_open[default.pk] else _first_open(offered, is_open)
        note = gettext("%(model)s cannot be chosen now: %(reason)s %(other)s is chosen instead.") % {
            "model": blocked.title,
            "reason": reasons[blocked.pk],
            "other": chosen.title,
        }
    elif note:
        note = gettext("%(note)s %(model)s is chosen instead.") % {"note": note, "model": chosen.title}
    options = tuple(
        ModelOption(
            model=model,
            price=price_words(model),
            about=about_words(model.spec),
            reason=reasons[model.pk],
            can_be_chosen=is_open[model.pk] or not any(is_open.values()),
            is_chosen=model.pk == chosen.pk,
        )
        for model in offered
    )
    return ModelChoice(chosen, options, note)


def _wanted(
    offered: Sequence[ProviderModel], *, asked: str, of_edit: EditRequest | None
) -> tuple[ProviderModel | None, str]:
    """What was asked for, and a sentence where it is not offered."""
    if asked:
        named = [model for model in offered if asked in (model.full_id, model.name)]
        exact = [model for model in named if asked == model.full_id] or named
        gone = gettext("The model that you asked for is not available.")
        return (exact[0], "") if len(exact) == 1 else (None, gone)
    found = _of(of_edit, offered)
    if of_edit and found is None:
        sentence = gettext("%(model)s, which made this edit, is no longer available.")
        return None, sentence % {"model": of_edit.model}
    return found, ""


def _of(edit: EditRequest | None, offered: Sequence[ProviderModel]) -> ProviderModel | None:
    named = (edit.provider_id, edit.model) if edit else None
    return next((model for model in offered if (model.provider_id, model.name) == named), None)


def _first_open(offered: Sequence[ProviderModel], is_open: dict[int, bool]) -> ProviderModel:
    return next(model for model in offered if is_open[model.pk])


def reason_of(provider: Provider, *, now: datetime) -> str:
    """Why nothing can be sent to this provider now, as a sentence; blank where it can, or will in a moment."""
    paused_until = provider.paused_until
    values = {"provider": provider.title, "time": moment_words(paused_until) if paused_until else ""}
    if provider.stopped_since:
        sentence = gettext("An administrator has switched off %(provider)s.")
    elif provider.held_since:
        sentence = gettext("%(provider)s is on hold until an administrator has looked at it.")
    elif paused_until and paused_until - now > LONG_PAUSE:
        sentence = gettext("%(provider)s asked for a pause until %(time)s.")
    elif paused_until and paused_until - now > SHORT_PAUSE:
        sentence = gettext("%(provider)s asked for a pause of a few minutes.")
    else:
        sentence = ""
    return sentence % values


def price_words(model: ProviderModel) -> str:
    """$0.02 per edit; "Free" where that is known, blank where nothing is."""
    if model.price is None:
        return ""
    if not model.price:
        return gettext("Free")
    return gettext("%(price)s per edit") % {"price": dollars(model.price)}


def about_words(spec: ModelSpec) -> str:
    """What the model is good at and what it takes, in two sentences at most."""
    references = spec.max_pictures - 1
    taken = [
        (gettext("a seed"), spec.takes_seed),
        (gettext("steps"), spec.steps),
        (gettext("a negative prompt"), spec.takes_negative_prompt),
        (reference_count(references), references),
    ]
    listed = all_of(words for words, is_taken in taken if is_taken)
    if spec.takes_seed:
        sentence = gettext("Takes %(fields)s.")
    elif listed:
        sentence = gettext("Takes %(fields)s, but no seed, so results can’t be reproduced.")
    else:
        sentence = gettext("Takes no seed, so results can’t be reproduced.")
    good_at = gettext(spec.good_at.strip()) if spec.good_at.strip() else ""  # built-in ones are translated
    return f"{good_at} {sentence % {'fields': listed}}".strip()


def reference_count(number: int) -> str:
    """3 references."""
    return ngettext("%(number)s reference", "%(number)s references", number) % {"number": number}
