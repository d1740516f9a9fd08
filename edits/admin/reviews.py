"""Review cases and their timeline in the admin, for reviewers too."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from edits.admin.sites import site
from edits.admin.windows import EditWindow
from edits.models import EditRequest, ReviewCase, ReviewEvent


class ReviewWindow(EditWindow):
    """Also for reviewers."""

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return getattr(request.user, "is_reviewer", False)


@admin.register(ReviewCase, site=site)
class ReviewCaseAdmin(ReviewWindow):
    """Cases and what was decided."""

    list_display = (
        "edit_id_shown",
        "opened_at",
        "claimed_by",
        "decision",
        "decided_by",
        "decided_at",
        "appealed_at",
    )
    list_filter = ("decision", "question_open", "opened_at")
    list_select_related = ("edit", "claimed_by", "decided_by")
    search_fields = ("=edit__public_id", "edit__owner__username", "reason")
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(ReviewEvent, site=site)
class ReviewEventAdmin(ReviewWindow):
    """The timeline of all cases, line by line."""

    list_display = ("at", "edit_id_shown", "kind", "actor", "text")
    list_filter = ("kind", "at")
    list_select_related = ("case__edit", "actor")
    search_fields = ("=case__edit__public_id", "actor__username", "text")
    exclude = ("case",)
    readonly_fields = ("edit_id_shown",)

    def edit_of(self, obj: ReviewEvent) -> EditRequest:
        return obj.case.edit
