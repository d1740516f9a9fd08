"""Edits, their outcomes and their cost in the admin, never their pictures."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html

from edits.admin.readonly import EditReadOnlyAdmin, ReadOnlyAdmin
from edits.admin.site import site
from edits.forms.rare_edits import named_by
from edits.models import (
    UNSUCCESSFUL,
    Attempt,
    CanaryRun,
    EditReference,
    EditRequest,
    MergedPicture,
    Provider,
    ProviderModel,
    Reason,
    ReturnedImage,
    Star,
    Status,
    Upload,
    User,
    Vote,
)
from edits.services.calls.unreadable import unreadable_of
from edits.services.team.auditing import record


class StatusFilter(admin.SimpleListFilter):
    """By status; the rare ones are found by an index."""

    title = parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, str(status.label)) for status in Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EditRequest]) -> QuerySet[EditRequest]:
        value = self.value()
        if value not in UNSUCCESSFUL:
            return queryset.filter(status=value) if value else queryset
        rule = Q(status=value)
        return queryset.filter(named_by(EditRequest.objects.filter(rule), "pk", otherwise=rule))


class ReasonFilter(admin.SimpleListFilter):
    """By the reason for which an edit failed."""

    title = parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(reason.value, reason.value.replace("_", " ")) for reason in Reason]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EditRequest]) -> QuerySet[EditRequest]:
        value = self.value()
        return queryset.filter(status=Status.FAILED, reason=value) if value else queryset


@admin.register(EditRequest, site=site)
class EditRequestAdmin(EditReadOnlyAdmin):
    """Edits by status; the prompt is only on the edit's own page, which is audited."""

    list_display = (
        "public_id",
        "owner",
        "status",
        "reason",
        "model",
        "attempts_made",
        "created_at",
        "finished_at",
    )
    list_filter = (StatusFilter, ReasonFilter)
    list_select_related = ("owner",)
    sortable_by = ()
    search_fields = ("=public_id", "owner__username_folded")
    finds_by_index = True
    found_by_id = "public_id"
    found_by_person = "owner"

    def related_edit(self, obj: EditRequest) -> EditRequest:
        return obj


