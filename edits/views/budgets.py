"""What administrators do with budgets: those of everybody and of the team, and one person's own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from edits.forms.budgets import BudgetForm, OwnBudgetForm
from edits.models import Budget, User
from edits.services.budgets.setting_budgets import set_budgets, set_own_budget
from edits.views.access import administrators_only, signed_in
from edits.views.settings_page import show_settings


@require_POST
@administrators_only
def save_budgets(request: HttpRequest) -> HttpResponse:
    """Set the limits of everybody and of the team."""
    form = BudgetForm(request.POST, budget=Budget.objects.current())
    if not form.is_valid():
        return show_settings(request, status=422, budget_form=form)
    changed = set_budgets(limits=form.cleaned_data, by=signed_in(request))
    messages.success(request, "Budgets saved." if changed else "Nothing changed.")
    return _back("budgets")


@require_POST
@administrators_only
def save_own_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one person limits of their own, or take them away."""
    person = get_object_or_404(User, pk=pk)
    form = OwnBudgetForm(request.POST, person=person)
    if not form.is_valid():
        return show_settings(request, status=422, own_budget_form=form, own_budget_of=person)
    set_own_budget(person=person, limits=form.cleaned_data, by=signed_in(request))
    messages.success(request, f"Budget of {person.name} saved.")
    return _back(f"person-{pk}")


def _back(section: str) -> HttpResponse:
    return redirect(f"{reverse('edits:settings')}#{section}")
