"""Looks at the pictures of stopped edits: step by step, and each of them on record."""

from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from edits.models import AuditEntry, ReviewCase, User
from edits.services import reviewing
from tests.factories import filtered_edit_of, picture, result_of
from tests.reviews import NOW, SOON, kinds, released
from tests.stored import stored


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, now=NOW).review


class TestRevealing:
    @pytest.mark.parametrize("step", [0, 1, 2, 3])
    @pytest.mark.parametrize("which", ["source", "result"])
    def test_no_picture_is_given_without_a_line_in_the_timeline(
        self, case: ReviewCase, rita: User, which: reviewing.Which, step: int
    ) -> None:
        shown = reviewing.reveal(case=case, reviewer=rita, which=which, step=step, now=SOON)
        assert shown
        Image.open(BytesIO(shown.data)).load()
        line = case.events.last()
        assert line
        assert (line.kind, line.actor) == ("revealed" if step else "veiled", rita)
        assert which in line.text

    def test_the_first_step_is_small_grey_and_blurred(self, case: ReviewCase, rita: User) -> None:
        result_of_size = picture(width_px=640, height_px=480)
        case.edit.result.delete()
        result_of(case.edit, result_of_size, withheld=True)
        shown = reviewing.reveal(case=case, reviewer=rita, which="result", step=0, now=SOON)
        assert shown
        image = Image.open(BytesIO(shown.data)).convert("HSV")
        assert max(image.size) <= 160
        assert max(image.getchannel("S").tobytes()) < 8, "it is grey, as far as WebP keeps it"

    def test_full_size_is_the_stored_picture_and_audited(self, case: ReviewCase, rita: User) -> None:
        shown = reviewing.reveal(case=case, reviewer=rita, which="result", step=3, now=SOON)
        assert shown == reviewing.Shown(case.edit.result.file.read(), "image/png")
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (
            rita,
            "review.reveal",
            str(case.edit.public_id),
        )

    def test_smaller_steps_are_in_the_timeline_but_not_in_the_audit_log(
        self, case: ReviewCase, rita: User
    ) -> None:
        reviewing.reveal(case=case, reviewer=rita, which="result", step=2, now=SOON)
        assert not AuditEntry.objects.exists()

    def test_nothing_derived_of_a_withheld_picture_lies_on_disk(self, case: ReviewCase, rita: User) -> None:
        before = stored()
        for step in range(4):
            reviewing.reveal(case=case, reviewer=rita, which="result", step=step, now=SOON)
        assert stored() == before

    @pytest.mark.parametrize("step", [-1, 4])
    def test_there_is_no_other_step(self, case: ReviewCase, rita: User, step: int) -> None:
        assert reviewing.reveal(case=case, reviewer=rita, which="result", step=step, now=SOON) is None

    def test_a_request_that_was_stopped_has_a_source_only(self, alice: User, rita: User) -> None:
        case = filtered_edit_of(alice, with_picture=False).review
        assert reviewing.reveal(case=case, reviewer=rita, which="result", step=0, now=SOON) is None
        assert reviewing.reveal(case=case, reviewer=rita, which="source", step=0, now=SOON)

    def test_authors_who_review_do_not_see_their_own_withheld_picture(self, rita: User) -> None:
        case = filtered_edit_of(rita).review
        assert reviewing.reveal(case=case, reviewer=rita, which="result", step=0, now=SOON) is None
        assert kinds(case) == ["stopped"]

    def test_once_released_both_pictures_are_the_author_s_alone(self, case: ReviewCase, rita: User) -> None:
        released(case, rita)
        assert reviewing.reveal(case=case, reviewer=rita, which="result", step=0, now=SOON) is None
        assert reviewing.reveal(case=case, reviewer=rita, which="source", step=0, now=SOON) is None

    def test_a_picture_that_cannot_be_read_is_not_on_record_as_seen(
        self, case: ReviewCase, rita: User
    ) -> None:
        default_storage.delete(str(case.edit.result.file))
        with pytest.raises(OSError):
            reviewing.reveal(case=case, reviewer=rita, which="result", step=1, now=SOON)
        assert kinds(case) == ["stopped"]
