"""The admin site: without a sign-in page of its own, open by role."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods
from django.views.generic import RedirectView


class RetakeAdminSite(admin.AdminSite):
    """The admin without its own sign-in page, which would allow guessing passwords without the rate limit."""

    site_header = site_title = "Retake"
    index_title = "All tables"
    enable_nav_sidebar = True

    def has_permission(self, request: HttpRequest) -> bool:
        """Decided by the role."""
        return getattr(request.user, "is_reviewer", False)

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send anonymous visitors to the normal sign-in page; signed-in users without permission get 403."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("admin:index")), reverse("account_login"))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Reject methods that none of its pages use, such as TRACE."""
        return super().admin_view(require_http_methods(["GET", "HEAD", "POST"])(view), cacheable)

    def get_urls(self) -> list[Any]:
        """Replace the admin's own password page with the normal one."""
        to_the_one = path("password_change/", RedirectView.as_view(pattern_name="account_change_password"))
        return [to_the_one, *super().get_urls()]


site = RetakeAdminSite(name="admin")
