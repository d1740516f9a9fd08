"""The strip of one's own bulk jobs above the lists: how far they are, Cancel, and Undo once they have ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from edits.http.access import signed_in
from edits.models import MOVING, BulkJob, JobState, User
from edits.services.curating.bulk_jobs import UNDOABLE, cancel_job, close_job, undo_job
from edits.views import cursors
from edits.views.bulk_words import GOING_ON, outcome
from edits.views.htmx import HtmxRequest
from edits.views.redirects import came_from

MOST_SHOWN = 5
SHOWN_FOR = timedelta(hours=1)
"""After its end, unless it is closed before."""


@dataclass(frozen=True)
class JobRow:
    """One job in the strip.  ``page_at`` is when the page around it was made."""

    job: BulkJob
    page_at: datetime

    @property
    def is_moving(self) -> bool:
        """Whether a worker has something to do for it."""
        return self.job.state in MOVING

    @property
    def ended_since(self) -> bool:
        """Whether the page around it may show what has changed by now."""
        return bool(self.job.ended_at and self.job.ended_at > self.page_at)

    @property
    def can_be_canceled(self) -> bool:
        """Undoing cannot be: it would leave a part changed."""
        return self.job.state == JobState.RUNNING

    @property
    def can_be_undone(self) -> bool:
        """Whether it has ended and changed something that can be taken back."""
        ended = self.job.state in (JobState.DONE, JobState.CANCELED)
        return ended and self.job.action in UNDOABLE and self.job.changed > 0

    @property
    def sentence(self) -> str:
        """Its progress, or how it ended."""
        job = self.job
        if job.state == JobState.RUNNING:
            return str(GOING_ON[job.action])
        if job.state == JobState.UNDOING:
            return gettext("Undoing")
        if job.state == JobState.UNDONE:
            return gettext("Undone.")
        said = outcome(job.action, changed=job.changed, skipped=job.total - job.changed)
        if job.state == JobState.CANCELED:
            return f"{gettext('Canceled.')} {said if job.changed else ''}".strip()
        return said

    @property
    def count_words(self) -> str:
        """3,400 of 12,000, of those that are to be done or undone."""
        return gettext("%(done)s of %(total)s") % {
            "done": f"{self.progress:,}",
            "total": f"{self.job.total:,}",
        }

    @property
    def progress(self) -> int:
        """How many edits of the total are behind it."""
        job = self.job
        return job.total - job.done if job.state == JobState.UNDOING else job.done


@dataclass(frozen=True)
class Strip:
    """The jobs that are shown.  ``shown`` is when the page around them was made, as digits."""

    rows: list[JobRow]
    shown: str

    @property
    def is_moving(self) -> bool:
        """Whether there will be something else to show."""
        return any(row.is_moving for row in self.rows)


def strip_of(user: User, *, page_at: datetime) -> Strip:
    """The strip on a page that was made then, the latest job first; one query."""
    shown = Q(ended_at__isnull=True) | Q(is_closed=False, ended_at__gt=timezone.now() - SHOWN_FOR)
    jobs = BulkJob.objects.of(user).filter(shown).order_by("-pk")[:MOST_SHOWN]
    return Strip([JobRow(job, page_at) for job in jobs], cursors.encode(page_at))


@never_cache
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """The strip again, which asks for itself while something moves."""
    return _strip(request)


@require_POST
def cancel(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Change no more of its edits."""
    return _act(request, lambda user: cancel_job(owner=user, public_id=public_id, now=timezone.now()))


@require_POST
def undo(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Take back what it changed."""
    return _act(request, lambda user: undo_job(owner=user, public_id=public_id))


@require_POST
def close(request: HtmxRequest, public_id: UUID) -> HttpResponse:
    """Show it no longer."""
    return _act(request, lambda user: close_job(owner=user, public_id=public_id))


def _act(request: HtmxRequest, act: Callable[[User], object]) -> HttpResponse:
    """Somebody else's job is not found by the services; the strip shows what is."""
    act(signed_in(request))
    if request.htmx:
        return _strip(request)
    return redirect(came_from(request, default=reverse("edits:history")))


def _strip(request: HttpRequest) -> HttpResponse:
    """In an open page, which says when it was made."""
    sent = request.POST if request.method == "POST" else request.GET
    page_at = cursors.decode(sent.get("shown", "")) or timezone.now()
    strip = strip_of(signed_in(request), page_at=page_at)
    return render(request, "gallery/_jobs.html", {"strip": strip})
