"""Puts tags on edits and takes them off; a tag that no edit has any more is forgotten."""

from collections.abc import Iterable, Mapping

from django.db import transaction

from edits.models import EditRequest, Tag, User
from edits.models.edit_requests import EditRequestQuerySet


@transaction.atomic
def tag_edits(*, owner: User, edits: EditRequestQuerySet, names: Iterable[str]) -> dict[str, list[int]]:
    """Tag the owner's own kept edits.

    Returns, by tag, the keys of the edits that did not have it before: what an Undo takes back.
    """
    mine = set(edits.of(owner).kept().order_by().values_list("pk", flat=True))
    added: dict[str, list[int]] = {}
    if not mine:
        return added
    for name in sorted(set(names)):  # always in one order, so that two people never wait for each other
        tag, _ = Tag.objects.select_for_update().get_or_create(name=name)
        new = sorted(mine - set(tag.edits.filter(pk__in=mine).values_list("pk", flat=True)))
        if new:
            tag.edits.add(*new)
            added[name] = new
    return added


@transaction.atomic
def take_back(*, owner: User, added: Mapping[str, Iterable[int]]) -> int:
    """Take these tags off these edits of the owner's; returns how many were taken."""
    taken = 0
    for tag in Tag.objects.select_for_update().filter(name__in=list(added)).order_by("name"):
        theirs = list(tag.edits.filter(owner=owner, pk__in=added[tag.name]))
        tag.edits.remove(*theirs)
        taken += len(theirs)
        if not tag.edits.exists():
            tag.delete()
    return taken


def untag_edit(*, edit: EditRequest, owner: User, name: str) -> bool:
    """Take one tag off; False when the edit is somebody else's or does not have it."""
    return bool(take_back(owner=owner, added={name: [edit.pk]}))


def untag_wholly(*, edit: EditRequest) -> None:
    """Take all tags off, before an edit is deleted for good."""
    names = edit.tags.values_list("name", flat=True)
    take_back(owner=edit.owner, added={name: [edit.pk] for name in names})
