"""Addresses of the app: a list for each prefix.  The API has its own in ``api/urls.py``."""

from django.urls import URLPattern, URLResolver, include, path

from edits.views import (
    actions,
    adding_provider,
    api_keys,
    batch_actions,
    batch_page,
    budgets,
    bulk,
    bulk_jobs,
    canary,
    changing_provider,
    commenting,
    comparing,
    contact_sheet,
    curating,
    downloads,
    drafts,
    first_run,
    gallery,
    health,
    joining,
    languages,
    lineage_page,
    merging,
    metrics,
    past_prompts,
    people,
    pictures,
    prompt_presets,
    provider,
    provider_models,
    provider_waiting,
    providers,
    recipe_actions,
    recipe_editor,
    recipe_runs,
    recipes,
    regions,
    rerunning,
    review,
    settings_page,
    share_target,
    sheet_votes,
    source_check,
    staging,
    status,
    studio,
    tagging,
    time_zones,
    trash,
    viewer,
    webhooks,
)

app_name = "edits"

edit_urls = [
    path("", viewer.viewer, name="viewer"),
    path("lineage/", lineage_page.lineage, name="lineage"),
    path("recipe/", recipe_editor.from_edit, name="recipe_from_edit"),
    path("rerun/", rerunning.rerun, name="rerun_edit"),
    path("rerun/instead/", rerunning.instead, name="rerun_instead"),
    path("cancel/", actions.cancel, name="cancel_edit"),
    path("retry/", actions.retry, name="retry_edit"),
    # Curating
    path("share/", curating.share, name="share_edit"),
    path("star/", curating.star, name="star_edit"),
    path("trash/", curating.trash_edit, name="trash_edit"),
    path("restore/", curating.restore, name="restore_edit"),
    path("comments/", commenting.comment, name="add_comment"),
    path("comments/<int:pk>/remove/", commenting.remove, name="remove_comment"),
    path("tags/", tagging.tag, name="add_tag"),
    path("tags/remove/", tagging.untag, name="remove_tag"),
    # Pictures
    path("result/", pictures.result, name="result"),
    path("result/<int:width>/", pictures.result, name="result_width"),
    path("source/", pictures.source, name="source"),
    path("source/<int:width>/", pictures.source, name="source_width"),
    path("reference/<int:position>/", pictures.reference, name="reference"),
    path("reference/<int:position>/<int:width>/", pictures.reference, name="reference_width"),
    path("original/", pictures.original, name="original"),
    path("original/<int:width>/", pictures.original, name="original_width"),
    path("merged/", pictures.merged, name="merged"),
    path("merged/<int:width>/", pictures.merged, name="merged_width"),
    path("merged/download/<str:format>/", downloads.download_merged, name="download_merged"),
    path("keep-detail/", merging.keep_detail, name="keep_detail"),
    path("merging/", merging.progress, name="merging"),
    path("map/", pictures.change_map, name="change_map"),
    path("download/", downloads.download, name="download_result"),
    path("download/choose/", downloads.choose_download, name="choose_download"),
    # Review, as the author sees it
    path("ask/", review.ask_for_review, name="ask_for_review"),
    path("answer/", review.answer_question, name="answer_question"),
    path("appeal/", review.appeal, name="appeal_decision"),
]

prompt_urls = [
    path("", past_prompts.past_prompts, name="past_prompts"),
    path("<int:pk>/star/", past_prompts.star, name="star_past_prompt"),
    path("<int:pk>/remove/", past_prompts.remove, name="remove_past_prompt"),
    path("<int:pk>/bring-back/", past_prompts.bring_back, name="bring_back_past_prompt"),
]

preset_urls = [
    path("", prompt_presets.presets, name="presets"),
    path("new/", prompt_presets.save, name="save_preset"),
    path("<uuid:public_id>/", prompt_presets.change, name="change_preset"),
    path("<uuid:public_id>/share/", prompt_presets.share, name="share_preset"),
    path("<uuid:public_id>/delete/", prompt_presets.delete, name="delete_preset"),
    path("<uuid:public_id>/restore/", prompt_presets.restore, name="restore_preset"),
]

