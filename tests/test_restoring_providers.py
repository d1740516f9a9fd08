"""Providers in backups: their rows survive as they are, and no key is readable without SECRET_KEY."""

import io
import tarfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from edits.models import (
    Attempt,
    Budget,
    CanaryRun,
    Charged,
    EditReference,
    EditRequest,
    Provider,
    ProviderModel,
    SpentDay,
    Status,
    Upload,
    User,
)
from edits.providers.presets import PRESETS
from edits.services.backups.restoring import restore
from edits.services.calls.running import run_edit
from edits.services.pictures.unused_uploads import UNUSED_FOR, forget_if_unused, forget_unused_uploads
from edits.services.provider.connecting import client_of
from edits.services.provider.keys import encrypt_key, read_key
from edits.services.queue.claiming import claim_next
from tests.backups import NOW, backup_in, fresh, pictures, rows, wrong
from tests.conftest import signed_in
from tests.editors import LEASE, LIMITS, undrawn
from tests.factories import edit_of, finished_edit_of, picture, result_of, upload_of

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "sk-this-is-never-shown"
OTHER = "another secret key, as it is after a move"


@pytest.fixture
def painters(db: None) -> ProviderModel:
    """A provider with a stored key, and a model with a spec and a price."""
    provider = Provider.objects.create(
        name="Painters",
        slug="painters",
        preset="vllm-omni",
        stored_url="http://127.0.0.1:9/v1",
        encrypted_key=encrypt_key(KEY),
        stored_result_hosts=["10.0.0.5:9000"],
        is_private=True,
        added_at=NOW,
        verified_at=NOW,
    )
    preset = PRESETS["vllm-omni"].model("Qwen-Image-Edit")
    return ProviderModel.objects.create(
        provider=provider,
        name="Qwen/Qwen-Image-Edit-2511",
        label="Qwen",
        accent=preset.accent,
        spec_json=preset.spec.to_json(),
        price=Decimal("0.0421"),
        canary_is_on=True,
        canary_due_at=NOW,
    )


@pytest.fixture
def edit(alice: User, painters: ProviderModel) -> EditRequest:
    """A finished edit of two pictures and a mask, with its call, a canary run, budgets in money and a spent day."""
    first = edit_of(
        alice,
        status=Status.SUCCEEDED,
        provider_id=painters.provider_id,
        model=painters.name,
        mask=upload_of(),
        extras={"negative_prompt": "blurry", "quality": "high"},
    )
    result_of(first)
    EditReference.objects.create(edit=first, upload=upload_of(), position=1, name="hat.png")
    Attempt.objects.create(
        edit=first,
        account=painters.provider,
        model=painters.name,
        host=painters.provider.host,
        number=1,
        fence=1,
        started_at=NOW,
        ended_at=NOW,
        charged=Charged.YES,
        cost=Decimal("0.0421"),
        sent=[["prompt", "x"], ["image[]", "source.png"]],
        usage={"total_tokens": 12, "seconds": 0.25},
        reported={"revised_prompt": "ä"},
    )
    CanaryRun.objects.create(
        model=painters, began_at=NOW, seconds=1.5, cost=Decimal("0.0421"), charged=Charged.YES,
        format="PNG", width_px=512, height_px=384, size_bytes=1000, status=200,
        picture="data:image/webp;base64,AAAA", difference=0.125,
    )  # fmt: skip
    Budget.objects.update(team_cost_per_month=Decimal("50.25"))
    User.objects.update(cost_per_day=Decimal("2.50"))
    SpentDay.objects.create(owner=alice, day=NOW.date(), edits=1, calls=2, cost=Decimal("0.0842"))
    return first


@pytest.fixture
def moved(edit: EditRequest, tmp_path: Path, settings: Settings) -> Callable[[], str]:
    """Restores a backup of all this where SECRET_KEY is another one; returns what the command says."""

    def move() -> str:
        path, output = backup_in(tmp_path), io.StringIO()
        fresh()
        settings.SECRET_KEY = OTHER
        call_command("restore", str(path), stdout=output)
        return output.getvalue()

    return move


def test_everything_is_the_same_on_the_other_side(edit: EditRequest, tmp_path: Path) -> None:
    before, before_pictures, path = rows(), pictures(), backup_in(tmp_path)
    fresh()
    done = restore(path, now=timezone.now())
    assert rows() == before
    assert pictures() == before_pictures
    assert wrong() == []
    assert (done.pictures, done.missing, done.keyless) == (4, 0, [])


def test_values_are_what_they_were_and_not_their_spelling(edit: EditRequest, tmp_path: Path) -> None:
    path = backup_in(tmp_path)
    fresh()
    restore(path, now=timezone.now())
    model = ProviderModel.objects.get(label="Qwen")
    attempt = Attempt.objects.get()
    again = EditRequest.objects.get()
    assert (model.price, attempt.cost) == (Decimal("0.0421"), Decimal("0.0421"))
    assert model.spec.takes_seed
    assert model.provider.result_hosts == ("10.0.0.5:9000",)
    assert (attempt.usage, attempt.reported) == (
        {"total_tokens": 12, "seconds": 0.25},
        {"revised_prompt": "ä"},
    )
    assert attempt.sent == [["prompt", "x"], ["image[]", "source.png"]]
    assert again.options.negative_prompt == "blurry"
    assert again.mask
    assert [each.name for each in again.references.all()] == ["hat.png"]
    assert CanaryRun.objects.get().difference == 0.125
    assert (Budget.objects.get().team_cost_per_month, SpentDay.objects.get().cost) == (
        Decimal("50.25"),
        Decimal("0.0842"),
    )
    assert read_key(model.provider) == KEY


