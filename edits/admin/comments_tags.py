"""Comments and tags in the admin."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from edits.admin.readonly import EditReadOnlyAdmin, ReadOnlyAdmin
from edits.admin.site import site
from edits.models import Comment, Tag


@admin.register(Comment, site=site)
class CommentAdmin(EditReadOnlyAdmin):
    """Authors of comments and their edits; the text is only on the comment's own page, which is audited."""

    list_display = ("author", "edit_id_shown", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("author", "edit")
    search_fields = ("author__username_folded", "=edit__public_id")
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(Tag, site=site)
class TagAdmin(ReadOnlyAdmin):
    """Tags and the number of edits with each.  Does not list the edits, because that would show their prompts."""

    list_display = ("name", "number_of_edits")
    search_fields = ("name_folded",)
    exclude = ("edits",)
    readonly_fields = ("number_of_edits",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        return super().get_queryset(request).annotate(edits_count=Count("edits"))

    @admin.display(description="edits", ordering="edits_count")
    def number_of_edits(self, obj: Tag) -> int:
        """Annotated by the list's query."""
        count: int = getattr(obj, "edits_count", 0)
        return count
