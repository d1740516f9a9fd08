"""Tests the connection for an administrator: one real edit of a tiny picture, and what came of it in words.

The call counts against the account's limits like any other, but belongs to no edit: the row of the provider
holds it, so that no worker calls beside it more often than the account allows.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import BytesIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageDraw

from edits.edit_call import EditCall, EditOptions, Picture
from edits.images import BadImage, check_result
from edits.languages import in_english
from edits.model_specs import AUTO, ModelSpec
from edits.models import Charged, Provider, ProviderModel, User
from edits.providers import Answer, Client, ProviderError, RateLimited, Unusable
from edits.services import event_log
from edits.services.calls.retry_policy import backoff, holds_queue, retry_after
from edits.services.calls.running import ImageEditor
from edits.services.provider.connecting import provider_client
from edits.services.provider.error_messages import explain, reason_words
from edits.services.provider.queue_controls import pause_until
from edits.services.provider.release_hold import open_queue
from edits.services.queue.claiming import PROBE_EVERY, QueueLimits, QueueLimitsOf, loads_of
from edits.services.queue.notify_worker import notify_worker
from edits.services.team.auditing import record
from edits.time_zones import moment_words

MOST_SECONDS = 45
"""For the whole call: somebody looks at a page meanwhile."""
MOST_DOWNLOAD_SECONDS = 10
SIDE_PX = 64
PROMPT = "make it a little warmer"
WORKS = _("It works.")
FILTERED = _("The service answers, but its content filter stopped the test picture.")
ANSWERED = _("%(model)s answered in %(seconds)s s.")
OPENED = _("The hold is over, and waiting edits are sent again.")


@dataclass(frozen=True)
class TrialEdit:
    """What came of it.  ``sent`` is false where the account was at its limit and no call was made."""

    refusal: str = ""
    """Why no call was made, in the reader's language."""
    reason: str = ""
    """Why the call failed, as ``explain`` says it."""
    sent: bool = False
    works: bool = False
    is_filtered: bool = False
    """It answered, but its content filter stopped the picture."""
    model: str = ""
    """The title of the model that answered."""
    opened_queue: bool = False
    seconds: float = 0.0
    status: int | None = None
    trace_id: str = ""
    charged: str = Charged.NO

    @property
    def sentence(self) -> str:
        """The outcome, in the reader's language."""
        if not self.works:
            return self.refusal or reason_words(self.reason)
        said = [str(FILTERED if self.is_filtered else WORKS)]
        said += [ANSWERED % {"model": self.model, "seconds": f"{self.seconds:g}"}] if self.model else []
        said += [str(OPENED)] if self.opened_queue else []
        return " ".join(said)

    @property
    def charged_in_words(self) -> str:
        """As the list of calls says it."""
        return str(Charged(self.charged).label)


def trial_client(model: ProviderModel) -> Client:
    """The client for a model with the patience of somebody who waits for a page.  Raises KeyUnreadable."""
    client = provider_client(model.provider, accent=model.accent)
    seconds = min(MOST_SECONDS, client.timeout_seconds)
    return replace(client, timeout_seconds=seconds, download_seconds=MOST_DOWNLOAD_SECONDS)


def try_connection(
    *,
    actor: User,
    model: ProviderModel,
    client_for: Callable[[ProviderModel], ImageEditor] = trial_client,
    limits_of: QueueLimitsOf = QueueLimits.of,
    now: Callable[[], datetime] = timezone.now,
    clock: Callable[[], float] = time.monotonic,
) -> TrialEdit:
    """Ask for one edit of a tiny picture, unless the account is at its limit.

    A picture opens a queue that was held before the test began.  A fault of the account is the new reason of a
    held queue, and a 429 pauses it; otherwise a fault changes nothing.  Sent while an administrator stopped the
    queue, it stays stopped.  ``now`` is a clock: the call takes time, and what follows has the time after it.
    """
    provider = model.provider
    began_at = now()
    refusal = _begin(provider, limits=limits_of(provider), now=began_at)
    if refusal:
        return TrialEdit(refusal=refusal)
    began = clock()
    try:
        trial = _ask(client_for(model), model=model)
    except ProviderError as error:
        _heed(provider, error, now=now())
        trial = _trial_of(error, provider=provider)
    finally:
        Provider.objects.filter(pk=provider.pk).update(test_until=None)
    trial = replace(trial, seconds=round(clock() - began, 1))
    if trial.works:
        trial = _open_queue(trial, model=model, began_at=began_at, now=now())
    with in_english():
        detail = f"{trial.sentence} {trial.charged_in_words}, after {trial.seconds:g} s."
    record(actor=actor, action="tested the connection", subject=model.full_id, detail=detail, now=now())
    return trial