@admin.register(Attempt, site=site)
class AttemptAdmin(EditReadOnlyAdmin):
    """Calls to providers by day: faults, ids to quote to their support, and whether they were charged."""

    list_display = (
        "edit_id_shown", "number", "started_at", "ended_at", "fault", "status", "charged", "answer_bytes",
        "trace_id", "provider_id", "worker",
    )  # fmt: skip
    list_filter = ("fault", "charged", "started_at")
    list_select_related = ("edit",)
    ordering = ("-started_at", "-pk")
    sortable_by = ()
    search_fields = ("=trace_id", "=provider_id", "=worker", "=edit__public_id")
    finds_by_index = True
    found_lately = ("trace_id", "provider_id", "worker")
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown", "unreadable_picture")

    def get_urls(self) -> list[Any]:
        """Adds the download of an attempt's unreadable picture."""
        view = self.admin_site.admin_view(self.download_unreadable)
        return [path("<int:pk>/unreadable/", view, name="edits_attempt_unreadable"), *super().get_urls()]

    def download_unreadable(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """The bytes as received, as a download so that no browser renders them; each download is audited."""
        attempt = get_object_or_404(Attempt.objects.select_related("edit__owner"), pk=pk)
        if not (isinstance(request.user, User) and self.has_view_permission(request, attempt)):
            raise PermissionDenied
        file = unreadable_of(attempt)
        if file is None:
            raise Http404
        record(
            actor=request.user,
            action="downloaded an unreadable picture",
            subject=str(attempt.edit.public_id),
            detail=f"attempt {attempt.number} of {attempt.edit.owner.username}",
            now=timezone.now(),
        )
        response = FileResponse(
            file.open("rb"), as_attachment=True, filename=file.name, content_type="application/octet-stream"
        )
        add_never_cache_headers(response)
        return response

    @admin.display(description="picture that could not be opened")
    def unreadable_picture(self, obj: Attempt) -> str:
        """A link if the file is on this machine."""
        if unreadable_of(obj) is None:
            return "None on this machine"
        return format_html(
            '<a href="{}">Download</a>', reverse("admin:edits_attempt_unreadable", args=[obj.pk])
        )


@admin.register(ReturnedImage, site=site)
class ReturnedImageAdmin(EditReadOnlyAdmin):
    """Metadata of results.  No links to pictures: only the review pages show withheld ones."""

    list_display = (
        "edit_id_shown", "format", "width_px", "height_px", "size_bytes", "finish_reason", "withheld",
        "receipt", "created_at",
    )  # fmt: skip
    list_filter = ("finish_reason", "withheld", "receipt")
    list_select_related = ("edit",)
    sortable_by = ()
    search_fields = ("=sha256", "=edit__public_id")
    finds_by_index = True
    found_by = ("sha256",)
    exclude = ("edit", "file", "thumb_320", "thumb_1024", "change_map", "placeholder")
    readonly_fields = ("edit_id_shown",)


@admin.register(Upload, site=site)
class UploadAdmin(ReadOnlyAdmin):
    """Metadata of the stored source pictures."""

    list_display = ("sha256", "format", "width_px", "height_px", "size_bytes", "created_at")
    sortable_by = ()
    search_fields = ("sha256__exact",)
    exclude = ("file", "thumb_320", "thumb_1024", "placeholder")


@admin.register(Star, site=site)
class StarAdmin(EditReadOnlyAdmin):
    """Stars by user and edit."""

    list_display = ("user", "edit_id_shown", "created_at")
    list_select_related = ("user", "edit")
    sortable_by = ()
    search_fields = ("user__username_folded", "=edit__public_id")
    finds_by_index = True
    found_by_person = "user"
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(Vote, site=site)
class VoteAdmin(EditReadOnlyAdmin):
    """Votes on contact sheets, by voter and edit."""

    list_display = ("voter", "edit_id_shown", "sheet", "created_at")
    list_select_related = ("voter", "edit")
    sortable_by = ()
    search_fields = ("voter__username_folded", "=edit__public_id")
    finds_by_index = True
    found_by_person = "voter"
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(EditReference, site=site)
class EditReferenceAdmin(EditReadOnlyAdmin):
    """The additional pictures of edits."""

    list_display = ("edit_id_shown", "position", "name")
    list_select_related = ("edit",)
    search_fields = ("=edit__public_id",)
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(MergedPicture, site=site)
class MergedPictureAdmin(EditReadOnlyAdmin):
    """What models changed, put into the originals: whether it could be, and how much of each changed."""

    list_display = (
        "edit_id_shown",
        "kind",
        "state",
        "refusal",
        "changed_share",
        "shift_px",
        "tries",
        "created_at",
    )
    list_filter = ("kind", "state", "refusal", "created_at")
    list_select_related = ("edit",)
    search_fields = ("sha256", "=edit__public_id")
    exclude = ("edit", "paint", "file", "thumb_320", "thumb_1024")
    readonly_fields = ("edit_id_shown",)


@admin.register(ProviderModel, site=site)
class ProviderModelAdmin(ReadOnlyAdmin):
    """The models of each provider; Settings > Providers changes them."""

    list_display = ("provider", "name", "label", "is_on", "is_default", "price")
    list_filter = ("is_on",)
    list_select_related = ("provider",)
    search_fields = ("name", "label")


@admin.register(CanaryRun, site=site)
class CanaryRunAdmin(ReadOnlyAdmin):
    """The daily canaries of the models."""

    list_display = ("model", "began_at", "seconds", "fault", "difference", "is_baseline", "model_changed")
    list_filter = ("fault", "model_changed", "began_at")
    list_select_related = ("model__provider",)
    search_fields = ("model__name",)
    exclude = ("picture",)


@admin.register(Provider, site=site)
class ProviderAdmin(ReadOnlyAdmin):
    """Whether each provider is active, paused, held or stopped; Settings > Providers explains it in words.

    Keys are not shown, not even encrypted.
    """

    exclude = ("encrypted_key",)

    list_display = (
        "__str__", "slug", "preset", "paused_until", "held_since", "probe_at", "stopped_since", "stopped_by",
        "tested_at", "worker_seen_at",
    )  # fmt: skip
