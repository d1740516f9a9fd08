"""The review queue and the page of one case.

Loading a page opens nothing: a case is opened by a press, or by deciding the one before it (``claim_case``).
Going to another page releases a case that was open and in which nothing was uncovered.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from edits.forms.review import CANNED, MAX_WORDS, DecisionForm, options_for
from edits.http.access import reviewers_only, signed_in
from edits.models import EventKind, ProviderModel, ReviewCase
from edits.services.reviewing import claim_case, give_back, holder, is_against, is_for_others
from edits.views.review.authors_record import record_of
from edits.views.review.figures import figures_of
from edits.views.review.lists import DECIDED, MINE, NAMES, WAITING, first_to_open, list_of, place_of
from edits.views.review.timeline import lines_of

DECISIONS_A_PAGE = 50


@require_safe
@reviewers_only
def queue(request: HttpRequest) -> HttpResponse:
    """Leads to the first case of a list; shows what was decided, or that nothing waits."""
    shown = wanted_list(request)
    reviewer, now = signed_in(request), timezone.now()
    if shown != MINE:
        give_back(reviewer=reviewer, now=now)
    first = None if shown == DECIDED else first_to_open(shown, reviewer=reviewer, now=now)
    if first:
        return redirect(case_url(first, shown=shown))
    decided = _decided(request.GET.get("before", ""))
    context = {
        "place": place_of(None, shown=shown, reviewer=reviewer, now=now),
        "names": NAMES,
        "decided": decided[:DECISIONS_A_PAGE],
        "older": decided[DECISIONS_A_PAGE - 1] if len(decided) > DECISIONS_A_PAGE else None,
    }
    return unstored(render(request, "review/queue.html", context))


@require_safe
@reviewers_only
def case_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One stopped edit; its pictures, blurred, where this reviewer has it open."""
    case = case_or_404(public_id)
    give_back(reviewer=signed_in(request), besides=case, now=timezone.now())
    return show_case(request, case)


@require_POST
@reviewers_only
def claim(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Open a case: it is this reviewer's for 15 minutes."""
    case, reviewer, now = case_or_404(public_id), signed_in(request), timezone.now()
    if claim_case(case=case, reviewer=reviewer, now=now).is_mine:
        give_back(reviewer=reviewer, besides=case, now=now)
    return redirect(case_url(public_id, shown=wanted_list(request)))


def show_case(
    request: HttpRequest,
    case: ReviewCase,
    *,
    form: DecisionForm | None = None,
    steps: dict[str, int] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of a case, with the form as it was sent where it has errors, and pictures at these steps."""
    now, reviewer = timezone.now(), signed_in(request)
    held = holder(case, reviewer=reviewer, now=now)
    context = _context(request, case, now=now) | {
        "claim": held,
        "form": form or DecisionForm(has_picture=case.has_picture),
        "figures": figures_of(case, viewer=reviewer, is_open=held.is_mine, steps=steps or {}),
    }
    return unstored(render(request, "review/case.html", context, status=status))


def _context(request: HttpRequest, case: ReviewCase, *, now: datetime) -> dict[str, Any]:
    reviewer = signed_in(request)
    shown = list_of(case, wanted=wanted_list(request), reviewer=reviewer, now=now)
    events = list(case.events.select_related("actor"))
    return {
        "case": case,
        "edit": case.edit,
        "model_title": getattr(case, "model_label", "") or case.edit.model,
        "is_own": case.edit.owner_id == reviewer.pk,
        "is_against": is_against(case, reviewer),
        "is_for_others": is_for_others(case, reviewer),
        "place": place_of(case, shown=shown, reviewer=reviewer, now=now),
        "names": NAMES,
        "record": record_of(case.edit.owner, besides=case, now=now),
        "lines": lines_of(events),
        "veiled_looks": sum(event.kind == EventKind.VEILED for event in events),
        "options": options_for(case.edit.owner.name),
        "canned": CANNED,
        "max_words": MAX_WORDS,
    }


def case_or_404(public_id: UUID) -> ReviewCase:
    """The case of this edit, with all that its page shows of the edit.  Edits in the trash have none."""
    model = ProviderModel.objects.filter(provider=OuterRef("edit__provider"), name=OuterRef("edit__model"))
    cases = ReviewCase.objects.present().select_related(
        "edit__owner", "edit__upload", "edit__result", "edit__provider", "claimed_by", "decided_by"
    )
    named = cases.annotate(model_label=Subquery(model.values("label")[:1]))
    return get_object_or_404(named, edit__public_id=public_id)


def case_url(public_id: UUID, *, shown: str = WAITING) -> str:
    """Where a case is, in a list that is not the usual one."""
    address = reverse("edits:review_case", args=[public_id])
    return address if shown == WAITING else f"{address}?show={shown}"


def wanted_list(request: HttpRequest) -> str:
    """The list that the address asks for; the waiting ones where it asks for none."""
    shown = request.GET.get("show", "")
    return shown if shown in NAMES else WAITING


def unstored(answer: HttpResponse) -> HttpResponse:
    """Nothing of these pages stays in the browser: going back must not show what was revealed."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _decided(before: str) -> list[ReviewCase]:
    """The latest decisions, one more than a page; ``before`` is the number of the case that ended the last one."""
    cases = ReviewCase.objects.present().decided().select_related("edit__owner", "decided_by")
    last = ReviewCase.objects.filter(pk=before).first() if before.isdecimal() and len(before) < 19 else None
    if last and last.decided_at:
        cases = cases.filter(
            Q(decided_at__lt=last.decided_at) | Q(decided_at=last.decided_at, pk__lt=last.pk)
        )
    return list(cases[: DECISIONS_A_PAGE + 1])
