"""Comments and tags in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from edits.admin.readonly import EditReadOnlyAdmin, ReadOnlyAdmin
from edits.admin.site import site
from edits.http.humanize import capped
from edits.models import Comment, Tag

MOST_COUNTED = 1000


@admin.register(Comment, site=site)
class CommentAdmin(EditReadOnlyAdmin):
    """Authors of comments and their edits; the text is only on the comment's own page, which is audited."""

    list_display = ("author", "edit_id_shown", "created_at")
    list_select_related = ()  # joined, SQLite may go through all edits to find a few comments
    sortable_by = ()
    search_fields = ("author__username_folded", "=edit__public_id")
    finds_by_index = True
    found_by_person = "author"
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        return super().get_queryset(request).prefetch_related("author", "edit")


@admin.register(Tag, site=site)
class TagAdmin(ReadOnlyAdmin):
    """Tags and the number of edits with each.  Does not list the edits, because that would show their prompts."""

    list_display = ("name", "number_of_edits")
    search_fields = ("name_folded",)
    exclude = ("edits",)
    readonly_fields = ("number_of_edits",)

    @admin.display(description="edits")
    def number_of_edits(self, obj: Tag) -> str:
        """Up to 1,000: an exact number would be counted over all tags for each page."""
        rows = Tag.edits.through.objects.filter(tag=obj.pk).order_by()
        return capped(rows[:MOST_COUNTED].count(), MOST_COUNTED)
