"""The form of a person's own budget for templates: a list of people shows one for each."""

from django import template

from edits.forms.budgets import OwnBudgetForm
from edits.models import User

register = template.Library()


@register.simple_tag
def own_budget_form(person: User) -> OwnBudgetForm:
    """The person's limits as they stand; asks no database."""
    return OwnBudgetForm(person=person)
