"""Past prompts and presets in the admin: whose they are and how often they were used, without what they say."""

from django.contrib import admin

from edits.admin.readonly import ReadOnlyAdmin
from edits.admin.site import site
from edits.models import PastPrompt, PresetUse, PromptFilling, PromptPreset


@admin.register(PastPrompt, site=site)
class PastPromptAdmin(ReadOnlyAdmin):
    """How many prompts people have used, and how often."""

    list_display = ("owner", "uses", "last_used_at", "is_starred", "removed_at")
    list_select_related = ("owner",)
    search_fields = ("owner__username_folded",)
    sortable_by = ()
    exclude = ("text", "text_folded", "digest")


@admin.register(PromptFilling, site=site)
class PromptFillingAdmin(ReadOnlyAdmin):
    """How far the prompts of earlier edits are read."""

    list_display = ("below",)
    search_fields = ("=pk",)


@admin.register(PromptPreset, site=site)
class PromptPresetAdmin(ReadOnlyAdmin):
    """Presets, shared or not; what they say is on their own pages, for those who may use them."""

    list_display = ("public_id", "owner", "created_at", "shared_at", "deleted_at")
    list_filter = ("created_at", "shared_at", "deleted_at")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "owner__username_folded")
    exclude = ("name", "prompt", "options", "example")
    readonly_fields = ("public_id",)


@admin.register(PresetUse, site=site)
class PresetUseAdmin(ReadOnlyAdmin):
    """How many edits were made with presets; which ones is not shown."""

    list_display = ("preset_id",)
    search_fields = ("=preset__public_id",)
    exclude = ("edit", "preset")
