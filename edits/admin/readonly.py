"""Base classes of the admin: read-only tables, with views of private edits audited."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property

from edits.folding import fold
from edits.forms.rare_edits import named_by
from edits.models import EditRequest, User
from edits.services.team.auditing import record

MOST_COUNTED = 2_000
MOST_FOUND = 200
LOOKED_THROUGH = 10_000


class CappedPaginator(Paginator):
    """Counts, and shows pages, up to ``MOST_COUNTED`` rows: what is further down is found by filters and searches."""

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST_COUNTED)

    @property
    def is_capped(self) -> bool:
        """Whether there are more."""
        return self._counted > MOST_COUNTED

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: MOST_COUNTED + 1].count())


class ReadOnlyAdmin(admin.ModelAdmin):
    """Read-only, for administrators."""

    actions = None
    paginator = CappedPaginator
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

    finds_by_index = False
    """Whether a search asks indexes alone, because the table may have millions of rows."""
    found_by: Sequence[str] = ()
    found_lately: Sequence[str] = ()
    """Columns without an index, in which the latest ``LOOKED_THROUGH`` rows are searched."""
    found_by_id = "edit__public_id"
    found_by_person = ""

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        if not search_term or not self.finds_by_index:
            return super().get_search_results(request, queryset, search_term)
        return queryset.filter(self._found(search_term.strip())), False

    def _found(self, term: str) -> Q:
        rows = self.model._default_manager.order_by()
        last = rows.aggregate(last=Max("pk"))["last"] or 0
        conditions = [Q((column, term)) for column in self.found_by]
        conditions += [Q((column, term), pk__gt=last - LOOKED_THROUGH) for column in self.found_lately]
        with suppress(ValueError):
            conditions.append(Q((self.found_by_id, UUID(term))))
        keys = [
            pk for rule in conditions for pk in rows.filter(rule).values_list("pk", flat=True)[:MOST_FOUND]
        ]
        if not self.found_by_person:
            return Q(pk__in=keys)
        people = User.objects.filter(username_folded__contains=fold(term)).values_list("pk", flat=True)
        rule = Q((f"{self.found_by_person}__in", list(people)))
        return Q(pk__in=keys) | named_by(rows.filter(rule), "pk", otherwise=rule)

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
