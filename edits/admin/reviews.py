"""Review cases, their timeline and reveal grants in the admin, also for reviewers."""

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from edits.admin.readonly import EditReadOnlyAdmin
from edits.admin.site import site
from edits.models import EditRequest, RevealGrant, ReviewCase, ReviewEvent


class ReviewWindow(EditReadOnlyAdmin):
    """Also for reviewers."""

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return getattr(request.user, "is_reviewer", False)


@admin.register(ReviewCase, site=site)
class ReviewCaseAdmin(ReviewWindow):
    """Cases and their decisions."""

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
    search_fields = ("=edit__public_id", "edit__owner__username_folded", "reason")
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(ReviewEvent, site=site)
class ReviewEventAdmin(ReviewWindow):
    """The timelines of all cases, line by line."""

    list_display = ("at", "edit_id_shown", "kind", "actor", "text")
    list_filter = ("at",)
    list_select_related = ("case__edit", "actor")
    search_fields = ("=case__edit__public_id", "actor__username_folded", "text")
    exclude = ("case",)
    readonly_fields = ("edit_id_shown",)

    def related_edit(self, obj: ReviewEvent) -> EditRequest:
        return obj.case.edit


@admin.register(RevealGrant, site=site)
class RevealGrantAdmin(ReviewWindow):
    """How far reviewers uncovered pictures since they opened the case."""

    list_display = ("granted_at", "edit_id_shown", "picture", "step", "reviewer")
    list_filter = ("step", "granted_at")
    list_select_related = ("case__edit", "reviewer")
    search_fields = ("=case__edit__public_id", "reviewer__username_folded")
    exclude = ("case",)
    readonly_fields = ("edit_id_shown",)

    def related_edit(self, obj: RevealGrant) -> EditRequest:
        return obj.case.edit
