"""The database refuses nonsense: each constraint has a test that breaks it."""

import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from edits.models import (
    ApiKey,
    Attempt,
    Batch,
    Budget,
    Comment,
    EditRequest,
    Invitation,
    Reason,
    ReturnedImage,
    ReviewCase,
    Role,
    SpentDay,
    StagedUpload,
    Star,
    Status,
    Submission,
    Tag,
    Upload,
    User,
    Webhook,
    WebhookDelivery,
)
from tests.factories import edit_of, filtered_edit_of, finished_edit_of, upload_of


def refuses(rows: models.QuerySet[Any], constraint: str, **fields: Any) -> None:
    """The update breaks this constraint and nothing is written."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        rows.update(**fields)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("edit_status_known|edit_finished_has_time", {"status": "lost"}),  # it breaks both
        ("edit_failed_has_reason", {"status": Status.FAILED, "finished_at": timezone.now()}),
        ("edit_failed_has_reason", {"reason": Reason.STORAGE}),
        ("edit_filtered_says_where", {"status": Status.FILTERED, "finished_at": timezone.now()}),
        ("edit_finished_has_time", {"status": Status.SUCCEEDED}),
        ("edit_finished_has_time", {"finished_at": timezone.now()}),
        ("edit_running_has_lease", {"status": Status.RUNNING}),
        ("edit_running_has_lease", {"lease_until": timezone.now()}),
        ("edit_shared_is_done", {"shared_at": timezone.now()}),
        ("edit_seed_range", {"seed": 0}),
        ("edit_seed_range", {"seed": 2**31}),
        ("edit_steps_range", {"steps": 0}),
        ("edit_steps_range", {"steps": 1001}),
        ("edit_cfg_scale_range", {"cfg_scale": -0.1}),
        ("edit_cfg_scale_range", {"cfg_scale": 100.1}),
        ("edit_prompt_not_blank", {"prompt": ""}),
    ],
)
def test_an_edit_cannot_say_nonsense(alice: User, constraint: str, fields: dict[str, Any]) -> None:
    edit = edit_of(alice)
    refuses(EditRequest.objects.filter(pk=edit.pk), constraint, **fields)


def test_no_two_usernames_are_one_but_for_case_and_accents(alice: User, bob: User) -> None:
    fields = {"username_folded": alice.username_folded}
    refuses(User.objects.filter(pk=bob.pk), r"user_one_username|username_folded", **fields)
    # An account of an earlier version may go on.
    assert User.objects.filter(pk=bob.pk).update(**fields, is_namesake=True)


def test_one_submission_is_one_edit(alice: User, bob: User) -> None:
    key = uuid.uuid4()
    edit_of(alice, submission_key=key)
    edit_of(bob, submission_key=key)
    with pytest.raises(IntegrityError), transaction.atomic():
        edit_of(alice, submission_key=key)


def test_a_withheld_picture_cannot_have_a_thumbnail(alice: User) -> None:
    filtered_edit_of(alice)
    refuses(ReturnedImage.objects.all(), "result_withheld_has_no_renditions", thumb_320="leak.webp")


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [("result_format_known", {"format": "GIF"}), ("result_has_pixels", {"width_px": 0})],
)
def test_a_result_is_a_picture(alice: User, constraint: str, fields: dict[str, Any]) -> None:
    finished_edit_of(alice)
    refuses(ReturnedImage.objects.all(), constraint, **fields)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [("upload_format_known", {"format": "SVG"}), ("upload_has_pixels", {"size_bytes": 0})],
)
def test_an_upload_is_a_picture(db: None, constraint: str, fields: dict[str, Any]) -> None:
    upload_of()
    refuses(Upload.objects.all(), constraint, **fields)


def test_the_same_bytes_are_stored_once(db: None) -> None:
    upload = upload_of()
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.create(
            sha256=upload.sha256,
            file="twin.png",
            format="PNG",
            width_px=1,
            height_px=1,
            size_bytes=1,
            created_at=timezone.now(),
        )


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("user_role_known", {"role": "king"}),
        ("user_administrator_is_superuser", {"role": Role.ADMINISTRATOR}),
        ("user_administrator_is_superuser", {"is_superuser": True}),
    ],
)
def test_rights_follow_the_role(alice: User, constraint: str, fields: dict[str, Any]) -> None:
    refuses(User.objects.filter(pk=alice.pk), constraint, **fields)


def test_there_is_one_founder(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_founder=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=bob.pk).update(is_founder=True)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("invitation_role_known", {"role": "king"}),
        ("invitation_used_by_somebody", {"used_at": timezone.now()}),
    ],
)
def test_an_invitation_is_used_by_somebody(root: User, constraint: str, fields: dict[str, Any]) -> None:
    now = timezone.now()
    Invitation.objects.create(token_hash="a" * 64, created_by=root, created_at=now, expires_at=now)
    refuses(Invitation.objects.all(), constraint, **fields)


def test_a_used_invitation_cannot_be_revoked(root: User, bob: User) -> None:
    now = timezone.now()
    Invitation.objects.create(
        token_hash="a" * 64, created_by=root, created_at=now, expires_at=now, used_at=now, used_by=bob
    )
    refuses(Invitation.objects.all(), "invitation_not_used_and_revoked", revoked_at=now)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("review_decided_by_somebody", {"decision": "dismissed"}),
        ("review_decided_by_somebody", {"decided_at": timezone.now()}),
    ],
)
def test_a_decision_is_somebodys(alice: User, constraint: str, fields: dict[str, Any]) -> None:
    filtered_edit_of(alice)
    refuses(ReviewCase.objects.all(), constraint, **fields)


def test_a_decision_is_one_of_those_there_are(alice: User, rita: User) -> None:
    filtered_edit_of(alice)
    fields = {"decision": "shrug", "decided_by": rita, "decided_at": timezone.now()}
    refuses(ReviewCase.objects.all(), "review_decision_known", **fields)


def test_the_author_is_told_with_a_reason(alice: User, rita: User) -> None:
    filtered_edit_of(alice)
    refuses(
        ReviewCase.objects.all(),
        "review_told_with_reason",
        decision="released",
        decided_by=rita,
        decided_at=timezone.now(),
    )


def test_attempts_are_numbered_and_say_whether_they_cost(alice: User) -> None:
    edit = edit_of(alice)
    fields = {"edit": edit, "number": 1, "fence": 1, "started_at": timezone.now(), "seed_sent": 1}
    Attempt.objects.create(**fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attempt.objects.create(**fields)
    refuses(Attempt.objects.all(), "attempt_charged_known", charged="what")


def test_a_star_is_put_once(alice: User) -> None:
    edit = finished_edit_of(alice)
    Star.objects.create(edit=edit, user=alice, created_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        Star.objects.create(edit=edit, user=alice, created_at=timezone.now())


def test_a_comment_says_something(alice: User) -> None:
    edit = finished_edit_of(alice)
    Comment.objects.create(edit=edit, author=alice, text="fine", created_at=timezone.now())
    refuses(Comment.objects.all(), "comment_not_blank", text="")


@pytest.mark.parametrize("name", ["", "Harbor"])
def test_a_tag_is_a_word_in_small_letters(db: None, name: str) -> None:
    Tag.objects.create(name="harbor")
    refuses(Tag.objects.all(), "tag_in_small_letters", name=name)


@pytest.mark.parametrize(
    ("constraint", "column"),
    [
        ("budget_person_per_day_positive", "person_per_day"),
        ("budget_person_per_month_positive", "person_per_month"),
        ("budget_team_per_day_positive", "team_per_day"),
        ("budget_team_per_month_positive", "team_per_month"),
        ("budget_person_waiting_positive", "person_waiting"),
        ("budget_person_cost_per_day_positive", "person_cost_per_day"),
        ("budget_person_cost_per_month_positive", "person_cost_per_month"),
        ("budget_team_cost_per_day_positive", "team_cost_per_day"),
        ("budget_team_cost_per_month_positive", "team_cost_per_month"),
    ],
)
def test_there_is_one_budget_and_no_limit_of_it_is_nothing(db: None, constraint: str, column: str) -> None:
    refuses(Budget.objects.all(), constraint, **{column: 0})
    with pytest.raises(IntegrityError, match="budget_single_row"), transaction.atomic():
        Budget.objects.create(pk=2)


@pytest.mark.parametrize(
    ("constraint", "column"),
    [
        ("user_edits_per_day_positive", "edits_per_day"),
        ("user_edits_per_month_positive", "edits_per_month"),
    ],
)
def test_ones_own_limit_is_not_nothing(alice: User, constraint: str, column: str) -> None:
    refuses(User.objects.filter(pk=alice.pk), constraint, **{column: 0})


def key_of(owner: User, **fields: Any) -> ApiKey:
    """A key that opens nothing, for nobody knows its text."""
    return ApiKey.objects.create(
        owner=owner, name="a script", key_hash="0" * 64, hint="rtk_abcd", created_at=timezone.now(), **fields
    )


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("api_key_opens_something", {"can_edit": False, "can_read": False}),
        ("api_key_per_minute_range", {"per_minute": 0}),
        ("api_key_per_minute_range", {"per_minute": 60_001}),
        ("api_key_expires_later", {"expires_at": models.F("created_at")}),
    ],
)
def test_a_key_opens_something_for_a_while(alice: User, constraint: str, fields: dict[str, Any]) -> None:
    key_of(alice)
    refuses(ApiKey.objects.all(), constraint, **fields)


def test_two_keys_are_never_the_same(alice: User, bob: User) -> None:
    key_of(alice)
    with pytest.raises(IntegrityError), transaction.atomic():
        key_of(bob)


def test_an_idempotency_key_is_used_once_by_each_key(alice: User) -> None:
    fields: dict[str, Any] = {"api_key": key_of(alice), "digest": "0" * 64, "created_at": timezone.now()}
    for _ in range(2):  # as many without one as there are calls
        Submission.objects.create(**fields)
    Submission.objects.create(idempotency_key="order-7", **fields)
    with pytest.raises(IntegrityError), transaction.atomic():  # submission_one_per_idempotency_key
        Submission.objects.create(idempotency_key="order-7", **fields)


def test_a_delivery_that_is_done_is_not_due(alice: User) -> None:
    now = timezone.now()
    hook = Webhook.objects.create(owner=alice, url="https://a.example/", secret="s", created_at=now)
    hook.deliveries.create(edit=finished_edit_of(alice), created_at=now, due_at=now)
    refuses(WebhookDelivery.objects.all(), "delivery_done_is_not_due", delivered_at=now)


def test_a_webhook_that_is_on_was_not_turned_off(alice: User) -> None:
    now = timezone.now()
    Webhook.objects.create(owner=alice, url="https://a.example/", secret="s", created_at=now)
    refuses(Webhook.objects.all(), "webhook_off_for_a_reason", off_reason="gone")
    refuses(Webhook.objects.all(), "webhook_off_for_a_reason", is_on=False, off_reason="bored")
    Webhook.objects.update(is_on=False, off_reason="failing")


def test_a_persons_deleted_edits_of_a_day_are_one_row(alice: User) -> None:
    SpentDay.objects.create(owner=alice, day=date(2026, 11, 22))
    with pytest.raises(IntegrityError, match=r"spent_day_once|spentday"), transaction.atomic():
        SpentDay.objects.create(owner=alice, day=date(2026, 11, 22))


def test_a_staged_upload_has_pixels_and_a_known_shape(alice: User) -> None:
    now, pixels = timezone.now(), {"width_px": 96, "height_px": 64, "size_bytes": 9}
    StagedUpload.objects.create(owner=alice, upload=upload_of(), created_at=now, used_at=now, **pixels)
    refuses(StagedUpload.objects.all(), "staged_upload_has_pixels", height_px=0)
    refuses(StagedUpload.objects.all(), "staged_upload_shape_known", shape="bend")


def test_one_submission_is_one_batch(alice: User, bob: User) -> None:
    fields = {"submission_key": uuid.uuid4(), "created_at": timezone.now()}
    Batch.objects.create(owner=alice, **fields)
    Batch.objects.create(owner=bob, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():  # batch_one_per_submission
        Batch.objects.create(owner=alice, **fields)


def test_a_place_in_a_batch_is_taken_once(alice: User) -> None:
    batch = Batch.objects.create(owner=alice, created_at=timezone.now())
    edit_of(alice, batch=batch, batch_position=1)
    second = edit_of(alice, batch=batch, batch_position=2)
    places = r"edit_once_per_batch_position|batch_position"
    refuses(EditRequest.objects.filter(pk=second.pk), places, batch_position=1)


def test_every_constraint_has_a_test_here() -> None:
    here = Path(__file__)
    files = (
        here,
        here.with_name("test_provider_constraints.py"),
        here.with_name("test_bulk_jobs.py"),
        here.with_name("test_merging.py"),
        here.with_name("test_past_prompts.py"),
        here.with_name("test_prompt_presets.py"),
        here.with_name("test_reviewing_reveals.py"),
        here.with_name("test_voting.py"),
        here.with_name("test_running_recipes.py"),
    )
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    by_unique = {"edit_one_per_submission", "user_one_founder", "attempt_numbered", "star_once"}
    names = {
        constraint.name
        for model in apps.get_app_config("edits").get_models()
        for constraint in model._meta.constraints
    }
    assert {name for name in names if name not in source} - by_unique == set()


def test_migrations_are_complete(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


class TestWhoSeesWhat:
    """Queryset reads: what a person may open."""

    def test_a_member_opens_their_own_and_what_is_shared(self, alice: User, bob: User) -> None:
        private, shared = finished_edit_of(alice), finished_edit_of(alice, shared=True)
        assert set(EditRequest.objects.visible_to(alice)) == {private, shared}
        assert set(EditRequest.objects.visible_to(bob)) == {shared}

    def test_a_reviewer_opens_no_more_than_a_member(self, alice: User, rita: User) -> None:
        finished_edit_of(alice)
        filtered_edit_of(alice)
        assert not EditRequest.objects.visible_to(rita).exists()

    def test_an_administrator_opens_all(self, alice: User, root: User) -> None:
        finished_edit_of(alice)
        assert EditRequest.objects.visible_to(root).count() == 1

    def test_a_shared_edit_in_the_trash_is_gone_for_the_team(self, alice: User, bob: User) -> None:
        finished_edit_of(alice, shared=True, trashed_at=timezone.now())
        assert not EditRequest.objects.shared().exists()
        assert not EditRequest.objects.visible_to(bob).exists()

    def test_what_waits_for_review_is_undecided(self, alice: User, rita: User) -> None:
        edit = filtered_edit_of(alice)
        assert list(EditRequest.objects.awaiting_review()) == [edit]
        ReviewCase.objects.update(decision="dismissed", decided_by=rita, decided_at=timezone.now())
        assert not EditRequest.objects.awaiting_review().exists()
