"""Adds tags to edits and removes them; a tag without edits is deleted."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from edits.models import EditRequest, Tag, User
from edits.models.edit_lookups import EditRequestQuerySet


@transaction.atomic
def tag_edits(*, owner: User, edits: EditRequestQuerySet, names: Iterable[str]) -> dict[str, list[int]]:
    """Tag the owner's own edits that are not in the trash.

    Returns the edits that did not have each tag before, as primary keys by tag name: what an Undo has to remove.
    """
    mine = set(edits.of(owner).not_trashed().order_by().values_list("pk", flat=True))
    added: dict[str, list[int]] = {}
    if not mine:
        return added
    for name in sorted(set(names)):  # always in the same order, so that two people cannot deadlock
        tag, _ = Tag.objects.select_for_update().get_or_create(name=name)
        new = sorted(mine - set(tag.edits.filter(pk__in=mine).values_list("pk", flat=True)))
        if new:
            tag.edits.add(*new)
            added[name] = new
    return added


@transaction.atomic
def take_back(*, owner: User, added: Mapping[str, Iterable[int]]) -> int:
    """Remove these tags from these edits of the owner's; returns how many were removed."""
    taken = 0
    for tag in Tag.objects.select_for_update().filter(name__in=list(added)).order_by("name"):
        theirs = list(tag.edits.filter(owner=owner, pk__in=added[tag.name]))
        tag.edits.remove(*theirs)
        taken += len(theirs)
        if not tag.edits.exists():
            tag.delete()
    return taken


def untag_edit(*, edit: EditRequest, owner: User, name: str) -> bool:
    """Remove one tag; False if the edit is somebody else's or does not have it."""
    return bool(take_back(owner=owner, added={name: [edit.pk]}))


def untag_wholly(*, edit: EditRequest) -> None:
    """Remove all tags, before an edit is permanently deleted."""
    names = edit.tags.values_list("name", flat=True)
    take_back(owner=edit.owner, added={name: [edit.pk] for name in names})
