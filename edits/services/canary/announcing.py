"""Notifies the administrators that a model gives other pictures than before: in the audit log and by mail."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from edits.models import CanaryRun, ProviderModel
from edits.services.team.auditing import record
from edits.services.team.mailing import in_background, mail_administrators

SUBJECT = "Retake: {model} has changed"
TEXT = """{model} of {provider} has changed since {day}.

{what}

Open {page} in Retake to compare both pictures.
"""
OTHER_PICTURES = "The daily canary with a fixed seed gives another picture since then, and so do older seeds."
OTHER_SHAPE = "The daily canary gives a picture of another size or format since then: {before}, now {after}."


def announce_change(
    *,
    model: ProviderModel,
    baseline: CanaryRun,
    first: CanaryRun,
    now: datetime,
    run: Callable[[Callable[[], None]], None] = in_background,
) -> None:
    """Say that the model changed with the ``first`` of the new pictures.  Call it in the transaction that says so.

    The mail is sent after the transaction; ``run`` has it sent beside the worker.
    """
    what = what_changed(baseline, first)
    record(actor=None, action="saw a model change", subject=model.full_id, detail=what, now=lambda: now)
    text = TEXT.format(
        model=model.title,
        provider=model.provider.title,
        day=f"{timezone.localtime(first.began_at, timezone.get_default_timezone()):%-d %B %Y}",
        what=what,
        page=reverse("edits:provider", args=[model.provider.slug]),
    )
    subject = SUBJECT.format(model=model.title)
    transaction.on_commit(lambda: mail_administrators(subject=subject, text=text, run=run))


def what_changed(baseline: CanaryRun, first: CanaryRun) -> str:
    """In one sentence."""
    before, after = shape_words(baseline), shape_words(first)
    return OTHER_PICTURES if before == after else OTHER_SHAPE.format(before=before, after=after)


def shape_words(run: CanaryRun) -> str:
    """512×512 PNG."""
    return f"{run.width_px}×{run.height_px} {run.format}"
