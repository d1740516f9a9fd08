"""Files of uploads without a row, as a killed server leaves them: gone within a day, and no other file."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from edits.models import User
from edits.services.pictures.orphans import EVERY, FOLDERS, clear_unnamed_uploads
from edits.services.pictures.renditions import make_renditions
from tests.editors import LEASE
from tests.factories import finished_edit_of, upload_of
from tests.stored import stored

pytestmark = pytest.mark.django_db
EVERY_SECONDS = EVERY.total_seconds()
HASH = "ab" + "0" * 62


def begin_of_turn(at: datetime) -> datetime:
    return datetime.fromtimestamp(at.timestamp() // EVERY_SECONDS * EVERY_SECONDS, tz=UTC)


def a_day_of_turns() -> list[datetime]:
    """Each folder's turn once, a day from now."""
    first = begin_of_turn(timezone.now() + timedelta(days=1))
    return [first + EVERY * number for number in range(FOLDERS)]


def stray(name: str) -> str:
    return default_storage.save(name, ContentFile(b"left behind"))


def test_within_a_day_each_folder_has_its_turn(alice: User) -> None:
    edit = finished_edit_of(alice)
    make_renditions(edit)
    upload_of()
    before = stored()
    for number in (0, 9, 171, 255):
        sha256 = f"{number:02x}" + "1" * 62
        stray(f"uploads/{sha256[:2]}/{sha256}.png")
        stray(f"uploads/{sha256[:2]}/{sha256}/320.webp")
    assert timedelta(hours=20) < EVERY * FOLDERS < timedelta(days=1)
    assert sum(clear_unnamed_uploads(lease=LEASE, now=now) for now in a_day_of_turns()) == 8
    assert stored() == before


def test_a_second_file_of_the_same_picture_goes_and_the_named_one_stays(alice: User) -> None:
    upload = upload_of()
    name = str(upload.file.name)
    stray(name)
    for now in a_day_of_turns():
        clear_unnamed_uploads(lease=LEASE, now=now)
    assert stored() == [name]


def test_half_of_a_file_goes_too(alice: User) -> None:
    stray("uploads/ab/.0123456789abcdef.part")
    for now in a_day_of_turns():
        clear_unnamed_uploads(lease=LEASE, now=now)
    assert stored() == []


def test_what_is_young_or_none_of_its_business_stays() -> None:
    names = sorted(stray(name) for name in (f"uploads/ab/{HASH}.png", "results/ab/full.png", "notes.txt"))
    soon = begin_of_turn(timezone.now())
    for number in range(FOLDERS):
        clear_unnamed_uploads(lease=LEASE, now=soon - EVERY * number)
    assert stored() == names
    for now in a_day_of_turns():
        clear_unnamed_uploads(lease=LEASE, now=now)
    assert len(stored()) == 2


def test_it_looks_only_at_the_beginning_of_a_turn() -> None:
    stray(f"uploads/ab/{HASH}.png")
    late = timedelta(seconds=EVERY_SECONDS - 10)
    assert sum(clear_unnamed_uploads(lease=LEASE, now=now + late) for now in a_day_of_turns()) == 0
    assert len(stored()) == 1
