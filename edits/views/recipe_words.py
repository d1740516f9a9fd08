"""Recipes in words: their steps, what a run makes and costs, why a picture stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from edits.http.humanize import grouped, plain
from edits.models import RunStep, StopReason, User, WaitReason
from edits.services.budgets.costs import dollars
from edits.services.recipes.steps import ReadyStep
from edits.time_zones import moment_words
from edits.views.budget_display import left_context

STOPPED: dict[str, Promise] = {
    StopReason.FILTERED: _("The content filter stopped this step."),
    StopReason.FAILED: _("This step failed."),
    StopReason.CANCELED: _("This step was canceled."),
    StopReason.TRASHED: _("The result of this step is in the trash."),
    StopReason.GONE: _("The result of this step was deleted."),
    StopReason.MODEL_GONE: _("The model of the next step is no longer available."),
    StopReason.LIMITS: _("The model of the next step no longer takes these options."),
    StopReason.UNFIT: _("The model of the next step does not take this picture."),
    StopReason.RESTORED: _("A backup was restored. The next step may have run before."),
}
OPTION_NAMES: dict[str, Promise] = {
    "prompt": _("Prompt"),
    "size": _("Size"),
    "steps": _("Steps"),
    "cfg_scale": _("Guidance"),
    "seed": _("Seed"),
    "negative_prompt": _("Negative prompt"),
    "quality": _("Quality"),
    "background": _("Background"),
    "output_format": _("File format"),
}


def option_words(step: ReadyStep) -> list[tuple[str, str]]:
    """Name and value of each option that is sent, but for the prompt."""
    options = step.options
    values = {name: getattr(options, name) for name in OPTION_NAMES if name != "prompt"}
    given = {name: value for name, value in values.items() if value not in (None, "")}
    return [(str(OPTION_NAMES[name]), _value(name, value)) for name, value in given.items()]


def _value(name: str, value: Any) -> str:
    if name == "seed":
        return grouped(value)
    if isinstance(value, float):
        return plain(value)
    return str(value).replace("x", "×") if name == "size" else str(value)


def changes_words(step: ReadyStep) -> str:
    """What of a step is not sent as it was saved; blank where all is."""
    names = ", ".join(str(OPTION_NAMES[name]) for name in step.left_out)
    values = {"model": step.model.title, "gone": step.asked.model, "options": names}
    if step.is_gone and names:
        sentence = gettext(
            "%(gone)s is no longer available. %(model)s is used instead, with other values of: %(options)s."
        )
    elif step.is_gone:
        sentence = gettext("%(gone)s is no longer available. %(model)s is used instead.")
    elif names:
        sentence = gettext("%(model)s takes other values of: %(options)s.")
    else:
        return ""
    return sentence % values


@dataclass(frozen=True)
class RunSum:
    """What a press makes and costs.  ``warning`` says what the budget does not allow."""

    pictures: int
    edits: int
    words: str
    cost: str
    warning: str


def sum_of(steps: Sequence[ReadyStep], *, pictures: int, owner: User, now: datetime) -> RunSum:
    """For these steps on as many pictures."""
    edits = len(steps) * pictures
    cost = sum((step.model.price or Decimal(0) for step in steps), Decimal(0)) * pictures
    left = left_context(owner, now=now)
    return RunSum(
        pictures,
        edits,
        _product(len(steps), pictures, edits),
        gettext("about %(cost)s") % {"cost": dollars(cost)} if cost else "",
        _warning(edits, cost, room=left["room_edits"], money=left["room_cost"], first=pictures),
    )


def _product(steps: int, pictures: int, edits: int) -> str:
    values = {
        "steps": ngettext("%(number)s step", "%(number)s steps", steps) % {"number": steps},
        "pictures": ngettext("%(number)s picture", "%(number)s pictures", pictures) % {"number": pictures},
        "edits": ngettext("%(number)s edit", "%(number)s edits", edits) % {"number": f"{edits:,}"},
    }
    return gettext("%(steps)s × %(pictures)s: %(edits)s") % values


def _warning(edits: int, cost: Decimal, *, room: int | None, money: Decimal | None, first: int) -> str:
    if room is not None and first > room:
        sentence = gettext(
            "Only %(left)s of the first %(number)s edits fit into your budget. Choose fewer pictures."
        )
        return sentence % {"left": f"{room:,}", "number": f"{first:,}"}
    if (room is not None and edits > room) or (money is not None and cost > money):
        return gettext("Your budget does not cover all steps: later ones wait until there is room again.")
    return ""


def stop_words(row: RunStep) -> str:
    """Where and why a picture stopped."""
    values = {"step": row.step, "reason": STOPPED[row.stopped_by]}
    return gettext("Step %(step)s: %(reason)s") % values


def wait_words(row: RunStep) -> str:
    """Why a picture waits although its step is done; blank where it does not."""
    if not row.waits_for or row.not_before is None:
        return ""
    if row.waits_for == WaitReason.BUDGET:
        sentence = gettext("Step %(step)s waits for room in your budget and is tried again at %(time)s.")
    else:
        sentence = gettext("Step %(step)s waits for the storage and is tried again at %(time)s.")
    return sentence % {"step": row.step + 1, "time": moment_words(row.not_before)}
