"""Addresses of the app."""

from django.urls import URLPattern, path

from edits.views import health, joining, people, pictures, setting_up, settings_page

app_name = "edits"

urlpatterns: list[URLPattern] = [
    # Pictures
    path("edits/<uuid:public_id>/result/", pictures.result, name="result"),
    path("edits/<uuid:public_id>/result/<int:width>/", pictures.result, name="result_width"),
    path("edits/<uuid:public_id>/source/", pictures.source, name="source"),
    path("edits/<uuid:public_id>/source/<int:width>/", pictures.source, name="source_width"),
    path("edits/<uuid:public_id>/map/", pictures.change_map, name="change_map"),
    path("edits/<uuid:public_id>/download/", pictures.download, name="download"),
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
    path("settings/invitations/", people.make_invitation, name="invite"),
    path("settings/invitations/<int:pk>/revoke/", people.revoke, name="revoke_invitation"),
    # Health
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
