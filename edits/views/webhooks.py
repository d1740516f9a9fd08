"""Webhooks: each has a page with what was delivered and how that went.  Another's does not exist."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from edits.forms.webhooks import WebhookForm
from edits.http.access import signed_in
from edits.models import Webhook, WebhookDelivery
from edits.services import webhooks
from edits.views.delivery_display import delivery_rows, is_moving, webhook_status
from edits.views.settings_page import show_settings

ROWS_SHOWN = 30
MOST_DIGITS = 18


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Make a webhook; its page shows the secret."""
    owner = signed_in(request)
    form = WebhookForm(request.POST, owner=owner)
    if not form.is_valid():
        return show_settings(request, status=422, webhook_form=form)
    made = webhooks.make_webhook(owner=owner, **form.cleaned_data, now=timezone.now())
    messages.success(request, gettext("Webhook added. Give the receiver its secret, then send a test."))
    return redirect("edits:webhook", made.pk)


@never_cache
@require_safe
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """The page.  An open one looks again every two seconds while something is on its way."""
    return _show(request, _mine(request, pk))


@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another URL, or other edits."""
    hook = _mine(request, pk)
    form = WebhookForm(request.POST, owner=hook.owner, webhook=hook)
    if not form.is_valid():
        return _show(request, hook, status=422, form=form)
    webhooks.change_webhook(webhook=hook, **form.cleaned_data, now=timezone.now())
    messages.success(request, gettext("Saved."))
    return redirect("edits:webhook", pk)


@sensitive_variables("secret")
@require_POST
def show_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Its owner may read the secret again: every receiver needs it."""
    hook = _mine(request, pk)
    return _show(request, hook, secret=hook.secret)


@require_POST
def toggle(request: HttpRequest, pk: int) -> HttpResponse:
    """On or off, as ``to`` says."""
    hook = _mine(request, pk)
    if request.POST.get("to") == "on":
        webhooks.turn_on(webhook=hook)
        messages.success(request, gettext("Webhook turned on. It receives events from now on."))
    else:
        webhooks.turn_off(webhook=hook)
        messages.success(request, gettext("Webhook turned off. Pending deliveries are not sent."))
    return redirect("edits:webhook", pk)


@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """With its secret and its log."""
    webhooks.delete_webhook(webhook=_mine(request, pk), now=timezone.now())
    messages.success(request, gettext("Webhook deleted."))
    return redirect(f"{reverse('edits:settings')}#webhooks")


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Have a test event sent, which is about no edit."""
    if webhooks.send_test(webhook=_mine(request, pk), now=timezone.now()):
        messages.success(request, gettext("Test queued. The result will appear in the log below."))
    else:
        messages.error(request, gettext("The previous test is still pending, or the webhook is off."))
    return redirect("edits:webhook", pk)


@require_POST
def redeliver(request: HttpRequest, pk: int, public_id: UUID) -> HttpResponse:
    """Have one delivery sent again."""
    delivery = get_object_or_404(_mine(request, pk).deliveries, public_id=public_id)
    if webhooks.send_again(delivery=delivery, now=timezone.now()):
        messages.success(request, gettext("Sending it again now, with the same id."))
    else:
        messages.error(request, gettext("It is being sent right now, or the webhook is off."))
    return redirect("edits:webhook", pk)


def _mine(request: HttpRequest, pk: int) -> Webhook:
    return get_object_or_404(Webhook.objects.of(signed_in(request)).select_related("api_key"), pk=pk)


def _show(request: HttpRequest, hook: Webhook, *, status: int = 200, **shown: Any) -> HttpResponse:
    """The page; ``shown`` is a form with errors, or the secret."""
    rows, older = _log(hook, before=request.GET.get("before", ""))
    words, tone = webhook_status(hook)
    context = {
        "webhook": hook,
        "words": words,
        "tone": tone,
        "rows": rows,
        "older": older,
        "is_moving": is_moving(rows, now=timezone.now()),
        "form": WebhookForm(owner=hook.owner, webhook=hook),
    }
    answer = render(request, "webhooks/webhook.html", context | shown, status=status)
    answer["Cache-Control"] = "no-store"
    return answer


def _log(hook: Webhook, *, before: str) -> tuple[list[Any], int | None]:
    """The newest deliveries, or those before one of them; and from where older ones go on."""
    found = WebhookDelivery.objects.filter(webhook=hook).select_related("edit")
    if before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: ROWS_SHOWN + 1])
    older = rows[ROWS_SHOWN - 1].pk if len(rows) > ROWS_SHOWN else None
    return delivery_rows(rows[:ROWS_SHOWN]), older