def _begin(tested: Provider, *, limits: QueueLimits, now: datetime) -> str:
    """Take the call's place among those of the workers; or say why it may not be made now."""
    with transaction.atomic():
        provider = Provider.objects.select_for_update(no_key=True).get(pk=tested.pk)
        refusal = _refusal(provider, limits=limits, now=now)
        if not refusal:
            most = timedelta(seconds=MOST_SECONDS + MOST_DOWNLOAD_SECONDS)
            Provider.objects.filter(pk=tested.pk).update(tested_at=now, test_until=now + most)
    return refusal


def _refusal(provider: Provider, *, limits: QueueLimits, now: datetime) -> str:
    if provider.tests_in_flight(now):
        return gettext("A test is already running. Wait until it ends.")
    if provider.tests_in_last_minute(now):
        return gettext(
            "The last test was less than a minute ago. Wait a moment: tests count as calls of the account."
        )
    if provider.paused_until and provider.paused_until > now:
        until = moment_words(provider.paused_until, "exact")
        return gettext("The service asked for a wait until %(until)s. Nothing was sent.") % {"until": until}
    load = loads_of([provider], now=now)[provider.pk]
    if load.in_flight >= limits.concurrent:
        return gettext(
            "As many edits are running as the account allows at once, so nothing was sent. "
            "Their results show whether it works."
        )
    if load.in_last_minute >= limits.per_minute:
        return gettext(
            "The account has no calls left in this minute, so nothing was sent. Try again in a minute."
        )
    return ""


def _ask(client: ImageEditor, *, model: ProviderModel) -> TrialEdit:
    spec = model.spec
    options = replace(
        spec.fitted(EditOptions(prompt=PROMPT, seed=1, size=smallest_size(spec))),
        steps=max(1, int(spec.steps.least)) if spec.steps else None,
    )
    picture = Picture(_picture(), filename="test.png", content_type="image/png")
    return _trial_of_answer(client.edit(EditCall(model.name, options, (picture,))))


def _trial_of_answer(answer: Answer) -> TrialEdit:
    """Raises Unusable when what came as a picture is none."""
    filtered = answer.finish_reason != "success"
    try:
        if not filtered:
            check_result(answer.image or b"")
    except BadImage as error:
        unusable = Unusable(f"The result is no picture: {error.code}", status=answer.status)
        unusable.trace_id = answer.trace_id
        raise unusable from error
    return TrialEdit(
        sent=True,
        works=True,
        is_filtered=filtered,
        status=answer.status,
        trace_id=answer.trace_id,
        charged=Charged.NO if answer.filtered_at == "request" else Charged.YES,
    )


def _trial_of(error: ProviderError, *, provider: Provider) -> TrialEdit:
    return TrialEdit(
        reason=explain(error, provider=provider),
        sent=True,
        status=error.status,
        trace_id=error.trace_id,
        charged=error.charged,
    )


def _heed(provider: Provider, error: ProviderError, *, now: datetime) -> None:
    if isinstance(error, RateLimited):
        pause_until(provider.pk, now + (retry_after(error) or backoff(1)), now=now)
    elif holds_queue(error):
        held = Provider.objects.filter(pk=provider.pk, held_since__isnull=False)
        held.update(held_reason=explain(error, provider=provider), probe_at=now + PROBE_EVERY)


def _open_queue(trial: TrialEdit, *, model: ProviderModel, began_at: datetime, now: datetime) -> TrialEdit:
    """What a worker does after an answer, too: a younger hold has a cause that this call knows nothing of."""
    with transaction.atomic():
        mine = Provider.objects.filter(pk=model.provider_id)
        was_held = mine.select_for_update(no_key=True).filter(held_since__lte=began_at).exists()
        open_queue(mine.exclude(held_since__gt=began_at), now=now)
        transaction.on_commit(notify_worker)
    if was_held:
        event_log.provider_changed(
            "open", provider=model.provider.slug, reason="a test of the connection worked"
        )
    return replace(trial, model=model.title, opened_queue=was_held)


def smallest_size(spec: ModelSpec) -> str:
    """The size that costs least; "" where there is none to choose."""
    fixed = [size for size in spec.sizes if size != AUTO]
    area = {size: int(size.split("x")[0]) * int(size.split("x")[1]) for size in fixed}
    return min(fixed, key=area.__getitem__) if fixed else spec.default_size


def _picture() -> bytes:
    """A warm disk on grey: something to edit, drawn in memory."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), (150, 150, 146))
    ImageDraw.Draw(image).ellipse((12, 12, SIDE_PX - 12, SIDE_PX - 12), fill=(214, 122, 60))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
