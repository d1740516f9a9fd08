"""Looks at the pictures of stopped edits: step by step, each of them granted first and on record."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from PIL import Image

from edits.models import AuditEntry, RevealGrant, ReviewCase, User
from edits.services import reviewing
from tests.factories import filtered_edit_of, picture, result_of
from tests.reviews import NOW, SOON, kept_hidden, kinds, opened, released, uncovered
from tests.stored import stored


@pytest.fixture
def case(alice: User) -> ReviewCase:
    """Alice's edit, stopped after a picture was made."""
    return filtered_edit_of(alice, now=NOW).review


def look(
    case: ReviewCase, reviewer: User, step: int, *, which: reviewing.Which = "result"
) -> reviewing.Shown | None:
    """What this reviewer gets to see."""
    return reviewing.look(case=case, reviewer=reviewer, which=which, step=step, now=SOON)


def reveal(case: ReviewCase, reviewer: User, step: int, *, which: reviewing.Which = "result") -> bool:
    """Whether the step is granted."""
    return reviewing.reveal(case=case, reviewer=reviewer, which=which, step=step, now=SOON)


class TestGranting:
    def test_without_the_case_open_nothing_is_shown_or_granted(self, case: ReviewCase, rita: User) -> None:
        for step in range(4):
            assert look(case, rita, step) is None
            assert not reveal(case, rita, step)
        assert kinds(case) == ["stopped"]

    @pytest.mark.parametrize("step", [1, 2, 3])
    def test_a_look_alone_uncovers_nothing(self, case: ReviewCase, rita: User, step: int) -> None:
        opened(case, rita)
        assert look(case, rita, step) is None
        assert kinds(case) == ["stopped", "opened"]

    @pytest.mark.parametrize("step", [2, 3])
    def test_no_step_is_left_out(self, case: ReviewCase, rita: User, step: int) -> None:
        uncovered(case, rita, "result", step - 2)
        assert not reveal(case, rita, step)
        assert look(case, rita, step) is None

    def test_each_picture_is_granted_for_itself(self, case: ReviewCase, rita: User) -> None:
        uncovered(case, rita, "source", 3)
        assert look(case, rita, 3, which="source")
        assert look(case, rita, 1) is None

    def test_a_grant_is_of_one_reviewer(self, case: ReviewCase, rita: User, root: User) -> None:
        uncovered(case, rita, "result", 3)
        assert look(case, root, 3) is None
        assert not reveal(case, root, 1)

    def test_while_another_has_it_open_nothing_is_granted(
        self, case: ReviewCase, rita: User, root: User
    ) -> None:
        opened(case, root)
        assert not reveal(case, rita, 1)
        assert look(case, rita, 0) is None

    def test_what_was_granted_may_be_looked_at_again(self, case: ReviewCase, rita: User) -> None:
        uncovered(case, rita, "result", 3)
        assert reveal(case, rita, 0)
        assert reveal(case, rita, 1)
        assert all(look(case, rita, step) for step in range(4))

    def test_it_ends_with_the_claim(self, case: ReviewCase, rita: User) -> None:
        uncovered(case, rita, "result", 3)
        late = SOON + timedelta(minutes=16)
        for step in range(4):
            assert reviewing.look(case=case, reviewer=rita, which="result", step=step, now=late) is None

    def test_each_step_holds_the_case_for_another_quarter_of_an_hour(
        self, case: ReviewCase, rita: User
    ) -> None:
        uncovered(case, rita, "result", 1)
        later = SOON + timedelta(minutes=14)
        assert reviewing.reveal(case=case, reviewer=rita, which="result", step=2, now=later)
        assert ReviewCase.objects.get(pk=case.pk).claimed_until == later + timedelta(minutes=15)

    def test_opening_it_again_after_the_claim_ran_out_starts_covered(
        self, case: ReviewCase, rita: User
    ) -> None:
        uncovered(case, rita, "result", 3, now=NOW - timedelta(hours=1))
        opened(case, rita)
        assert look(case, rita, 0)
        assert look(case, rita, 1) is None

    def test_after_a_decision_looking_again_takes_new_steps_on_record(
        self, case: ReviewCase, rita: User
    ) -> None:
        uncovered(case, rita, "result", 2)
        assert kept_hidden(case, rita).done
        assert look(case, rita, 0) is None
        assert not reveal(case, rita, 1)
        opened(case, rita, now=SOON)
        assert look(case, rita, 1) is None
        assert reveal(case, rita, 1)
        assert look(case, rita, 1)
        assert kinds(case)[-3:] == ["kept_hidden", "opened", "revealed"]

    def test_after_an_undo_the_pictures_are_covered_again(self, case: ReviewCase, rita: User) -> None:
        uncovered(case, rita, "result", 3)
        assert kept_hidden(case, rita).done
        assert reviewing.undo_decision(case=case, reviewer=rita, now=SOON)
        assert look(case, rita, 0)
        assert look(case, rita, 1) is None

    def test_an_appeal_covers_them_for_those_who_looked_at_the_decided_case(
        self, case: ReviewCase, alice: User, rita: User, root: User
    ) -> None:
        assert kept_hidden(case, rita).done
        uncovered(case, root, "result", 3)
        assert reviewing.appeal(case=case, author=alice, words="It is marble.", now=SOON)
        assert look(case, root, 3) is None

    def test_a_step_beyond_the_last_is_not_kept(self, case: ReviewCase, rita: User) -> None:
        for step in (0, 4):
            with pytest.raises(IntegrityError, match="reveal_grant_step_known"), transaction.atomic():
                RevealGrant.objects.create(
                    case=case, reviewer=rita, picture="result", step=step, granted_at=NOW
                )

    def test_there_is_one_for_each_picture(self, case: ReviewCase, rita: User) -> None:
        uncovered(case, rita, "result", 3)
        with pytest.raises(IntegrityError), transaction.atomic():  # reveal_grant_once
            RevealGrant.objects.create(case=case, reviewer=rita, picture="result", step=1, granted_at=NOW)


