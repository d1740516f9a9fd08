"""The models that a person may choose in the studio: what each is good at and costs, and which one is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from edits.model_specs import ModelSpec
from edits.models import EditRequest, Provider, ProviderModel
from edits.services.budgets.costs import dollars
from edits.views.standing import LONG_PAUSE, SHORT_PAUSE


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
    offered = list(ProviderModel.objects.offered())
    default = ProviderModel.objects.default_of(offered) or ProviderModel.objects.of_settings()
    offered = offered or [default]
    reasons = {model.pk: reason_of(model.provider, now=now) for model in offered}
    is_open = {pk: not reason for pk, reason in reasons.items()}
    wanted, note = _wanted(offered, asked=asked, of_edit=of_edit)
    chosen = wanted or _of(latest, offered) or default
    if any(is_open.values()) and not is_open[chosen.pk]:
        blocked, chosen = chosen, default if is_open[default.pk] else _first_open(offered, is_open)
        note = (
            f"{blocked.title} cannot be chosen now: {reasons[blocked.pk]} {chosen.title} is chosen instead."
        )
    elif note:
        note = f"{note} {chosen.title} is chosen instead."
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
        return (exact[0], "") if len(exact) == 1 else (None, "The model that you asked for is not available.")
    found = _of(of_edit, offered)
    if of_edit and found is None:
        return None, f"{of_edit.model}, which made this edit, is not available any more."
    return found, ""


def _of(edit: EditRequest | None, offered: Sequence[ProviderModel]) -> ProviderModel | None:
    named = (edit.provider_id, edit.model) if edit else None
    return next((model for model in offered if (model.provider_id, model.name) == named), None)


def _first_open(offered: Sequence[ProviderModel], is_open: dict[int, bool]) -> ProviderModel:
    return next(model for model in offered if is_open[model.pk])


def reason_of(provider: Provider, *, now: datetime) -> str:
    """Why nothing can be sent to this provider now, as a sentence; blank where it can, or will in a moment."""
    if provider.stopped_since:
        return f"{provider.title} is switched off by an administrator."
    if provider.held_since:
        return f"{provider.title} is on hold until an administrator has looked at it."
    paused_until = provider.paused_until
    if paused_until and paused_until - now > LONG_PAUSE:
        return f"{provider.title} asked for a pause until {timezone.localtime(paused_until):%H:%M}."
    if paused_until and paused_until - now > SHORT_PAUSE:
        return f"{provider.title} asked for a pause of a few minutes."
    return ""


def price_words(model: ProviderModel) -> str:
    """$0.02 an edit; "Free" where that is known, blank where nothing is."""
    if model.price is None:
        return ""
    return f"{dollars(model.price)} an edit" if model.price else "Free"


def about_words(spec: ModelSpec) -> str:
    """What the model is good at and what it takes, in two sentences at most."""
    references = spec.max_pictures - 1
    taken = [
        ("a seed", spec.takes_seed),
        ("steps", spec.steps),
        ("a negative prompt", spec.takes_negative_prompt),
        (f"{references} reference{'' if references == 1 else 's'}", references),
    ]
    *others, last = [words for words, is_taken in taken if is_taken] or [""]
    listed = f"{', '.join(others)} and {last}" if others else last
    takes = f"Takes {listed}" if listed else ""
    if not spec.takes_seed:
        no_seed = "no seed, so the same picture cannot be made again"
        takes = f"{takes}, but {no_seed}" if takes else f"Takes {no_seed}"
    good_at = spec.good_at.strip()
    return f"{good_at} {takes}.".strip()
