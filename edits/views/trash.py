"""The trash: what one threw away, until when it can be taken back."""

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from edits.forms.gallery import Filters
from edits.http.access import signed_in
from edits.models import EditRequest
from edits.views import cursors
from edits.views.bulk_jobs import strip_of
from edits.views.listing import Cursor, Listing


@gzip_page
@cache_control(private=True, no_cache=True)
@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """One's own thrown-away edits, the latest first."""
    user = signed_in(request)
    place = Cursor.read(request.GET.get("older", ""))
    page = Listing("trash", user, Filters()).page(place)
    now = timezone.now()
    rows = [(edit, *_left(edit, now=now)) for edit in page.edits]
    context = {
        "page": page,
        "rows": rows,
        "place": place,
        "trash_days": settings.TRASH_DAYS,
        "shown": cursors.encode(now),
        "jobs": strip_of(user, page_at=now),
        "viewer": user,
    }
    return render(request, "trash/trash.html", context)


def _left(edit: EditRequest, *, now: datetime) -> tuple[datetime, int]:
    """When a thrown-away edit is gone, and in how many days, begun ones counted."""
    gone_at = (edit.trashed_at or now) + timedelta(days=settings.TRASH_DAYS)
    return gone_at, max(0, ceil((gone_at - now) / timedelta(days=1)))
