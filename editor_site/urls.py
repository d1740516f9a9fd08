"""All addresses of the site."""

from django.contrib import admin
from django.urls import include, path

handler400 = "edits.views.errors.bad_request"
handler403 = "edits.views.errors.forbidden"
handler404 = "edits.views.errors.not_found"
handler500 = "edits.views.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("", include("edits.urls")),
]
