"""All URLs of the site."""

from django.urls import include, path

from edits.admin import site as admin_site

handler400 = "edits.views.errors.bad_request"
handler403 = "edits.views.errors.forbidden"
handler404 = "edits.views.errors.not_found"
handler429 = "edits.views.errors.too_many_requests"  # used by allauth's rate limits
handler500 = "edits.views.errors.server_error"

urlpatterns = [
    path("admin/", admin_site.urls),
    path("accounts/", include("editor_site.account_urls")),
    path("", include("edits.urls")),
]
