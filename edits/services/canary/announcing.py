"""Notifies administrators that a model changed: in the audit log and by mail."""

from collections.abc import Callable
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext

from edits.languages import in_english
from edits.models import CanaryRun, ProviderModel
from edits.services.site_links import absolute
from edits.services.team.auditing import record
from edits.services.team.mailing import in_background, mail_administrators
from edits.time_zones import moment_words, reader_zone


def announce_change(
    *,
    model: ProviderModel,
    baseline: CanaryRun,
    first: CanaryRun,
    now: datetime,
    run: Callable[[Callable[[], None]], None] = in_background,
) -> None:
    """Record that the model changed with ``first``, the first of the new pictures.

    Call it in the transaction that records the change.  The mail is sent after the transaction, by ``run``, so
    that the worker does not wait.
    """
    with in_english():
        what = what_changed(baseline, first)
    record(actor=None, action="saw a model change", subject=model.full_id, detail=what, now=now)
    transaction.on_commit(
        lambda: mail_administrators(
            subject=lambda: gettext("Retake: %(model)s has changed") % {"model": model.title},
            text=lambda: _text(model, baseline, first),
            run=run,
        )
    )


def _text(model: ProviderModel, baseline: CanaryRun, first: CanaryRun) -> str:
    since = {
        "model": model.title,
        "provider": model.provider.title,
        "time": moment_words(first.began_at, "full"),
        "zone": reader_zone(),
    }
    page = absolute(reverse("edits:provider", args=[model.provider.slug]))
    paragraphs = (
        gettext("%(model)s of %(provider)s has changed since %(time)s (%(zone)s).") % since,
        what_changed(baseline, first),
        gettext("Open %(page)s to compare both pictures.") % {"page": page},
    )
    return "\n\n".join(paragraphs) + "\n"


def what_changed(baseline: CanaryRun, first: CanaryRun) -> str:
    """The change in one sentence."""
    before, after = shape_words(baseline), shape_words(first)
    if before == after:
        return gettext(
            "The daily canary with a fixed seed returns another picture since then, and so do older seeds."
        )
    sentence = gettext(
        "The daily canary returns a picture of another size or format since then: %(before)s, now %(after)s."
    )
    return sentence % {"before": before, "after": after}


def shape_words(run: CanaryRun) -> str:
    """The shape of the picture, as "512×512 PNG"."""
    return f"{run.width_px}×{run.height_px} {run.format}"
