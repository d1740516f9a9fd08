"""URLs for signing in and out: the part of allauth that Retake offers.

No management of several email addresses, no codes by mail, no social accounts.  Links that set a new password
always work, because administrators can create them; requesting one by mail needs a mail server.
"""

from allauth.account import views
from django.conf import settings
from django.urls import URLPattern, path, re_path

from edits.views import signing_in

RESET_BY_MAIL: list[URLPattern] = [
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
]
RESET_BY_HAND = path("password/reset/", signing_in.password_reset_by_hand)

urlpatterns: list[URLPattern] = [
    path("login/", signing_in.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    *(RESET_BY_MAIL if settings.MAIL_IS_SET_UP else [RESET_BY_HAND]),
]
