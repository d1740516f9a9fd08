"""Edits, their outcomes and their cost in the admin, never their pictures."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html

from edits.admin.readonly import EditReadOnlyAdmin, ReadOnlyAdmin
from edits.admin.site import site
from edits.models import (
    Attempt,
    CanaryRun,
    EditReference,
    EditRequest,
    MergedPicture,
    Provider,
    ProviderModel,
    ReturnedImage,
    Star,
    Upload,
    User,
)
from edits.services.calls.unreadable import unreadable_of
from edits.services.team.auditing import record


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
    list_filter = ("status", "reason", "model", "created_at")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "owner__username_folded")

    def related_edit(self, obj: EditRequest) -> EditRequest:
        return obj


@admin.register(Attempt, site=site)
class AttemptAdmin(EditReadOnlyAdmin):
    """Calls to providers by day: faults, ids to quote to their support, and whether they were charged."""

    list_display = (
        "edit_id_shown", "number", "started_at", "ended_at", "fault", "status", "charged", "answer_bytes",
        "trace_id", "provider_id", "worker",
    )  # fmt: skip
    list_filter = ("fault", "charged", "status", "started_at")
    list_select_related = ("edit",)
    date_hierarchy = "started_at"
    search_fields = ("trace_id", "provider_id", "=worker", "=edit__public_id")
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
    list_filter = ("finish_reason", "withheld", "receipt", "format", "created_at")
    list_select_related = ("edit",)
    search_fields = ("sha256", "=edit__public_id")
    exclude = ("edit", "file", "thumb_320", "thumb_1024", "change_map", "placeholder")
    readonly_fields = ("edit_id_shown",)


@admin.register(Upload, site=site)
class UploadAdmin(ReadOnlyAdmin):
    """Metadata of the stored source pictures."""

    list_display = ("sha256", "format", "width_px", "height_px", "size_bytes", "created_at")
    list_filter = ("format", "created_at")
    search_fields = ("sha256",)
    exclude = ("file", "thumb_320", "thumb_1024", "placeholder")


@admin.register(Star, site=site)
class StarAdmin(EditReadOnlyAdmin):
    """Stars by user and edit."""

    list_display = ("user", "edit_id_shown", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("user", "edit")
    search_fields = ("user__username_folded", "=edit__public_id")
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
