"""Candidates for a contact sheet: a batch of several seeds in any states, with pictures as large as they look."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path

from django.utils import timezone
from PIL import Image, ImageEnhance

from edits.models import Provider, Status, User
from edits.services.batch.plan import seed_axis
from edits.services.curating.sharing import set_star
from tests import batches, factories

PHOTOS = {"wide": "coffee", "square": "cat", "tall": "rocket"}
RATIOS = {"wide": 1.5, "square": 1.0, "tall": 0.67}
STATES = ("succeeded", "running", "succeeded", "filtered", "failed", "queued")
SEEDS = [1284663, 77120, 2009551310, 640118275, 1733002961, 318447002, 31, 9000001, 500, 17, 18, 19]


def candidates(
    owner: str,
    count: int = 6,
    states: tuple[str, ...] = (),
    kept: tuple[int, ...] = (),
    shape: str = "wide",
    **fields: str,
) -> str:
    """A batch of which nothing is sent: ``count`` done ones or these states; the ``kept`` numbers are starred."""
    now, alice = timezone.now(), User.objects.get(username=owner)
    Provider.objects.update(paused_since=now, paused_until=now + timedelta(minutes=10))
    wanted = [Status(state) for state in states or ("succeeded",) * count]
    axis = seed_axis(len(wanted), first=None, draw=iter(SEEDS).__next__)
    source = photo(shape, 1.0)
    waiting = [Status.QUEUED if status == Status.SUCCEEDED else status for status in wanted]
    with Image.open(BytesIO(source)) as image:
        upload = factories.upload_of(source, width_px=image.width, height_px=image.height)
    batch, edits = batches.batch_of(alice, waiting, axes=[axis], upload=upload, **fields)
    for number, (edit, status, seed) in enumerate(zip(edits, wanted, SEEDS, strict=False), start=1):
        edit.seed = seed
        if status == Status.SUCCEEDED:
            edit.status, edit.started_at, edit.finished_at, edit.fence, edit.attempts_made = (
                status,
                now,
                now,
                1,
                1,
            )
            factories.result_of(edit, photo(shape, 0.4 + 0.2 * number))
        if status == Status.RUNNING:
            edit.lease_until = now + timedelta(hours=1)
        edit.save()
        if number in kept:
            set_star(edit=edit, user=alice, starred=True, now=now)
    return str(batch.public_id)


def photo(shape: str, light: float) -> bytes:
    """A photo of this shape, in a light of its own."""
    stream = BytesIO()
    with Image.open(Path("static/samples") / f"{PHOTOS[shape]}.jpg") as whole:
        height = min(whole.height, int(whole.width / RATIOS[shape]))
        width = int(height * RATIOS[shape])
        image = whole.crop((0, 0, width, height)).resize((width * 2, height * 2))
        ImageEnhance.Brightness(image).enhance(light).save(stream, "PNG")
    return stream.getvalue()
