"""Recipes, their versions and runs in the admin, without what people wrote."""

from django.contrib import admin

from edits.admin.readonly import ReadOnlyAdmin
from edits.admin.site import site
from edits.models import Recipe, RecipeRun, RecipeVersion, RunStep


@admin.register(Recipe, site=site)
class RecipeAdmin(ReadOnlyAdmin):
    """Chains of edits that people keep; a name may say what is private."""

    list_display = ("public_id", "owner", "created_at", "shared_at", "deleted_at")
    list_filter = ("created_at", "shared_at", "deleted_at")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "owner__username_folded")
    exclude = ("name",)
    readonly_fields = ("public_id",)


@admin.register(RecipeVersion, site=site)
class RecipeVersionAdmin(ReadOnlyAdmin):
    """Versions of recipes; their prompts are not shown."""

    list_display = ("id", "number", "created_at")
    search_fields = ("=recipe__public_id",)
    exclude = ("recipe", "steps")


@admin.register(RecipeRun, site=site)
class RecipeRunAdmin(ReadOnlyAdmin):
    """Recipes that were run; their prompts are on the pages of the edits."""

    list_display = ("public_id", "owner", "pictures", "created_at", "canceled_at")
    list_filter = ("created_at", "canceled_at")
    list_select_related = ("owner",)
    search_fields = ("=public_id", "owner__username_folded")
    exclude = ("name", "steps", "version")
    readonly_fields = ("public_id",)


@admin.register(RunStep, site=site)
class RunStepAdmin(ReadOnlyAdmin):
    """How far each picture of a run is, and why it stopped or waits."""

    list_display = ("run", "picture", "step", "state", "stopped_by", "waits_for", "not_before")
    list_filter = ("state", "stopped_by", "waits_for")
    list_select_related = ("run",)
    search_fields = ("=run__public_id",)
    exclude = ("edit",)
