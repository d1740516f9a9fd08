"""Tests the connection for an administrator: one real edit of a tiny picture, and in words what came of it.

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
from PIL import Image, ImageDraw

from edits.edit_call import EditCall, EditOptions, Picture
from edits.images import BadImage, check_result
from edits.model_specs import AUTO, ModelSpec
from edits.models import Charged, Provider, ProviderModel, User
from edits.providers import Answer, Client, ProviderError, RateLimited, Unusable
from edits.services import journal
from edits.services.calls.retrying import backoff, holds_queue, retry_after
from edits.services.calls.running import ImageEditor
from edits.services.provider.connecting import provider_client
from edits.services.provider.explaining import explain
from edits.services.provider.operating import pause_until
from edits.services.queue.claiming import PROBE_EVERY, Limits, LimitsOf, loads_of
from edits.services.queue.waking import wake_worker
from edits.services.team.auditing import record

MOST_SECONDS = 45
"""For the whole call: somebody looks at a page meanwhile."""
MOST_DOWNLOAD_SECONDS = 10
SIDE_PX = 64
PROMPT = "make it a little warmer"


@dataclass(frozen=True)
class Trial:
    """What came of it.  ``sent`` is false where the account was at its limit and no call was made."""

    sentence: str
    sent: bool = False
    works: bool = False
    seconds: float = 0.0
    status: int | None = None
    trace_id: str = ""
    charged: str = Charged.NO

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
    limits_of: LimitsOf = Limits.of,
    now: Callable[[], datetime] = timezone.now,
    clock: Callable[[], float] = time.monotonic,
) -> Trial:
    """Ask for one edit of a tiny picture, unless the account is at its limit.

    A picture opens a queue that was held.  A fault of the account is the new reason of a held queue, and a 429
    pauses it; otherwise a fault changes nothing.  Sent while an administrator stopped the queue, it stays stopped.
    """
    provider = model.provider
    refusal = _begin(provider, limits=limits_of(provider), now=now())
    if refusal:
        return Trial(refusal)
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
        trial = _open_queue(trial, model=model, now=now())
    detail = f"{trial.sentence} {trial.charged_in_words}, after {trial.seconds:g} s."
    record(actor=actor, action="tested the connection", subject=model.full_id, detail=detail, now=now)
    return trial


def _begin(tested: Provider, *, limits: Limits, now: datetime) -> str:
    """Take the call's place among those of the workers; or say why it may not be made now."""
    with transaction.atomic():
        provider = Provider.objects.select_for_update(no_key=True).get(pk=tested.pk)
        refusal = _refusal(provider, limits=limits, now=now)
        if not refusal:
            most = timedelta(seconds=MOST_SECONDS + MOST_DOWNLOAD_SECONDS)
            Provider.objects.filter(pk=tested.pk).update(tested_at=now, test_until=now + most)
    return refusal


def _refusal(provider: Provider, *, limits: Limits, now: datetime) -> str:
    if provider.tests_in_flight(now):
        return "A test is under way already. Wait for its end."
    if provider.tests_in_last_minute(now):
        return "The last test was less than a minute ago. Wait a moment: tests count as calls of the account."
    if provider.paused_until and provider.paused_until > now:
        until = timezone.localtime(provider.paused_until)
        return f"The service asked us to wait until {until:%H:%M:%S}. Nothing was sent."
    load = loads_of([provider], now=now)[provider.pk]
    if load.in_flight >= limits.concurrent:
        return "As many edits run as the account allows at once, so nothing was sent. What they bring is test enough."
    if load.in_last_minute >= limits.per_minute:
        return "The account's calls of this minute are used up, so nothing was sent. Try again in a minute."
    return ""


def _ask(client: ImageEditor, *, model: ProviderModel) -> Trial:
    spec = model.spec
    options = replace(
        spec.fitted(EditOptions(prompt=PROMPT, seed=1, size=smallest_size(spec))),
        steps=max(1, int(spec.steps.least)) if spec.steps else None,
    )
    picture = Picture(_picture(), filename="test.png", content_type="image/png")
    return _trial_of_answer(client.edit(EditCall(model.name, options, (picture,))))


def _trial_of_answer(answer: Answer) -> Trial:
    """Raises Unusable when what came as a picture is none."""
    filtered = answer.finish_reason != "success"
    try:
        if not filtered:
            check_result(answer.image or b"")
    except BadImage as error:
        unusable = Unusable(f"The result is no picture: {error.code}", status=answer.status)
        unusable.trace_id = answer.trace_id
        raise unusable from error
    return Trial(
        "It answers, but its content filter stopped the test picture." if filtered else "It works.",
        sent=True,
        works=True,
        status=answer.status,
        trace_id=answer.trace_id,
        charged=Charged.NO if answer.filtered_at == "request" else Charged.YES,
    )


def _trial_of(error: ProviderError, *, provider: Provider) -> Trial:
    return Trial(
        f"{explain(error, provider=provider)}.",
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


def _open_queue(trial: Trial, *, model: ProviderModel, now: datetime) -> Trial:
    """What a worker does after an answer, too."""
    with transaction.atomic():
        mine = Provider.objects.filter(pk=model.provider_id)
        was_held = mine.select_for_update(no_key=True).filter(held_since__isnull=False).exists()
        mine.update(verified_at=now, held_since=None, held_reason="", probe_at=None)
        transaction.on_commit(wake_worker)
    if was_held:
        journal.provider_changed(
            "open", provider=model.provider.slug, reason="a test of the connection worked"
        )
    opened = " The queue was held and goes on now." if was_held else ""
    return replace(trial, sentence=f"{trial.sentence} {model.title} answered in {trial.seconds:g} s.{opened}")


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
