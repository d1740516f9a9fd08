"""Addresses of the app."""

from django.urls import URLPattern, URLResolver, include, path

from edits.api import docs, edit_list, edits, images_edits, model_list, reruns, results
from edits.views import (
    actions,
    api_keys,
    budgets,
    bulk,
    commenting,
    curating,
    gallery,
    health,
    joining,
    metrics,
    people,
    pictures,
    provider,
    providers,
    review,
    setting_up,
    settings_page,
    source_check,
    status,
    studio,
    tagging,
    trash,
    viewer,
    webhooks,
)

app_name = "edits"

provider_urls = [
    path("", providers.providers, name="providers"),
    path("<slug:slug>/", provider.provider, name="provider"),
    path("<slug:slug>/test/", provider.test, name="test_provider"),
    path("<slug:slug>/stop/", provider.stop, name="stop_sending"),
    path("<slug:slug>/resume/", provider.resume, name="resume_sending"),
    path("<slug:slug>/try/", provider.try_now, name="try_now"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    # Studio
    path("", studio.studio, name="studio"),
    path("source/", source_check.check_source, name="check_source"),
    path("status/", status.status, name="status"),
    path("edits/<uuid:public_id>/rerun/", actions.rerun, name="rerun"),
    path("edits/<uuid:public_id>/cancel/", actions.cancel, name="cancel"),
    path("edits/<uuid:public_id>/retry/", actions.retry, name="retry"),
    # Galleries
    path("history/", gallery.history, name="history"),
    path("team/", gallery.team, name="team"),
    path("trash/", trash.trash, name="trash"),
    path("edits/bulk/", bulk.bulk, name="bulk"),
    path("edits/bulk/undo/", bulk.undo, name="undo_bulk"),
    # One edit
    path("edits/<uuid:public_id>/", viewer.viewer, name="viewer"),
    path("edits/<uuid:public_id>/share/", curating.share, name="share"),
    path("edits/<uuid:public_id>/star/", curating.star, name="star"),
    path("edits/<uuid:public_id>/trash/", curating.trash_edit, name="trash_edit"),
    path("edits/<uuid:public_id>/restore/", curating.restore, name="restore"),
    path("edits/<uuid:public_id>/comments/", commenting.comment, name="comment"),
    path("edits/<uuid:public_id>/comments/<int:pk>/remove/", commenting.remove, name="remove_comment"),
    path("edits/<uuid:public_id>/tags/", tagging.tag, name="tag"),
    path("edits/<uuid:public_id>/tags/remove/", tagging.untag, name="untag"),
    # Pictures
    path("edits/<uuid:public_id>/result/", pictures.result, name="result"),
    path("edits/<uuid:public_id>/result/<int:width>/", pictures.result, name="result_width"),
    path("edits/<uuid:public_id>/source/", pictures.source, name="source"),
    path("edits/<uuid:public_id>/source/<int:width>/", pictures.source, name="source_width"),
    path("edits/<uuid:public_id>/map/", pictures.change_map, name="change_map"),
    path("edits/<uuid:public_id>/download/", pictures.download, name="download"),
    # Review
    path("review/", review.queue, name="review"),
    path("review/<uuid:public_id>/", review.case_page, name="review_case"),
    path("review/<uuid:public_id>/decide/", review.decide, name="review_decide"),
    path("review/<uuid:public_id>/undo/", review.undo, name="review_undo"),
    path("review/<uuid:public_id>/reveal/", review.reveal, name="review_reveal"),
    path("review/<uuid:public_id>/picture/<str:which>/<int:step>/", review.picture, name="review_picture"),
    path("edits/<uuid:public_id>/ask/", review.ask_for_review, name="ask_for_review"),
    path("edits/<uuid:public_id>/answer/", review.answer_question, name="answer_question"),
    path("edits/<uuid:public_id>/appeal/", review.appeal, name="appeal"),
    # People
    path("setup/", setting_up.setup, name="setup"),
    path("invitations/<str:token>/", joining.join, name="join"),
    # Settings
    path("settings/", settings_page.settings, name="settings"),
    path("settings/profile/", settings_page.save_own_profile, name="save_profile"),
    path("settings/people/<int:pk>/role/", people.set_role, name="set_role"),
    path("settings/people/<int:pk>/deactivate/", people.deactivate, name="deactivate"),
    path("settings/people/<int:pk>/reactivate/", people.reactivate, name="reactivate"),
    path("settings/people/<int:pk>/password/", people.make_password_link, name="password_link"),
    path("settings/people/<int:pk>/budget/", budgets.save_own_budget, name="save_own_budget"),
    path("settings/budgets/", budgets.save_budgets, name="save_budgets"),
    path("settings/api-keys/", api_keys.make, name="make_api_key"),
    path("settings/api-keys/<int:pk>/revoke/", api_keys.revoke, name="revoke_api_key"),
    path("settings/webhooks/", webhooks.add, name="add_webhook"),
    path("settings/webhooks/<int:pk>/", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<int:pk>/change/", webhooks.change, name="change_webhook"),
    path("settings/webhooks/<int:pk>/secret/", webhooks.show_secret, name="webhook_secret"),
    path("settings/webhooks/<int:pk>/turn/", webhooks.turn, name="turn_webhook"),
    path("settings/webhooks/<int:pk>/test/", webhooks.test, name="test_webhook"),
    path("settings/webhooks/<int:pk>/delete/", webhooks.delete, name="delete_webhook"),
    path("settings/webhooks/<int:pk>/<uuid:public_id>/", webhooks.again, name="send_webhook_again"),
    path("settings/invitations/", people.make_invitation, name="invite"),
    path("settings/invitations/<int:pk>/revoke/", people.revoke, name="revoke_invitation"),
    # Providers
    path("settings/providers/", include(provider_urls)),
    # The API
    path("v1/images/edits", images_edits.images_edits, name="api_images_edits"),
    path("v1/images/edits/", images_edits.images_edits),
    path("v1/edits", edit_list.edit_list, name="api_edits"),
    path("v1/edits/<uuid:public_id>", edits.edit, name="api_edit"),
    path("v1/edits/<uuid:public_id>/cancel", edits.cancel, name="api_cancel"),
    path("v1/edits/<uuid:public_id>/cancel/", edits.cancel),  # a redirect would turn a POST into a GET
    path("v1/edits/<uuid:public_id>/rerun", reruns.rerun, name="api_rerun"),
    path("v1/edits/<uuid:public_id>/rerun/", reruns.rerun),
    path("v1/models", model_list.model_list, name="api_models"),
    path("v1/models/<str:name>", model_list.model, name="api_model"),
    path("v1/openapi.json", docs.openapi, name="openapi"),
    path("v1/docs", docs.docs, name="api_docs"),
    path("v1/results/<uuid:public_id>", results.result, name="api_result"),
    # Health
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
