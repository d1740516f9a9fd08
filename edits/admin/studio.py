"""Staged uploads, drafts, batches and bulk jobs in the admin, without pictures and without what people wrote."""

from django.contrib import admin

from edits.admin.readonly import ReadOnlyAdmin
from edits.admin.site import site
from edits.models import Batch, BulkChunk, BulkJob, Draft, StagedUpload


@admin.register(StagedUpload, site=site)
class StagedUploadAdmin(ReadOnlyAdmin):
    """Pictures that were uploaded and wait for their edit."""

    list_display = ("public_id", "owner", "width_px", "height_px", "size_bytes", "created_at", "used_at")
    list_filter = ("created_at", "used_at")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "owner__username_folded")
    exclude = ("name", "original")
    readonly_fields = ("public_id",)


@admin.register(Draft, site=site)
class DraftAdmin(ReadOnlyAdmin):
    """Who has something in the studio that was not sent, and since when."""

    list_display = ("owner", "revision", "changed_at")
    list_filter = ("changed_at",)
    list_select_related = ("owner",)
    search_fields = ("owner__username_folded",)
    exclude = ("content", "staged")


@admin.register(Batch, site=site)
class BatchAdmin(ReadOnlyAdmin):
    """Edits that were submitted in one action; their prompts are on the pages of the edits."""

    list_display = ("public_id", "owner", "created_at", "paused_at")
    list_filter = ("created_at", "paused_at")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "owner__username_folded")
    exclude = ("axes",)
    readonly_fields = ("public_id",)


@admin.register(BulkJob, site=site)
class BulkJobAdmin(ReadOnlyAdmin):
    """Actions on very many edits, and how far they are."""

    list_display = ("public_id", "owner", "action", "state", "done", "total", "changed", "created_at")
    list_filter = ("action", "state", "created_at")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "owner__username_folded")
    exclude = ("names",)
    readonly_fields = ("public_id",)


@admin.register(BulkChunk, site=site)
class BulkChunkAdmin(ReadOnlyAdmin):
    """Parts of bulk jobs; which edits they hold is not shown."""

    list_display = ("job", "number", "is_done")
    list_filter = ("is_done",)
    list_select_related = ("job",)
    search_fields = ("=job__public_id",)
    exclude = ("keys", "added")
