"""A queue that nothing is sent of, and batches that wait in it."""

from datetime import timedelta

from django.utils import timezone

from edits.models import Provider, Status, User
from edits.services.batch.pausing import pause_batch
from edits.services.batch.plan import Axis, AxisName
from tests import batches


def hold_the_queue() -> None:
    """As after a 429: nothing is sent for ten minutes, which is not yet worth a banner."""
    now = timezone.now()
    Provider.objects.update(paused_since=now, paused_until=now + timedelta(minutes=10))


def let_the_queue_go() -> None:
    """The ten minutes are over."""
    Provider.objects.update(paused_since=None, paused_until=None)


def batch(owner: str, kind: str) -> str:
    """A batch that nothing is sent of: a grid of pictures and seeds, seeds alone, one that is paused or has ended."""
    hold_the_queue()
    states = {"ended": [Status.SUCCEEDED, Status.FAILED, Status.FILTERED, Status.CANCELED]}.get(
        kind, [Status.SUCCEEDED, Status.SUCCEEDED, Status.FAILED, Status.QUEUED, Status.QUEUED, Status.QUEUED]
    )
    axes = [_axis("seed", "1284663", "77120", "2009551310", "640118275", "31", "9000001")]
    if kind == "grid":
        axes = [
            _axis("seed", "1284663", "77120", "2009551310"),
            _axis("picture", "coffee.jpg", "motorcycle.jpg"),
        ]
    made, _ = batches.batch_of(User.objects.get(username=owner), states, axes=axes)
    if kind == "paused":
        pause_batch(batch=made, now=timezone.now())
    return str(made.public_id)


def _axis(name: AxisName, *labels: str) -> Axis:
    return Axis(name, tuple((label, None) for label in labels))
