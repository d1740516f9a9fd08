"""Changes of budgets by administrators: the default, the team's, and one person's own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.forms.budgets import BudgetForm, OwnBudgetForm
from edits.http.access import administrators_only, signed_in
from edits.models import Budget, User
from edits.services.budgets.setting_budgets import set_budgets, set_own_budget
from edits.views.settings_page import show_settings


@require_POST
@administrators_only
def save_budgets(request: HttpRequest) -> HttpResponse:
    """Set the default limits and those of the team."""
    form = BudgetForm(request.POST, budget=Budget.objects.current())
    if not form.is_valid():
        return show_settings(request, status=422, budget_form=form)
    changed = set_budgets(limits=form.cleaned_data, by=signed_in(request), now=timezone.now())
    messages.success(request, gettext("Budgets saved.") if changed else gettext("Nothing changed."))
    return _back("budgets")


@require_POST
@administrators_only
def save_own_budget(request: HttpRequest, pk: int) -> HttpResponse:
    """Give one person limits of their own, or take them away."""
    person = get_object_or_404(User, pk=pk)
    form = OwnBudgetForm(request.POST, person=person)
    if not form.is_valid():
        return show_settings(request, status=422, own_budget_form=form, own_budget_of=person)
    set_own_budget(person=person, limits=form.cleaned_data, by=signed_in(request), now=timezone.now())
    messages.success(request, gettext("Budget of %(name)s saved.") % {"name": person.name})
    return _back(f"person-{pk}")


def _back(section: str) -> HttpResponse:
    return redirect(f"{reverse('edits:settings')}#{section}")
