"""Answers that refuse an edit because of a budget: 429, a sentence, and when to ask again."""

from django.contrib.messages import ERROR
from django.contrib.messages.storage.base import Message
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from edits.http.errors import json_error, wants_json
from edits.services.budgets.budgeting import OverBudget
from edits.views.htmx import HtmxRequest
from edits.views.redirects import way_back


def refuse(request: HtmxRequest, error: OverBudget) -> HttpResponse:
    """The answer to a button: JSON for programs, a toast in an open page, otherwise a page that leads back."""
    if wants_json(request):
        response: HttpResponse = json_error(status=429, code="rate_limit_exceeded", message=error.sentence)
    elif request.htmx:
        message = Message(ERROR, error.sentence)
        response = render(request, "budgets/_refused.html", {"message": message})
        response.headers["HX-Reswap"] = "none"
    else:
        back = way_back(request, default=reverse("edits:studio"))
        response = render(request, "budgets/refused.html", {"sentence": error.sentence, "back": back})
    return marked(response, error)


def marked(response: HttpResponse, error: OverBudget) -> HttpResponse:
    """The same answer with the status, and the seconds after which it makes sense to ask again."""
    response.status_code = 429
    response.headers["Retry-After"] = str(error.retry_after_seconds(timezone.now()))
    return response
