"""The page to sign in: allauth's, but a refused try is 429 with the time to wait."""

from typing import Any

from allauth.account.views import LoginView
from django.forms import BaseForm
from django.http import HttpResponse

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


login = SignInView.as_view()
