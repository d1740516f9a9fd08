"""The settings: one's own profile, notices, keys and webhooks, who edits, and for administrators the team."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from edits.forms.accounts import InvitationForm, ProfileForm
from edits.forms.api_keys import ApiKeyForm
from edits.forms.budgets import BudgetForm
from edits.forms.webhooks import WebhookForm
from edits.http.access import signed_in
from edits.http.site_root import site_root
from edits.models import (
    MOST_COUNTED,
    ApiKey,
    Budget,
    Invitation,
    ProviderModel,
    ReviewCase,
    Role,
    User,
    Webhook,
)
from edits.services.budgets.budgeting import use_of, use_of_team
from edits.services.budgets.costs import cost_of, cost_of_team, money_counts
from edits.services.search_index import progress_if_behind
from edits.services.team.people import choose_time_zone, save_profile
from edits.views.delivery_display import webhook_status
from edits.views.languages import keep_language
from edits.views.reader_language import use_account_language

INVITATIONS_SHOWN = 50
ENDED_KEYS_SHOWN = 20
OTHERS_KEYS_SHOWN = 200


@never_cache
@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """Everything that can be set from a page."""
    return show_settings(request)


@require_POST
def save_own_profile(request: HttpRequest) -> HttpResponse:
    """Name, email, shortcuts, time zone and language of the person who is signed in."""
    user = signed_in(request)
    form = ProfileForm(request.POST, person=user)
    if not form.is_valid():
        return show_settings(request, status=422, profile_form=form)
    zone, language = form.cleaned_data.pop("time_zone"), form.cleaned_data.pop("language")
    save_profile(user=user, **form.cleaned_data, now=timezone.now())
    if "time_zone" in form.changed_data:
        choose_time_zone(user=user, name=zone)
    response = redirect("edits:settings")
    if "language" in form.changed_data:
        keep_language(request, response, language)
        use_account_language(request)
    messages.success(request, gettext("Saved."))
    return response


def show_settings(request: HttpRequest, *, status: int = 200, **shown: Any) -> HttpResponse:
    """The page; ``shown`` replaces parts of it: a form with errors, or a link that is shown this once."""
    user, now = signed_in(request), timezone.now()
    budget, models = Budget.objects.current(), ProviderModel.objects.all_offered()
    context: dict[str, Any] = {
        "use": use_of(user, budget=budget, now=now),
        "cost": cost_of(user, budget=budget, now=now) if money_counts(budget, user, offered=models) else (),
        "profile_form": ProfileForm(person=user),
        "notices": ReviewCase.objects.unread_by(user).select_related("edit")[:MOST_COUNTED],
        "models": models,
    }
    context |= _api(request, user, now)
    context |= _webhooks(user)
    if user.is_administrator:
        context |= _team(now) | _budgets(budget, now, models) | _others_keys(user, now)
        context["search_progress"] = progress_if_behind()
    answer = render(request, "settings/settings.html", context | shown, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _budgets(budget: Budget, now: datetime, models: list[ProviderModel]) -> dict[str, Any]:
    """The limits and what the team used of its own, as administrators see them."""
    return {
        "budget": budget,
        "budget_form": BudgetForm(budget=budget),
        "team_use": use_of_team(budget=budget, now=now),
        "team_cost": cost_of_team(budget=budget, now=now) if money_counts(budget, offered=models) else (),
    }


def _api(request: HttpRequest, user: User, now: datetime) -> dict[str, Any]:
    """Where programs call, and one's own keys, those in use apart from those that open nothing any more."""
    mine = ApiKey.objects.of(user)
    return {
        "api_url": f"{site_root(request)}/v1",
        "api_key_form": ApiKeyForm(owner=user),
        "api_keys": mine.usable(now),
        "ended_api_keys": mine.ended(now)[:ENDED_KEYS_SHOWN],
    }


def _others_keys(user: User, now: datetime) -> dict[str, Any]:
    """What programs of others sign in with, as administrators see it: how the keys begin, and whose they are."""
    others = ApiKey.objects.usable(now).exclude(owner=user).select_related("owner")
    return {"others_api_keys": others.order_by("owner__username", "-id")[:OTHERS_KEYS_SHOWN]}


def _webhooks(user: User) -> dict[str, Any]:
    """One's own, each with its status."""
    mine = Webhook.objects.of(user).select_related("api_key").with_last_delivered()
    return {
        "webhooks": [(webhook, *webhook_status(webhook)) for webhook in mine],
        "webhook_form": WebhookForm(owner=user),
    }


def _team(now: datetime) -> dict[str, Any]:
    """The people and the latest invitations, as administrators see them."""
    invitations = Invitation.objects.select_related("created_by", "used_by")[:INVITATIONS_SHOWN]
    return {
        "people": User.objects.order_by("-is_active", "username"),
        "roles": Role.choices,
        "invitation_form": InvitationForm(),
        "invitations": [(invitation, invitation.state(now)) for invitation in invitations],
    }
