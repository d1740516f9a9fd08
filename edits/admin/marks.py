"""What people write on edits, in the admin: comments and tags."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from edits.admin.sites import site
from edits.admin.windows import EditWindow, Window
from edits.models import Comment, Tag


@admin.register(Comment, site=site)
class CommentAdmin(EditWindow):
    """Who said something about which edit; the words only on the comment's own, logged page."""

    list_display = ("author", "edit_id_shown", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("author", "edit")
    search_fields = ("author__username", "=edit__public_id")
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(Tag, site=site)
class TagAdmin(Window):
    """Tags and how many edits carry them, not which: an edit's own words would show its prompt."""

    list_display = ("name", "number_of_edits")
    search_fields = ("name",)
    exclude = ("edits",)
    readonly_fields = ("number_of_edits",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(edits_count=Count("edits"))

    @admin.display(description="edits", ordering="edits_count")
    def number_of_edits(self, obj: Tag) -> int:
        """Counted by the list's own query."""
        count: int = getattr(obj, "edits_count", 0)
        return count
