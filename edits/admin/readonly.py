"""Base classes of the admin: read-only tables, with views of private edits audited."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from edits.folding import fold
from edits.models import EditRequest, User
from edits.services.team.auditing import record


class ReadOnlyAdmin(admin.ModelAdmin):
    """Read-only, for administrators."""

    actions = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return getattr(request.user, "is_administrator", False)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """Search for the typed and the folded term, because names are stored folded for searches in any spelling."""
        if not search_term:
            return super().get_search_results(request, queryset, search_term)
        typed, has_twins = super().get_search_results(request, queryset, search_term)
        folded, _ = super().get_search_results(request, queryset, fold(search_term))
        return typed | folded, has_twins


class EditReadOnlyAdmin(ReadOnlyAdmin):
    """A table of edits or of rows that belong to one: viewing somebody else's private edit is audited."""

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        if obj is not None and self.has_view_permission(request, obj):
            self._log_look(request, obj)
        return super().change_view(request, object_id, form_url, extra_context)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Audited as well, because its heading shows the beginning of the prompt."""
        obj = self.get_object(request, object_id)
        if obj is not None and self.has_view_permission(request, obj):
            self._log_look(request, obj)
        return super().history_view(request, object_id, extra_context)

    def related_edit(self, obj: Any) -> EditRequest | None:
        """The edit that the row belongs to; None if there is none, as for a webhook's test."""
        return obj.edit

    def _log_look(self, request: HttpRequest, obj: models.Model) -> None:
        edit = self.related_edit(obj)
        if edit is None:
            return
        is_shared = EditRequest.objects.shared().filter(pk=edit.pk).exists()
        if isinstance(request.user, User) and edit.owner_id != request.user.pk and not is_shared:
            record(
                actor=request.user,
                action="looked at an edit",
                subject=str(edit.public_id),
                detail=f"{self.opts.verbose_name} of {edit.owner.username}, in the admin",
                now=timezone.now(),
            )

    @admin.display(description="edit")
    def edit_id_shown(self, obj: models.Model) -> str:
        """The edit by its id, because its string representation would show the prompt in a list."""
        edit = self.related_edit(obj)
        return str(edit.public_id) if edit else "none"
