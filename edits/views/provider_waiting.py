"""Waiting edits of a provider, by model: why they wait, and what an administrator may do with them."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from edits.http.access import administrators_only, signed_in
from edits.models import EditRequest, Provider, ProviderModel
from edits.services.provider.waiting_edits import Moved, cancel_waiting, move_waiting
from edits.views.provider_lookup import find_with_waiting


@dataclass(frozen=True)
class Group:
    """The waiting edits of one model.  ``served``: edits are still sent to it."""

    name: str
    title: str
    count: int
    oldest: datetime
    paused: int
    """How many of them are not sent until their owners resume their batches."""
    served: bool
    targets: tuple[ProviderModel, ...]
    """The models that may get them instead."""


def waiting_groups(provider: Provider) -> list[Group]:
    """What waits for a provider, model by model.  Three queries; one where nothing waits."""
    waiting = EditRequest.objects.queued().filter(provider=provider).order_by()
    counted = waiting.values_list("model").annotate(
        count=Count("pk"), oldest=Min("queued_at"), paused=Count("paused_at")
    )
    rows = sorted(counted)
    if not rows:
        return []
    served = {model.name: model for model in ProviderModel.objects.served().filter(provider=provider)}
    offered = ProviderModel.objects.all_offered()
    return [
        Group(
            name=name,
            title=served[name].title if name in served else name,
            count=count,
            oldest=oldest,
            paused=paused,
            served=name in served,
            targets=tuple(m for m in offered if (m.provider_id, m.name) != (provider.pk, name)),
        )
        for name, count, oldest, paused in rows
    ]


@require_POST
@administrators_only
def waiting(request: HttpRequest, slug: str) -> HttpResponse:
    """Move the waiting edits of one model to another, or cancel them, as ``do`` says."""
    provider, name = find_with_waiting(slug), request.POST.get("model", "")
    actor, now = signed_in(request), timezone.now()
    if request.POST.get("do") == "cancel":
        count = cancel_waiting(provider, name, actor=actor, now=now)
        messages.success(
            request,
            _counted(ngettext("%(number)s edit canceled.", "%(number)s edits canceled.", count), count),
        )
    elif target := _target(request.POST.get("to", "")):
        _say_what_moved(request, move_waiting(provider, name, to=target, actor=actor, now=now), target)
    else:
        messages.error(request, gettext("Choose the model to move them to."))
    still = EditRequest.objects.queued().filter(provider=provider).exists()
    if provider.removed_at and not still:
        return redirect("edits:providers")
    return redirect(f"{reverse('edits:provider', args=[slug])}#waiting")


def _target(pk: str) -> ProviderModel | None:
    known = pk.isascii() and pk.isdigit() and len(pk) < 18
    return ProviderModel.objects.offered().filter(pk=int(pk)).first() if known else None


def _say_what_moved(request: HttpRequest, moved: Moved, target: ProviderModel) -> None:
    count, left = moved.count, moved.left
    said = ngettext("%(number)s edit moved to %(model)s.", "%(number)s edits moved to %(model)s.", count)
    words = [_counted(said, count, model=target.title)]
    if left:
        said = ngettext("%(number)s edit left; move again.", "%(number)s edits left; move again.", left)
        words.append(_counted(said, left))
    for reason, number in moved.reasons.items():
        said = ngettext(
            "%(number)s edit could not be moved: %(reason)s.",
            "%(number)s edits could not be moved: %(reason)s.",
            number,
        )
        words.append(_counted(said, number, reason=reason))
    level = messages.WARNING if moved.reasons or left or not count else messages.SUCCESS
    messages.add_message(request, level, " ".join(words))


def _counted(sentence: str, number: int, **values: str) -> str:
    return sentence % {"number": f"{number:,}", **values}