batch_urls = [
    path("", batch_page.batch, name="batch"),
    path("pause/", batch_actions.pause, name="pause_batch"),
    path("resume/", batch_actions.resume, name="resume_batch"),
    path("cancel/", batch_actions.cancel, name="cancel_batch"),
    path("retry/", batch_actions.retry, name="retry_batch"),
    path("download/", batch_page.download, name="download_batch"),
    path("sheet/", contact_sheet.of_batch, name="batch_sheet"),
]

recipe_urls = [
    path("", recipes.recipe, name="recipe"),
    path("change/", recipe_editor.change, name="change_recipe"),
    path("rename/", recipe_actions.rename, name="rename_recipe"),
    path("share/", recipe_actions.share, name="share_recipe"),
    path("delete/", recipe_actions.delete, name="delete_recipe"),
    path("restore/", recipe_actions.restore, name="restore_recipe"),
]

recipe_run_urls = [
    path("", recipe_runs.run, name="recipe_run"),
    path("cancel/", recipe_runs.cancel, name="cancel_recipe_run"),
    path("again/", recipe_runs.again, name="retry_recipe_run"),
]

sheet_urls = [
    path("", contact_sheet.of_edits, name="contact_sheet"),
    path("keep/", contact_sheet.keep, name="keep_candidates"),
    path("finish/", contact_sheet.finish_kept, name="finish_kept"),
    path("rest/", contact_sheet.trash_rest, name="trash_rest"),
    path("vote/", sheet_votes.vote, name="vote"),
    path("ask/", sheet_votes.ask, name="ask_for_votes"),
]

review_urls = [
    path("", review.queue, name="review"),
    path("<uuid:public_id>/", review.case_page, name="review_case"),
    path("<uuid:public_id>/claim/", review.claim, name="review_claim"),
    path("<uuid:public_id>/decide/", review.decide, name="review_decide"),
    path("<uuid:public_id>/undo/", review.undo, name="review_undo"),
    path("<uuid:public_id>/reveal/", review.reveal, name="review_reveal"),
    path("<uuid:public_id>/picture/<str:which>/<int:step>/", review.picture, name="review_picture"),
]

person_urls = [
    path("role/", people.set_role, name="set_role"),
    path("deactivate/", people.deactivate, name="deactivate_person"),
    path("reactivate/", people.reactivate, name="reactivate_person"),
    path("password/", people.make_password_link, name="make_password_link"),
    path("unlock/", people.unlock, name="unlock_sign_in"),
    path("budget/", budgets.save_own_budget, name="save_own_budget"),
]

webhook_urls = [
    path("", webhooks.webhook, name="webhook"),
    path("change/", webhooks.change, name="change_webhook"),
    path("secret/", webhooks.show_secret, name="webhook_secret"),
    path("turn/", webhooks.toggle, name="toggle_webhook"),
    path("test/", webhooks.test, name="test_webhook"),
    path("delete/", webhooks.delete, name="delete_webhook"),
    path("<uuid:public_id>/", webhooks.redeliver, name="redeliver_webhook"),
]

model_urls = [
    path("", provider_models.model, name="provider_model"),
    path("turn/", provider_models.toggle, name="toggle_model"),
    path("default/", provider_models.set_default, name="set_default_model"),
    path("move/", provider_models.move, name="move_model"),
    path("remove/", provider_models.remove, name="remove_model"),
]

provider_urls: list[URLPattern | URLResolver] = [
    path("", provider.provider, name="provider"),
    path("move/", providers.move, name="move_provider"),
    path("change/", changing_provider.change, name="change_provider"),
    path("key/", changing_provider.key, name="provider_key"),
    path("remove/", changing_provider.remove, name="remove_provider"),
    path("waiting/", provider_waiting.waiting, name="provider_waiting"),
    path("models/", provider_models.find, name="find_models"),
    path("models/<int:pk>/", include(model_urls)),
    path("test/", provider.test, name="test_provider"),
    path("stop/", provider.pause, name="pause_queue"),
    path("resume/", provider.resume, name="resume_queue"),
    path("try/", provider.probe, name="probe_provider"),
    path("canary/", canary.toggle, name="toggle_canary"),
]

