"""A person's own budget for templates: its form, and its limits in words."""

from django import template
from django.utils.translation import gettext, pgettext

from edits.forms.budgets import OwnBudgetForm
from edits.models import Budget, User
from edits.views.budget_display import limits_words

register = template.Library()


@register.simple_tag
def own_budget_form(person: User) -> OwnBudgetForm:
    """The form with the person's limits; asks no database."""
    return OwnBudgetForm(person=person)


@register.simple_tag
def own_limits(person: User) -> str:
    """20 a day, $5.00 a month; blank where a person has no limit of their own."""
    edits = limits_words(person.edits_per_day, person.edits_per_month)
    return _listed([*edits, *limits_words(person.cost_per_day, person.cost_per_month)])


@register.simple_tag
def default_limits(budget: Budget) -> str:
    """The default budget, in edits and in dollars: 60 a day, no cost limit."""
    edits = limits_words(budget.person_per_day, budget.person_per_month)
    costs = limits_words(budget.person_cost_per_day, budget.person_cost_per_month)
    return _listed([*(edits or [gettext("no limit in edits")]), *(costs or [gettext("no limit in dollars")])])


def _listed(words: list[str]) -> str:
    return pgettext("between items of a list", ", ").join(words)
