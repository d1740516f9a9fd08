"""URLs of the API, below ``v1/``."""

from django.urls import path

from edits.api import (
    batches,
    docs,
    edit_list,
    edits,
    images_edits,
    model_list,
    preset_list,
    recipes,
    reruns,
    results,
    uploads,
)

# Some also end with a slash, because a redirect would turn a POST into a GET.
urlpatterns = [
    path("images/edits", images_edits.images_edits, name="api_images_edits"),
    path("images/edits/", images_edits.images_edits),
    path("edits", edit_list.edit_list, name="api_edits"),
    path("edits/<uuid:public_id>", edits.edit, name="api_edit"),
    path("edits/<uuid:public_id>/cancel", edits.cancel, name="api_cancel"),
    path("edits/<uuid:public_id>/cancel/", edits.cancel),
    path("edits/<uuid:public_id>/rerun", reruns.rerun, name="api_rerun"),
    path("edits/<uuid:public_id>/rerun/", reruns.rerun),
    path("uploads", uploads.uploads, name="api_uploads"),
    path("uploads/", uploads.uploads),
    path("batches", batches.batches, name="api_batches"),
    path("batches/", batches.batches),
    path("batches/<uuid:public_id>", batches.batch, name="api_batch"),
    path("batches/<uuid:public_id>/pause", batches.pause, name="api_pause_batch"),
    path("batches/<uuid:public_id>/pause/", batches.pause),
    path("batches/<uuid:public_id>/resume", batches.resume, name="api_resume_batch"),
    path("batches/<uuid:public_id>/resume/", batches.resume),
    path("batches/<uuid:public_id>/cancel", batches.cancel, name="api_cancel_batch"),
    path("batches/<uuid:public_id>/cancel/", batches.cancel),
    path("presets", preset_list.preset_list, name="api_presets"),
    path("recipes", recipes.recipes, name="api_recipes"),
    path("recipes/<uuid:public_id>/runs", recipes.runs, name="api_recipe_runs"),
    path("recipes/<uuid:public_id>/runs/", recipes.runs),
    path("recipe-runs/<uuid:public_id>", recipes.run, name="api_recipe_run"),
    path("recipe-runs/<uuid:public_id>/cancel", recipes.cancel, name="api_cancel_recipe_run"),
    path("recipe-runs/<uuid:public_id>/cancel/", recipes.cancel),
    path("models", model_list.model_list, name="api_models"),
    path("models/<path:name>", model_list.model, name="api_model"),
    path("openapi.json", docs.openapi, name="openapi"),
    path("docs", docs.docs, name="api_docs"),
    path("results/<uuid:public_id>", results.result, name="api_result"),
]
