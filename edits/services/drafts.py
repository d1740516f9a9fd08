"""Drafts: the studio's form as its owner left it, one for each person, on whatever device they go on."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from edits.models import Draft, StagedUpload, User
from edits.services.pictures.staging import use_staged

Content = dict[str, list[str]]
"""The form's fields by name, each with its values."""
BEFORE = "before"
"""What a cleared draft held, to undo it."""


class StaleDraft(Exception):
    """Another tab or device has saved since; ``revision`` is the latest one."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"The draft is at revision {revision}")
        self.revision = revision


def draft_of(owner: User) -> Draft | None:
    """What the person left in the studio, if anything ever."""
    return Draft.objects.filter(owner=owner).first()


def save_draft(
    *, owner: User, content: Content, uploads: Iterable[str | UUID], seen: int, now: datetime
) -> int:
    """Store the form; returns its new revision.

    ``seen`` is the revision that the tab knows, 0 for none.  ``uploads`` are those that the content names: they are
    kept for as long as it does.  Raises StaleDraft, except where the latest one is empty, so that nothing is lost.
    """
    wanted = list(uploads)
    with transaction.atomic():
        revision = _write(owner, content, seen=seen, now=now)
        rows = StagedUpload.objects.of(owner).filter(public_id__in=wanted) if wanted else ()
        Draft.objects.get(owner=owner).staged.set(rows)
        use_staged(wanted, owner=owner, now=now)
    return revision


def _write(owner: User, content: Content, *, seen: int, now: datetime) -> int:
    mine = Draft.objects.filter(owner=owner)
    known = mine.filter(Q(revision=seen) | Q(content={}))
    if known.update(content=content, revision=F("revision") + 1, changed_at=now):
        return mine.values_list("revision", flat=True).get()
    if latest := mine.first():
        if (
            latest.content == content
        ):  # the last save of a page that was left arrived after the next page was made
            return latest.revision
        raise StaleDraft(latest.revision)
    try:
        with transaction.atomic():
            return Draft.objects.create(owner=owner, content=content, changed_at=now).revision
    except IntegrityError as error:  # another tab was first
        raise StaleDraft(mine.values_list("revision", flat=True).get()) from error


def clear_draft(*, owner: User, now: datetime) -> bool:
    """Begin with an empty form; returns whether there was anything.  ``bring_back_draft`` undoes it.

    Uploads are kept until the next draft is saved, or a day passes.
    """
    draft = draft_of(owner)
    if draft is None or not draft.content or BEFORE in draft.content:
        return False
    changed = Draft.objects.filter(pk=draft.pk, revision=draft.revision)
    return bool(changed.update(content={BEFORE: draft.content}, revision=F("revision") + 1, changed_at=now))


def bring_back_draft(*, owner: User, now: datetime) -> bool:
    """The draft as it was before it was cleared, unless another one was begun since."""
    draft = draft_of(owner)
    if draft is None or BEFORE not in draft.content:
        return False
    changed = Draft.objects.filter(pk=draft.pk, revision=draft.revision)
    return bool(changed.update(content=draft.content[BEFORE], revision=F("revision") + 1, changed_at=now))


def delete_draft(owner: User) -> None:
    """With the person's account; the uploads that only it names are then deleted after a day."""
    Draft.objects.filter(owner=owner).delete()
