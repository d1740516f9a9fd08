"""A second try to store an answer: what the first one left is not there in the end, under whichever name it lies.

A bucket gives each try a name of its own, where a folder has one for all.
"""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from edits.models import EditRequest, Status, User
from edits.providers import Answer
from edits.services.calls import spooling
from edits.services.calls.call_results import verified
from edits.services.calls.saving import save_spooled
from edits.services.pictures.renditions import make_renditions
from edits.services.queue.canceling import cancel_edit
from edits.services.queue.claiming import claim_next
from tests.editors import LEASE, LIMITS, NOW, made, stopped
from tests.factories import edit_of, picture
from tests.stored import stored

WITHHELD, SHOWN = stopped(data=picture(mark=4)), made(picture(mark=4))


def tried_once(owner: User, answer: Answer) -> EditRequest:
    """An edit whose answer was put into the storage, but not into the database, which was away."""
    edit_of(owner)
    edit = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=NOW)
    assert edit
    kept = spooling.spool_answer(edit, verified(answer), now=NOW)
    kept.release()
    for name in ("full.png", "full_Ab3dE9x.png"):
        default_storage.save(f"{kept.stem}/{name}", ContentFile(picture(mark=4)))
    return edit


def results() -> list[str]:
    return [name for name in stored() if name.startswith(("results/", "quarantine/"))]


@pytest.mark.parametrize("answer", [WITHHELD, SHOWN], ids=["withheld", "shown"])
def test_only_the_picture_that_its_row_names_is_left(alice: User, answer: Answer) -> None:
    edit = tried_once(alice, answer)
    assert save_spooled(lease=LEASE, now=NOW) == 1
    edit.refresh_from_db()
    if edit.status == Status.SUCCEEDED:
        make_renditions(edit)
    edit.result.refresh_from_db()
    named = (edit.result.file, edit.result.thumb_320, edit.result.thumb_1024, edit.result.change_map)
    assert results() == sorted(str(file) for file in named if file)


@pytest.mark.parametrize("answer", [WITHHELD, SHOWN], ids=["withheld", "shown"])
def test_of_an_edit_that_was_canceled_meanwhile_nothing_is_left(alice: User, answer: Answer) -> None:
    assert cancel_edit(edit=tried_once(alice, answer), now=timezone.now())
    save_spooled(lease=LEASE, now=NOW)
    assert results() == []


@pytest.mark.parametrize("answer", [WITHHELD, SHOWN], ids=["withheld", "shown"])
def test_of_an_edit_that_was_deleted_meanwhile_nothing_is_left(alice: User, answer: Answer) -> None:
    tried_once(alice, answer).delete()
    save_spooled(lease=LEASE, now=NOW)
    assert results() == []


def test_the_pictures_of_others_are_left_alone(alice: User) -> None:
    tried_once(alice, WITHHELD)
    others = default_storage.save(f"quarantine/{'ab' * 16}/full.png", ContentFile(b"another"))
    save_spooled(lease=LEASE, now=NOW)
    assert others in results()
    assert len(results()) == 2
