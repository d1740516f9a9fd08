"""The admin's site: no door of its own, and open to those whose role says so."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.generic import RedirectView


class RetakeAdminSite(admin.AdminSite):
    """The admin without a door of its own: it would let passwords be guessed past the throttle."""

    site_header = site_title = "Retake"
    index_title = "All tables"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """The role says it."""
        return getattr(request.user, "is_reviewer", False)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Strangers sign in like everybody; who is signed in and led here may not enter."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("account_login"))

    def get_urls(self) -> list[Any]:
        """Without the admin's own page for passwords; there is one for everybody."""
        to_the_one = path("password_change/", RedirectView.as_view(pattern_name="account_change_password"))
        return [to_the_one, *super().get_urls()]


site = RetakeAdminSite(name="admin")
