"""The page to sign in: allauth's, but a refused try is 429 with the time to wait; and where nobody is sent mail."""

from typing import Any

from allauth.account.views import LoginView
from django.contrib.auth.decorators import login_not_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

TOO_MANY = "too_many_login_attempts"


class SignInView(LoginView):
    """Answers like any other limit where wrong passwords were too many."""

    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response: Any = super().form_invalid(form)
        for error in form.non_field_errors().as_data():
            if error.code == TOO_MANY and error.params:
                response.status_code = 429
                response.headers["Retry-After"] = str(error.params["wait_seconds"])
        return response


@login_not_required
def password_reset_by_hand(request: HttpRequest) -> HttpResponse:
    """Without a mail server: who gives a new password."""
    return render(request, "account/password_reset_by_hand.html")


login = SignInView.as_view()
