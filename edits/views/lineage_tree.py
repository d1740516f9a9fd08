"""The whole tree around an edit: the first source, what was made of it and of each result, for one viewer.

    source ─┬─ edit ─┬─ edit of its result ── …
            │        └─ …                              a family: what was made of one picture, the first first
            ├─ edit
            └─ 12 more                                 beyond MOST_SIBLINGS a family is counted, and listed elsewhere

Costs a query for each ancestor and each level, and two more: for the first family and for all rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import itemgetter

from django.db.models import Q
from django.urls import reverse

from edits.models import EditRequest, User
from edits.views.lineage import MOST_ANCESTORS, ancestors_of, open_to

MOST_LEVELS = 12
MOST_SIBLINGS = 6
MOST_NODES = 120
MOST_COUNTED = 1000
"""Edits of one level whose keys are read."""


@dataclass(frozen=True)
class Family:
    """Edits of one picture.  ``folded`` are not shown, at least so many where ``is_cut``; ``url`` lists them."""

    nodes: "tuple[Node, ...]" = ()
    folded: int = 0
    is_cut: bool = False
    url: str = ""


@dataclass(frozen=True)
class Node:
    """One edit of the tree, and what was made of its result."""

    edit: EditRequest
    is_current: bool
    may_reuse: bool
    family: Family


@dataclass(frozen=True)
class Tree:
    """``source_of`` is an edit whose source is the first picture, where the viewer may see that.

    ``is_cut`` says that there is more before than may or can be shown, which the tree of ``earlier`` may have;
    ``count`` is how many edits are shown.
    """

    family: Family
    source_of: EditRequest | None
    is_cut: bool
    earlier: EditRequest | None
    count: int


@dataclass(frozen=True)
class _Kin:
    """The keys of a family: those to show; how many others, and whether some of these are the viewer's."""

    shown: tuple[int, ...] = ()
    folded: int = 0
    is_cut: bool = False
    is_mine: bool = False


Key = tuple[int | None, int, int]
"""An edit by its parent, its own key and its owner."""


@dataclass
class _Reader:
    """Reads keys level by level, until there are enough; ``room`` is how many more are shown beside the path."""

    viewer: User
    path: Sequence[EditRequest]
    room: int = MOST_NODES
    families: dict[int, _Kin] = field(default_factory=dict)

    def first(self) -> _Kin:
        """What was made of the first source itself; only the oldest edit where that is not for the viewer."""
        top = self.path[0]
        keys = [_key(top)]
        if top.parent_id is None and top.source_is_open_to(self.viewer):
            is_open = Q(owner=self.viewer) | Q(source_is_shared=True)
            # A query inside, because SQLite would otherwise read all edits in the order of their keys.
            of_source = EditRequest.objects.filter(upload=top.upload_id).order_by().values("pk")
            edits = open_to(self.viewer).filter(is_open, pk__in=of_source).order_by("pk")
            found = edits.values_list("parent", "pk", "owner")[:MOST_COUNTED]
            keys += [key for key in found if key[0] is None]
        return self._chosen(keys, is_cut=len(keys) > MOST_COUNTED)

    def read_below(self, level: Sequence[int]) -> None:
        """The families of these, of what is in them, and so on."""
        for depth in range(1, MOST_LEVELS):
            if not level:
                return
            children = open_to(self.viewer).filter(parent__in=level).order_by("parent", "pk")
            rows: list[Key] = list(children.values_list("parent", "pk", "owner")[:MOST_COUNTED])
            last = rows[-1][0] if len(rows) == MOST_COUNTED else None
            rows += [_key(step) for step in self.path if step.parent_id in level]
            if depth == MOST_LEVELS - 1:
                self.room = 0
            for parent, keys in groupby(sorted(set(rows), key=itemgetter(0, 1)), key=itemgetter(0)):
                self.families[parent] = self._chosen(keys, is_cut=parent == last)
            level = [
                key for parent in level if parent in self.families for key in self.families[parent].shown
            ]

    def _chosen(self, keys: Iterable[Key], *, is_cut: bool) -> _Kin:
        """The first of a family and those on the path, in their order."""
        kin = sorted(set(keys), key=itemgetter(1))
        on_path = {step.pk for step in self.path}
        few = {key for _, key, _ in kin if key not in on_path}
        few = set(sorted(few)[: min(self.room, MOST_SIBLINGS)])
        self.room -= len(few)
        hidden = [owner for _, key, owner in kin if key not in few | on_path]
        shown = tuple(key for _, key, _ in kin if key in few | on_path)
        return _Kin(shown, len(hidden), is_cut, self.viewer.pk in hidden)


def tree_of(edit: EditRequest, *, viewer: User) -> Tree:
    """The tree in which the edit is, with the way from the first source to it whatever else is folded."""
    path = [*ancestors_of(edit, viewer=viewer), edit]
    top, reader = path[0], _Reader(viewer, path)
    first = reader.first()
    reader.read_below(first.shown)
    rows = _rows(reader, first) | {step.pk: step for step in path}
    listed = f"picture:{top.public_id}"
    return Tree(
        _family(first, reader, rows, listed=listed, current=edit),
        source_of=top if top.source_is_open_to(viewer) else None,
        is_cut=top.parent_id is not None,
        earlier=top if top.parent_id is not None and len(path) > MOST_ANCESTORS else None,
        count=len(rows),
    )


def _key(edit: EditRequest) -> Key:
    return edit.parent_id, edit.pk, edit.owner_id


def _rows(reader: _Reader, first: _Kin) -> dict[int, EditRequest]:
    keys = {*first.shown, *(key for kin in reader.families.values() for key in kin.shown)}
    edits = EditRequest.objects.filter(pk__in=keys).select_related("owner", "upload", "result", "merged")
    return {edit.pk: edit for edit in edits}


def _family(
    kin: _Kin, reader: _Reader, rows: dict[int, EditRequest], *, listed: str, current: EditRequest
) -> Family:
    """The family with all that is below it.  ``listed`` is the search that finds all of it."""
    nodes = tuple(_node(rows[key], reader, rows, current=current) for key in kin.shown)
    address = reverse("edits:history" if kin.is_mine else "edits:team", query={"q": listed})
    return Family(nodes, kin.folded, kin.is_cut, address if kin.folded else "")


def _node(edit: EditRequest, reader: _Reader, rows: dict[int, EditRequest], *, current: EditRequest) -> Node:
    kin = reader.families.get(edit.pk, _Kin())
    family = _family(kin, reader, rows, listed=f"of:{edit.public_id}", current=current)
    if kin.folded and not kin.shown:  # there was no more room: its own page has it
        family = replace(family, url=reverse("edits:lineage", args=[edit.public_id]))
    return Node(edit, edit == current, may_reuse=not edit.is_private_to(reader.viewer), family=family)