settings_urls: list[URLPattern | URLResolver] = [
    path("", settings_page.settings, name="settings"),
    path("profile/", settings_page.save_own_profile, name="save_profile"),
    path("time-zone/", time_zones.take, name="save_time_zone"),
    path("people/<int:pk>/", include(person_urls)),
    path("invitations/", people.make_invitation, name="invite_person"),
    path("invitations/<int:pk>/revoke/", people.revoke, name="revoke_invitation"),
    path("budgets/", budgets.save_budgets, name="save_budgets"),
    path("api-keys/", api_keys.make, name="make_api_key"),
    path("api-keys/<int:pk>/revoke/", api_keys.revoke, name="revoke_api_key"),
    path("webhooks/", webhooks.add, name="add_webhook"),
    path("webhooks/<int:pk>/", include(webhook_urls)),
    path("providers/", providers.providers, name="providers"),
    path("providers/add/", adding_provider.add, name="add_provider"),
    path("providers/<slug:slug>/", include(provider_urls)),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("setup/", first_run.setup, name="setup"),
    path("invitations/<str:token>/", joining.join, name="join"),
    path("language/", languages.choose, name="choose_language"),
    # Studio
    path("", studio.studio, name="studio"),
    path("source/", source_check.check_source, name="check_source"),
    path("share/", share_target.share_target, name="share_target"),
    path("draft/", drafts.save, name="save_draft"),
    path("draft/clear/", drafts.clear, name="clear_draft"),
    path("draft/bring-back/", drafts.bring_back, name="bring_back_draft"),
    path("uploads/<uuid:public_id>/", staging.staged_upload, name="staged_upload"),
    path("uploads/<uuid:public_id>/original/", staging.staged_original, name="staged_original"),
    path("region/", regions.region, name="region"),
    path("uploads/<uuid:public_id>/<int:width>/", staging.staged_upload, name="staged_upload_width"),
    path("status/", status.status, name="status"),
    path("prompts/", include(prompt_urls)),
    path("presets/", include(preset_urls)),
    # Galleries
    path("history/", gallery.history, name="history"),
    path("team/", gallery.team, name="team"),
    path("trash/", trash.trash, name="trash"),
    path("edits/bulk/", bulk.bulk, name="bulk_action"),
    path("edits/bulk/undo/", bulk.undo, name="undo_bulk_action"),
    path("edits/bulk/jobs/", bulk_jobs.jobs, name="bulk_jobs"),
    path("edits/bulk/jobs/<uuid:public_id>/cancel/", bulk_jobs.cancel, name="cancel_bulk_job"),
    path("edits/bulk/jobs/<uuid:public_id>/undo/", bulk_jobs.undo, name="undo_bulk_job"),
    path("edits/bulk/jobs/<uuid:public_id>/close/", bulk_jobs.close, name="close_bulk_job"),
    path("edits/<uuid:public_id>/", include(edit_urls)),
    path("batches/<uuid:public_id>/", include(batch_urls)),
    path("recipes/", recipes.recipes, name="recipes"),
    path("recipes/<uuid:public_id>/", include(recipe_urls)),
    path("recipes/runs/<uuid:public_id>/", include(recipe_run_urls)),
    path("sheet/", include(sheet_urls)),
    path("compare/<uuid:first>/<uuid:second>/", comparing.compare, name="compare"),
    path("compare/<uuid:first>/<uuid:second>/map/", comparing.difference, name="compare_map"),
    path("review/", include(review_urls)),
    path("settings/", include(settings_urls)),
    path("v1/", include("edits.api.urls")),
    # Health
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
