"""One's own earlier prompts: the latest ones in the studio, and all of them to search, star and remove."""

from dataclasses import dataclass
from typing import Self

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from edits.folding import fold
from edits.http.access import signed_in
from edits.models import PastPrompt, User
from edits.models.past_prompts import PastPromptQuerySet
from edits.services.prompts.past_prompts import bring_back_prompt, remove_prompt, star_prompt
from edits.views import cursors
from edits.views.htmx import HtmxRequest
from edits.views.redirects import came_from
from edits.views.undo import success_with_undo

RECENT_PROMPTS = 30
PER_PAGE = 30
LOOKED_THROUGH = 10_000
"""Prompts that one search reads, some 8 ms on SQLite; the next page goes on from there."""
MOST_WORDS = 8


@dataclass(frozen=True)
class Place:
    """Where a page begins: after the prompt with this key, in the order of ``starred_first``."""

    is_starred: bool
    last_used: str
    pk: int

    @classmethod
    def of(cls, prompt: PastPrompt) -> Self:
        """Behind this one."""
        return cls(prompt.is_starred, cursors.encode(prompt.last_used_at), prompt.pk)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From an address; None where it says something else."""
        star, _, rest = text.partition("-")
        moment, _, pk = rest.partition("-")
        if star not in ("0", "1") or cursors.decode(moment) is None or not pk.isdecimal() or len(pk) > 18:
            return None
        return cls(star == "1", moment, int(pk))

    def __str__(self) -> str:
        return f"{int(self.is_starred)}-{self.last_used}-{self.pk}"

    def older(self, prompts: PastPromptQuerySet) -> PastPromptQuerySet:
        """Those that follow."""
        at = cursors.decode(self.last_used)
        older = Q(last_used_at__lt=at) | Q(last_used_at=at, pk__lt=self.pk)
        # IN, not NOT: SQLite uses the index of the order only where it sees a value.
        same = Q(is_starred__in=[self.is_starred], last_used_at__lte=at) & older
        return prompts.filter(same | Q(is_starred__in=[False]) if self.is_starred else same)


@dataclass(frozen=True)
class Found:
    """A page of prompts; ``more`` is where the next one begins.  ``is_cut``: a search ended there, not the page."""

    rows: list[PastPrompt]
    more: Place | None = None
    is_cut: bool = False


def find(user: User, *, words: str, place: Place | None, looked_through: int = LOOKED_THROUGH) -> Found:
    """The next prompts that have all of the words, starred ones first."""
    prompts = PastPrompt.objects.of(user).kept().starred_first()
    if place:
        prompts = place.older(prompts)
    needles = fold(words).split()[:MOST_WORDS]
    if not needles:
        rows = list(prompts[: PER_PAGE + 1])
        return Found(rows[:PER_PAGE], Place.of(rows[PER_PAGE - 1]) if len(rows) > PER_PAGE else None)
    matching = PastPrompt.objects.filter(pk__in=prompts.values("pk")[:looked_through]).starred_first()
    for needle in needles:
        matching = matching.filter(text_folded__contains=needle)
    rows = list(matching[: PER_PAGE + 1])
    if len(rows) > PER_PAGE:
        return Found(rows[:PER_PAGE], Place.of(rows[PER_PAGE - 1]))
    last = next(iter(prompts[looked_through - 1 : looked_through]), None)
    return Found(rows, Place.of(last) if last else None, is_cut=last is not None)


def recent_prompts(user: User) -> list[str]:
    """The person's last prompts, the latest first."""
    latest = PastPrompt.objects.of(user).kept().latest_first()
    return list(latest.values_list("text", flat=True)[:RECENT_PROMPTS])


@cache_control(private=True, no_cache=True)
@require_safe
def past_prompts(request: HtmxRequest) -> HttpResponse:
    """A page of them, or in place what a dialog shows or what a search found."""
    words = request.GET.get("q", "").strip()[:200]
    place = Place.read(request.GET.get("older", ""))
    found = find(signed_in(request), words=words, place=place)
    part = {"library-body": "_past", "past-prompts": "_past_list"}.get(request.htmx.target or "", "past")
    context = {"found": found, "words": words, "place": place, "in_place": bool(request.htmx)}
    return render(request, f"prompts/{part}.html", context)


@require_POST
def star(request: HtmxRequest, pk: int) -> HttpResponse:
    """Put a star on one's own prompt, or with ``starred=0`` take it off."""
    user = signed_in(request)
    if not star_prompt(owner=user, pk=pk, starred=request.POST.get("starred", "1") != "0"):
        raise Http404
    return _row(request, pk)


@require_POST
def remove(request: HtmxRequest, pk: int) -> HttpResponse:
    """Take a prompt out of one's history, with a way back."""
    if not remove_prompt(owner=signed_in(request), pk=pk, now=timezone.now()):
        raise Http404
    if request.htmx:
        return render(request, "prompts/_past_removed.html", {"pk": pk})
    undo = reverse("edits:bring_back_past_prompt", args=[pk])
    success_with_undo(request, gettext("Prompt removed from your history."), undo=undo)
    return redirect(_back(request))


@require_POST
def bring_back(request: HtmxRequest, pk: int) -> HttpResponse:
    """Undo removing it."""
    if not bring_back_prompt(owner=signed_in(request), pk=pk):
        raise Http404
    return _row(request, pk)


def _row(request: HtmxRequest, pk: int) -> HttpResponse:
    if request.htmx:
        prompt = PastPrompt.objects.of(signed_in(request)).get(pk=pk)
        return render(request, "prompts/_past_row.html", {"prompt": prompt})
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    return came_from(request, default=reverse("edits:past_prompts"))
