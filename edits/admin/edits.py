"""Edits, what came of them and what they cost, in the admin: facts, never pictures."""

from django.contrib import admin

from edits.admin.sites import site
from edits.admin.windows import EditWindow, Window
from edits.models import Attempt, EditRequest, Provider, ReturnedImage, Star, Upload


@admin.register(EditRequest, site=site)
class EditRequestAdmin(EditWindow):
    """Edits by where they stand; a prompt only on the edit's own, logged page."""

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
    search_fields = ("=public_id", "owner__username")

    def edit_of(self, obj: EditRequest) -> EditRequest:
        return obj


@admin.register(Attempt, site=site)
class AttemptAdmin(EditWindow):
    """Calls to the provider: faults, ids to quote to its support, and what may have been charged."""

    list_display = (
        "edit_id_shown", "number", "started_at", "ended_at", "fault", "status", "charged", "trace_id", "provider_id"
    )  # fmt: skip
    list_filter = ("fault", "charged", "status", "started_at")
    list_select_related = ("edit",)
    search_fields = ("trace_id", "provider_id", "=edit__public_id")
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(ReturnedImage, site=site)
class ReturnedImageAdmin(EditWindow):
    """Facts of the results.  No link to a picture: withheld ones are shown by the review alone."""

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
class UploadAdmin(Window):
    """Facts of the stored source pictures."""

    list_display = ("sha256", "format", "width_px", "height_px", "size_bytes", "created_at")
    list_filter = ("format", "created_at")
    search_fields = ("sha256",)
    exclude = ("file", "thumb_320", "thumb_1024", "placeholder")


@admin.register(Star, site=site)
class StarAdmin(EditWindow):
    """Who starred what."""

    list_display = ("user", "edit_id_shown", "created_at")
    list_filter = ("created_at",)
    list_select_related = ("user", "edit")
    search_fields = ("user__username", "=edit__public_id")
    exclude = ("edit",)
    readonly_fields = ("edit_id_shown",)


@admin.register(Provider, site=site)
class ProviderAdmin(Window):
    """Whether calls to the provider go out, wait or are held."""

    list_display = ("__str__", "paused_until", "held_since", "probe_at", "worker_seen_at")
