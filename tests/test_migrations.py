"""Migrations: during a deploy, programs of the previous version work on the tables of this one."""

import uuid
from itertools import pairwise
from typing import Any

import pytest
from django.db.migrations import AddField, AlterField, Migration, SeparateDatabaseAndState, operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import StateApps
from django.utils import timezone

from edits.models import Attempt, Budget, EditRequest, ReturnedImage, ReviewCase, Status, User
from tests.conftest import signed_in
from tests.factories import filtered_edit_of, picture
from tests.stored import stored

FIRST_SHIPPED = "0002_first_rows"
NOW = timezone.now()
LOADER = MigrationLoader(None)
NAMES = sorted(name for app, name in LOADER.graph.nodes if app == "edits" and name >= FIRST_SHIPPED)
TAKE_AWAY = (
    operations.DeleteModel,
    operations.RemoveField,
    operations.RenameField,
    operations.RenameModel,
    operations.AlterModelTable,
)


def tables_of(name: str) -> StateApps:
    """The models as they were when this migration was the newest."""
    return LOADER.project_state(("edits", name)).apps


def later() -> list[Migration]:
    """All that came after the first version that anybody ran."""
    return [LOADER.get_migration("edits", name) for name in NAMES[1:]]


def added() -> list[AddField]:
    """Columns that tables got after they were made."""
    return [
        step
        for migration in later()
        for step in migration.operations
        if isinstance(step, AddField) and step.model_name not in made_in(migration)
    ]


def made_in(migration: Migration) -> set[str]:
    """Tables that are new in it: nothing of before writes to them."""
    return {step.name.lower() for step in migration.operations if isinstance(step, operations.CreateModel)}


def steps_on_tables(migration: Migration) -> list[operations.base.Operation]:
    """Its operations that touch the database, and not only Django's idea of it."""
    return [
        step
        for each in migration.operations
        for step in (each.database_operations if isinstance(each, SeparateDatabaseAndState) else [each])
    ]


@pytest.mark.parametrize("column", added(), ids=lambda column: f"{column.model_name}.{column.name}")
def test_a_row_of_who_does_not_know_a_new_column_is_taken(column: AddField) -> None:
    said = "a column that may not be NULL needs a db_default: the version before does not name it"
    assert column.field.null or column.field.many_to_many or column.field.has_db_default(), said


@pytest.mark.parametrize("migration", later(), ids=lambda migration: migration.name)
def test_nothing_is_taken_away_that_the_version_before_reads(migration: Migration) -> None:
    """What goes has to be unused for a whole version first; then name it here, with that version."""
    assert not [step for step in steps_on_tables(migration) if isinstance(step, TAKE_AWAY)]


@pytest.mark.parametrize(("before", "name"), list(pairwise(NAMES)))
def test_no_column_begins_to_refuse_what_it_took(before: str, name: str) -> None:
    changed = [
        step for step in LOADER.get_migration("edits", name).operations if isinstance(step, AlterField)
    ]
    models = tables_of(before)
    for step in changed:
        old: Any = models.get_model("edits", step.model_name)._meta.get_field(step.name)
        assert step.field.null or not old.null or step.field.has_db_default(), step.name
        assert (getattr(step.field, "max_length", None) or 10**9) >= (old.max_length or 0), step.name


def owner_by(models: StateApps) -> int:
    """Alice, written by programs that know these tables."""
    return int(models.get_model("edits", "User").objects.create(username="alice", role="member").pk)


def edit_by(models: StateApps, owner: int) -> Any:
    """An edit that they took in."""
    data = picture()
    upload = models.get_model("edits", "Upload").objects.create(
        sha256=uuid.uuid4().hex * 2,
        file="uploads/a.png",
        format="PNG",
        width_px=96,
        height_px=64,
        size_bytes=len(data),
        created_at=NOW,
    )
    return models.get_model("edits", "EditRequest").objects.create(
        owner_id=owner,
        upload=upload,
        submission_key=uuid.uuid4(),
        source_width_px=96,
        source_height_px=64,
        prompt="sepia",
        model="step-1x-edit",
        seed=77120,
        steps=28,
        cfg_scale=6.0,
        size="512x512",
        created_at=NOW,
        queued_at=NOW,
    )


def run_by(models: StateApps, edit: Any) -> None:
    """A worker of theirs claims it, and stores what its call brought."""
    edits = models.get_model("edits", "EditRequest").objects.filter(pk=edit.pk)
    assert edits.update(status="running", started_at=NOW, lease_until=NOW, fence=1, attempts_made=1)
    models.get_model("edits", "Attempt").objects.create(
        edit_id=edit.pk, number=1, fence=1, started_at=NOW, ended_at=NOW, seed_sent=edit.seed, charged="yes"
    )
    models.get_model("edits", "ReturnedImage").objects.create(
        edit_id=edit.pk,
        file="results/a/full.png",
        sha256="0" * 64,
        format="PNG",
        width_px=96,
        height_px=64,
        size_bytes=900,
        seed_used=edit.seed,
        finish_reason="success",
        created_at=NOW,
    )
    assert edits.update(status="succeeded", finished_at=NOW, lease_until=None)


@pytest.mark.parametrize("name", NAMES)
def test_what_programs_of_before_write_is_read_by_those_of_now(name: str, db: None) -> None:
    before = tables_of(name)
    edit = edit_by(before, owner_by(before))
    assert EditRequest.objects.get().status == Status.QUEUED
    run_by(before, edit)
    found = EditRequest.objects.get()
    assert (found.status, found.result, found.attempts.get()) == (
        Status.SUCCEEDED,
        ReturnedImage.objects.get(),
        Attempt.objects.get(),
    )
    browser = signed_in(User.objects.get())
    for page in ("/", "/history/", f"/edits/{found.public_id}/"):
        assert browser.get(page).status_code == 200
    assert stored() == []  # pages make nothing up for pictures that are not there


@pytest.mark.parametrize("name", NAMES)
def test_what_programs_of_now_write_is_read_by_those_of_before(name: str, alice: User) -> None:
    now, before = tables_of(NAMES[-1]), tables_of(name)
    edit = edit_by(now, alice.pk)
    assert before.get_model("edits", "EditRequest").objects.get().prompt == "sepia"
    run_by(before, edit)
    assert EditRequest.objects.get().status == Status.SUCCEEDED


BEFORE_RENAMED = "0017_provider_opened_at"
"""The last version in which these fields had their first names."""


def test_fields_that_were_renamed_are_the_same_columns_to_the_version_before(alice: User) -> None:
    edit = filtered_edit_of(alice)
    before = tables_of(BEFORE_RENAMED)
    before.get_model("edits", "Budget").objects.update_or_create(
        pk=1, defaults={"spent_until": NOW, "cost_spent_until": NOW, "told_until": NOW}
    )
    before.get_model("edits", "ReviewCase").objects.filter(edit_id=edit.pk).update(author_told_at=NOW)
    budget = Budget.objects.get()
    assert (budget.budget_exhausted_until, budget.cost_budget_exhausted_until) == (NOW, NOW)
    assert (budget.notified_until, ReviewCase.objects.get().author_notified_at) == (NOW, NOW)
    Budget.objects.update(budget_exhausted_until=None)
    assert before.get_model("edits", "Budget").objects.get().spent_until is None
