"""Drafts: the studio's form as its owner left it, one for each person, on whatever device they go on."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F

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
    *,
    owner: User,
    content: Content,
    uploads: Iterable[str | UUID],
    seen: int,
    tab: str = "",
    at: int = 0,
    now: datetime,
) -> int:
    """Store the form; returns its new revision.

    ``seen`` is the revision that the page knows, 0 for none.  ``tab`` names the browser's tab and ``at`` orders what
    it saves: a page may be left, and the next one begin, before the answer is there.  ``uploads`` are those that
    the content names: they are kept for as long as it does.
    Raises StaleDraft, except where the latest one is empty or the same, so that nothing is lost.
    """
    wanted = list(uploads)
    with transaction.atomic():
        draft = _locked(owner, now=now)
        is_own = bool(tab) and draft.content.get("tab") == [tab]
        is_late = is_own and int(draft.content["at"][0]) > at
        if is_late or _entered(draft.content) == content:
            return draft.revision
        if draft.content and draft.revision != seen and not is_own:
            raise StaleDraft(draft.revision)
        draft.content = content | ({"tab": [tab], "at": [str(at)]} if tab else {})
        draft.revision, draft.changed_at = draft.revision + 1, now
        draft.save(update_fields=["content", "revision", "changed_at"])
        draft.staged.set(StagedUpload.objects.of(owner).filter(public_id__in=wanted) if wanted else ())
        use_staged(wanted, owner=owner, now=now)
    return draft.revision


def _locked(owner: User, *, now: datetime) -> Draft:
    """The person's row, an empty one if there was none; nobody else changes it until the transaction ends."""
    Draft.objects.get_or_create(owner=owner, defaults={"revision": 0, "changed_at": now})
    return Draft.objects.select_for_update().get(owner=owner)


def _entered(content: Content) -> Content:
    """Without who saved it."""
    return {name: values for name, values in content.items() if name not in ("tab", "at")}


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
