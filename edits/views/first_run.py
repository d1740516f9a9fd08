"""The first run: while nobody has an account, every page leads to the one that makes the administrator."""

from collections.abc import Callable

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from edits.forms.accounts import SetupForm
from edits.http.errors import wants_json
from edits.models import User
from edits.services.team.first_run import make_first_account
from edits.services.team.people import take_language, take_time_zone
from edits.views.languages import chosen_language
from edits.views.probes import PROBES

OPEN_PATHS = (*PROBES, "/static/")


class SetupMiddleware:
    """Leads to the setup until there is an account.  Then it stays out of the way without asking the database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.is_set_up = False

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not self.is_set_up and self._leads_astray(request):
            return redirect("edits:setup")
        return self.get_response(request)

    def _leads_astray(self, request: HttpRequest) -> bool:
        if request.path_info.startswith(OPEN_PATHS) or wants_json(request):
            return False
        if request.path.startswith((reverse("edits:setup"), reverse("edits:choose_language"))):
            return False
        self.is_set_up = User.objects.exists()
        return not self.is_set_up


@never_cache
@sensitive_post_parameters("password")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Make the administrator and sign them in.  Does not exist once anybody has an account."""
    if User.objects.exists():
        raise Http404
    form = SetupForm(request.POST or None, initial={"code": request.GET.get("code", "")})
    if not form.is_valid():
        return render(request, "setup/setup.html", {"form": form}, status=422 if form.is_bound else 200)
    given = form.cleaned_data
    founder = make_first_account(
        username=given["username"],
        password=given["password"],
        name=given["name"],
        email=given["email"],
        now=timezone.now(),
    )
    if founder is None:
        raise Http404
    login(request, founder)
    take_time_zone(user=founder, name=given["time_zone"])
    take_language(user=founder, code=chosen_language(request))
    return redirect("edits:studio")
