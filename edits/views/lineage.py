"""Where an edit comes from and what was made of it, as far as the viewer may see it."""

from dataclasses import dataclass

from edits.models import EditRequest, User
from edits.models.edit_lookups import EditRequestQuerySet

MOST_ANCESTORS = 8
MOST_CHILDREN = 12
MOST_RERUNS = 12


@dataclass(frozen=True)
class Lineage:
    """``ancestors`` begin with the oldest, whose source is shown where ``shows_source``; ``children`` with the first.

    ``cut`` says that there is more before the oldest than may or can be shown, ``has_more`` that there are more
    children.
    """

    ancestors: list[EditRequest]
    children: list[EditRequest]
    shows_source: bool
    cut: bool
    has_more: bool = False

    def oldest(self, edit: EditRequest) -> EditRequest:
        """The edit whose source is the first picture of all."""
        return self.ancestors[0] if self.ancestors else edit

    @property
    def parent(self) -> EditRequest | None:
        """The edit whose result was edited, where the viewer may see it."""
        return self.ancestors[-1] if self.ancestors else None

    @property
    def first_source(self) -> EditRequest | None:
        """The edit with whose source it all begins, where that is another one and the source may be seen."""
        return self.ancestors[0] if self.ancestors and self.shows_source and not self.cut else None


def lineage_of(edit: EditRequest, *, viewer: User) -> Lineage:
    """The chain of results that became sources, and what was made of this result: one query for each ancestor."""
    ancestors = ancestors_of(edit, viewer=viewer)
    oldest = ancestors[0] if ancestors else edit
    children = list(_shown(viewer).filter(parent=edit).order_by("pk")[: MOST_CHILDREN + 1])
    return Lineage(
        ancestors,
        children[:MOST_CHILDREN],
        shows_source=oldest.source_is_open_to(viewer),
        cut=oldest.parent_id is not None,
        has_more=len(children) > MOST_CHILDREN,
    )


def first_source_of(edit: EditRequest, *, viewer: User) -> EditRequest | None:
    """The edit with whose source the chain begins; None where that is this edit's own, or is not for the viewer."""
    ancestors = ancestors_of(edit, viewer=viewer)
    oldest = ancestors[0] if ancestors else edit
    is_first = oldest != edit and oldest.parent_id is None
    return oldest if is_first and oldest.source_is_open_to(viewer) else None


def reruns_of(edit: EditRequest, *, viewer: User) -> list[EditRequest]:
    """Those that repeat this edit with the same seed, the first first."""
    reruns = (
        EditRequest.objects.visible_to(viewer)
        .not_trashed()
        .select_related("owner", "upload", "result", "merged")
    )
    return list(reruns.filter(rerun_of=edit).order_by("pk")[:MOST_RERUNS])


def may_open(edit: EditRequest | None, *, viewer: User) -> bool:
    """Whether a link to the edit leads anywhere for the viewer."""
    return edit is not None and EditRequest.objects.visible_to(viewer).filter(pk=edit.pk).exists()


def ancestors_of(edit: EditRequest, *, viewer: User) -> list[EditRequest]:
    """As far back as the viewer may see them, the oldest first; one query for each."""
    ancestors: list[EditRequest] = []
    oldest = edit
    while oldest.parent_id and len(ancestors) < MOST_ANCESTORS:
        parent = _shown(viewer).filter(pk=oldest.parent_id).first()
        if parent is None:
            break
        ancestors.insert(0, parent)
        oldest = parent
    return ancestors


def open_to(viewer: User) -> EditRequestQuerySet:
    """Their own edits and shared ones.  Private ones of others are in no lineage, an administrator's neither."""
    return (EditRequest.objects.of(viewer) | EditRequest.objects.shared()).not_trashed()


def _shown(viewer: User) -> EditRequestQuerySet:
    return open_to(viewer).select_related("owner", "upload", "result", "merged")
