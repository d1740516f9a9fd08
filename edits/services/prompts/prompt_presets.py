"""Saves, changes, shares and deletes presets, and notes which edits were made with one."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from edits.models import EditRequest, PresetUse, PromptPreset, User
from edits.models.past_prompts import digest_of

UNDO_TIME = timedelta(days=1)
"""For so long a deleted preset can be restored."""


@dataclass(frozen=True)
class PresetContent:
    """What a preset says.  ``options`` are the form's fields as text; ``example`` is an edit of its owner."""

    name: str
    prompt: str
    options: dict[str, str] = field(default_factory=dict)
    model: str = ""
    example: EditRequest | None = None


def save_preset(*, owner: User, content: PresetContent, shared: bool, now: datetime) -> PromptPreset:
    """A new preset of this person."""
    return PromptPreset.objects.create(
        owner=owner,
        name=content.name,
        prompt=content.prompt,
        options=content.options,
        model=content.model,
        example=content.example,
        created_at=now,
        shared_at=now if shared else None,
    )


def change_preset(*, preset: PromptPreset, content: PresetContent) -> None:
    """Change what it says.  With another prompt its rates begin again, for they were those of the other one."""
    if digest_of(preset.prompt) != digest_of(content.prompt):
        PresetUse.objects.filter(preset=preset).delete()
        preset.rates_json, preset.counted_at = None, None
    preset.name, preset.prompt, preset.options = content.name, content.prompt, content.options
    preset.model, preset.example = content.model, content.example
    preset.save(update_fields=["name", "prompt", "options", "model", "example", "rates_json", "counted_at"])


def share_preset(*, preset: PromptPreset, now: datetime) -> bool:
    """Let the team use it; False if it could already."""
    private = PromptPreset.objects.kept().filter(pk=preset.pk, shared_at__isnull=True)
    return bool(private.update(shared_at=now))


def take_back_preset(*, preset: PromptPreset) -> bool:
    """Keep it for its owner alone; False if it was."""
    shared = PromptPreset.objects.filter(pk=preset.pk, shared_at__isnull=False)
    return bool(shared.update(shared_at=None))


def delete_preset(*, preset: PromptPreset, now: datetime) -> bool:
    """Delete it, for a day with a way back; False if it was deleted."""
    return bool(PromptPreset.objects.kept().filter(pk=preset.pk).update(deleted_at=now))


def restore_preset(*, owner: User, public_id: UUID) -> bool:
    """Undo deleting it, as it was; False if it is gone for good."""
    deleted = PromptPreset.objects.of(owner).filter(public_id=public_id, deleted_at__isnull=False)
    return bool(deleted.update(deleted_at=None))


def forget_deleted_presets(*, lease: timedelta, now: datetime) -> int:
    """Delete for good what was deleted a day ago; returns how many."""
    old = PromptPreset.objects.filter(deleted_at__lt=now - UNDO_TIME)
    return old.delete()[1].get(PromptPreset._meta.label, 0) if old.exists() else 0


def note_preset_use(*, owner: User, public_id: UUID, edits: Iterable[EditRequest]) -> int:
    """Remember that these new edits were made with a preset; returns how many were.

    Only those that have its prompt as it is: of a changed prompt its rates would say nothing.
    """
    preset = PromptPreset.objects.usable_by(owner).filter(public_id=public_id).only("prompt").first()
    if preset is None:
        return 0
    digest = digest_of(preset.prompt)
    uses = [PresetUse(edit=edit, preset=preset) for edit in edits if digest_of(edit.prompt) == digest]
    PresetUse.objects.bulk_create(uses, ignore_conflicts=True)
    return len(uses)