def test_no_key_is_readable_in_the_archive_and_none_in_what_the_command_says(
    edit: EditRequest, tmp_path: Path
) -> None:
    path, output = tmp_path / "b.tar", io.StringIO()
    call_command("backup", str(path), stdout=output, stderr=output)
    stored = Provider.objects.get(slug="painters").encrypted_key
    assert KEY.encode() not in path.read_bytes()
    with tarfile.open(path) as tar:
        files = {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]
    assert stored.encode() in files["rows.jsonl"]
    for listed in (files["backup.json"].decode(), files["seal.json"].decode(), *files, output.getvalue()):
        assert KEY not in listed
        assert stored not in listed


def test_another_secret_key_keeps_the_rows_and_names_the_providers(moved: Callable[[], str]) -> None:
    said = moved()
    assert (
        "The key of a provider cannot be read here. Enter it again: Painters (SECRET_KEY has changed" in said
    )
    assert KEY not in said
    assert Provider.objects.get(slug="painters").has_key
    assert ProviderModel.objects.filter(label="Qwen").exists()
    assert CanaryRun.objects.count() == EditReference.objects.count() == 1


def test_the_first_call_holds_that_provider_with_the_reason_and_no_other(
    moved: Callable[[], str], root: User
) -> None:
    moved()
    alice, painters = User.objects.get(username="alice"), Provider.objects.get(slug="painters")
    edit_of(alice, provider_id=painters.pk, model="Qwen/Qwen-Image-Edit-2511")
    claimed = claim_next(lease=LEASE, limits_of=lambda _: LIMITS, now=timezone.now())
    assert claimed
    run_edit(claimed, client_for=client_of, render=undrawn)
    painters.refresh_from_db()
    claimed.refresh_from_db()
    assert "SECRET_KEY has changed since the key was stored" in painters.held_reason
    assert (claimed.status, claimed.attempts.get().charged) == (Status.QUEUED, Charged.NO)
    assert Provider.objects.get(pk=1).held_since is None
    admin = User.objects.filter(username="root").first() or root
    page = signed_in(admin).get(f"/settings/providers/{painters.slug}/").content.decode()
    assert "SECRET_KEY has changed since the key was stored" in page
    assert KEY not in page


def test_the_right_secret_key_makes_the_key_readable_again(
    moved: Callable[[], str], settings: Settings
) -> None:
    right = settings.SECRET_KEY
    moved()
    settings.SECRET_KEY = right
    assert read_key(Provider.objects.get(slug="painters")) == KEY


def test_a_secret_key_that_came_along_counts_from_the_next_start_on(
    edit: EditRequest, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, output = tmp_path / "with-key.tar", io.StringIO()
    call_command("backup", str(path), "--with-secret-key", stdout=io.StringIO())
    fresh()
    settings.DATA_DIR, settings.SECRET_KEY = tmp_path, OTHER
    monkeypatch.delenv("SECRET_KEY", raising=False)
    call_command("restore", str(path), stdout=output)
    assert "cannot be read here" not in output.getvalue()
    monkeypatch.setenv("SECRET_KEY", OTHER)
    call_command("restore", str(path), "--replace", stdout=output)
    assert "Enter it again: Painters" in output.getvalue()


def test_a_key_in_an_environment_variable_that_is_not_set_here_is_named(
    edit: EditRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Provider.objects.filter(slug="painters").update(encrypted_key="", key_variable="PAINTERS_API_KEY")
    path = backup_in(tmp_path)
    fresh()
    (said,) = restore(path, now=timezone.now()).keyless
    assert said == "Painters (the environment variable PAINTERS_API_KEY is empty or not set)"
    monkeypatch.setenv("PAINTERS_API_KEY", KEY)
    assert restore(path, now=timezone.now(), replace=True).keyless == []


def test_uploads_that_are_only_references_or_masks_are_no_orphans_and_are_kept(edit: EditRequest) -> None:
    finished_edit_of(edit.owner, upload=upload_of(picture()))
    assert wrong() == []
    later = timezone.now() + 2 * UNUSED_FOR
    assert forget_unused_uploads(lease=LEASE, now=later) == 0
    reference = edit.references.get().upload
    assert edit.mask
    assert not any(forget_if_unused(pk) for pk in (reference.pk, edit.mask.pk))
    assert Upload.objects.count() == 4
    reference.file.storage.delete(str(reference.file.name))
    edit.mask.file.storage.delete(str(edit.mask.file.name))
    assert {finding.kind for finding in wrong()} == {"missing"}
    assert len(wrong()) == 2