class TestRevealing:
    @pytest.mark.parametrize("step", [0, 1, 2, 3])
    @pytest.mark.parametrize("which", ["source", "result"])
    def test_no_picture_is_given_without_a_line_in_the_timeline(
        self, case: ReviewCase, rita: User, which: reviewing.Which, step: int
    ) -> None:
        uncovered(case, rita, which, step)
        shown = look(case, rita, step, which=which)
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
        opened(case, rita)
        shown = look(case, rita, 0)
        assert shown
        image = Image.open(BytesIO(shown.data)).convert("HSV")
        assert max(image.size) <= 160
        assert max(image.getchannel("S").tobytes()) < 8, "it is grey, as far as WebP keeps it"

    def test_full_size_is_the_stored_picture_and_audited(self, case: ReviewCase, rita: User) -> None:
        uncovered(case, rita, "result", 3)
        shown = look(case, rita, 3)
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
        uncovered(case, rita, "result", 2)
        assert not AuditEntry.objects.exists()

    def test_nothing_derived_of_a_withheld_picture_lies_on_disk(self, case: ReviewCase, rita: User) -> None:
        before = stored()
        uncovered(case, rita, "result", 3)
        assert all(look(case, rita, step) for step in range(4))
        assert stored() == before

    @pytest.mark.parametrize("step", [-1, 4])
    def test_there_is_no_other_step(self, case: ReviewCase, rita: User, step: int) -> None:
        uncovered(case, rita, "result", 3)
        assert not reveal(case, rita, step)
        assert look(case, rita, step) is None

    def test_a_request_that_was_stopped_has_a_source_only(self, alice: User, rita: User) -> None:
        case = filtered_edit_of(alice, with_picture=False).review
        opened(case, rita)
        assert look(case, rita, 0) is None
        assert not reveal(case, rita, 1)
        assert look(case, rita, 0, which="source")

    def test_authors_who_review_do_not_see_their_own_withheld_picture(self, rita: User) -> None:
        case = filtered_edit_of(rita).review
        assert reviewing.claim_case(case=case, reviewer=rita, now=NOW).holder is None
        assert not reveal(case, rita, 1)
        assert look(case, rita, 0) is None
        assert kinds(case) == ["stopped"]

    def test_once_released_both_pictures_are_the_author_s_alone(self, case: ReviewCase, rita: User) -> None:
        uncovered(case, rita, "result", 3)
        released(case, rita)
        for which in ("result", "source"):
            assert look(case, rita, 0, which=which) is None
            assert look(case, rita, 3, which=which) is None
        assert not reviewing.claim_case(case=case, reviewer=rita, now=SOON).is_mine

    def test_a_picture_that_cannot_be_read_is_not_on_record_as_seen(
        self, case: ReviewCase, rita: User
    ) -> None:
        opened(case, rita)
        default_storage.delete(str(case.edit.result.file))
        with pytest.raises(OSError):
            look(case, rita, 0)
        assert kinds(case) == ["stopped", "opened"]
