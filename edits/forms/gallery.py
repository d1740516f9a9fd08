"""What the address of a gallery asks for: which edits, in which order, how large.

``?q=red cat seed:123&is=starred&size=1024x1024&by=bob&after=2026-05&before=2026-06&sort=oldest&density=3``

Every kind of term is also a parameter of the address: typed ones are in ``q``, chosen ones apart.
Two values of one kind widen, different kinds narrow.  What cannot be read is left out, and said.
"""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from edits.folding import fold
from edits.forms import rare_edits, search_needles, search_syntax
from edits.models import ACTIVE, Batch, EditRequest, ReturnedImage, Status, Tag, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.models.searching import OF_TEAM, Search, of_owner

MAX_CHARS = 200
MAX_VALUES = 20
DENSITIES = (1, 2, 3, 4)
DEFAULT_DENSITY = 3
OLDEST = "oldest"
IN_INDEX = frozenset({"steps", "cfg", "model", "file", "picture", "like"})
"""Kinds of terms that the index of words knows."""
ONLY_YOURS = _("these are all your own edits; the edits of others are under Team")

STATUSES = {
    "running": ACTIVE,
    "done": (Status.SUCCEEDED,),
    "filtered": (Status.FILTERED,),
    "failed": (Status.FAILED,),
    "canceled": (Status.CANCELED,),
}


@dataclass(frozen=True)
class Filters:
    """``words`` and ``values`` narrow; ``chosen`` are the values that chips set, ``ignored`` sentences to show."""

    of_team: bool = False
    text: str = ""
    words: tuple[str, ...] = ()
    values: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    chosen: tuple[tuple[str, str], ...] = ()
    oldest_first: bool = False
    density: int = DEFAULT_DENSITY
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict, *, of_team: bool, today: date | None = None) -> Self:
        """The filters of an address.  Never raises: a page is shown whatever it says."""
        read = _Reader(of_team=of_team, today=today or timezone.localdate())
        text = query.get("q", "").strip()[:MAX_CHARS]
        words = tuple(value for kind, value in search_syntax.split(text) if not kind)[:MAX_VALUES]
        for kind, value in [pair for pair in search_syntax.split(text) if pair[0]]:
            read.take(kind, value)
        asked = [(kind, value) for kind in read.readers for value in query.getlist(kind) if value.strip()]
        chosen = [(kind, read.take(kind, value.strip())) for kind, value in asked]
        return cls(
            of_team=of_team,
            text=" ".join("".join(char if char.isprintable() else " " for char in text).split()),
            words=words,
            values={kind: tuple(values) for kind, values in read.values.items()},
            chosen=tuple(dict.fromkeys(pair for pair in chosen if pair[1])),
            oldest_first=read.choice(query, "sort", {"newest": False, OLDEST: True}, default=False),
            density=read.choice(
                query, "density", {str(step): step for step in DENSITIES}, default=DEFAULT_DENSITY
            ),
            ignored=tuple(dict.fromkeys(read.ignored)),
        )

    @property
    def narrows(self) -> bool:
        """It may leave something out."""
        return bool(self.words or self.values)

    def has(self, kind: str, value: str) -> bool:
        """Whether a chip set this value."""
        return (kind, value) in self.chosen

    def plus(self, kind: str, value: str) -> Self:
        """With one value more chosen."""
        return replace(self, chosen=(*self.chosen, (kind, value)))

    def without(self, kind: str, *values: str) -> Self:
        """Without these chosen values of a kind, or without any of it."""
        left = [(k, value) for k, value in self.chosen if k != kind or (values and value not in values)]
        return replace(self, chosen=tuple(left))

    def cleared(self) -> Self:
        """With nothing asked for but order and density."""
        return replace(self, text="", words=(), values={}, chosen=())

    def query(self, **changes: str) -> str:
        """The address's query, blank where all is as usual; ``changes`` to q, sort or density."""
        asked = {
            "q": self.text,
            "sort": OLDEST if self.oldest_first else "",
            "density": "" if self.density == DEFAULT_DENSITY else str(self.density),
        } | changes
        return urlencode([*self.chosen, *((name, value) for name, value in asked.items() if value)])

    def search(self, viewer: User) -> Search | None:
        """What the index of words is asked for; None if nothing that it knows is."""
        needles = search_needles.of_words(self.words, of_team=self.of_team)
        for kind in IN_INDEX & self.values.keys():
            asked = search_needles.of_values(kind, self.values[kind], viewer=viewer, of_team=self.of_team)
            needles.append(asked)
        return Search(tuple(needles), OF_TEAM if self.of_team else of_owner(viewer)) if needles else None

    def rules(self, edits: EditRequestQuerySet, *, viewer: User, moment: str) -> list[Q]:
        """What these edits, a whole list, have to meet, but for what ``search`` asks for.

        ``moment`` names the column that dates are about.  Asks the database how many have what may be rare.
        """
        return [
            rule
            for kind, values in self.values.items()
            for rule in _rules(kind, values, within=edits, viewer=viewer, moment=moment)
        ]


class _Reader:
    """Collects the values that can be read and sentences about the others."""

    def __init__(self, *, of_team: bool, today: date) -> None:
        self.of_team = of_team
        self.readers = search_syntax.readers(today)
        self.values: dict[str, list[Any]] = {}
        self.ignored: list[str] = []

    def take(self, kind: str, value: str) -> str:
        """Keep a value; returns it as addresses write it, blank when it was left out."""
        try:
            if kind == "by" and not self.of_team and value.lower() != "me":
                raise ValidationError(ONLY_YOURS)
            read = self.readers[kind](value[:MAX_CHARS])
        except ValidationError as error:
            self.ignored.append(search_syntax.left_out(kind, value, error.messages[0]))
            return ""
        known = self.values.setdefault(kind, [])
        if read not in known and len(known) < MAX_VALUES:
            known.append(read)
        return str(read)

    def choice(self, query: QueryDict, name: str, choices: dict[str, Any], *, default: Any) -> Any:
        """One of a few values, the default where it is none of them."""
        value = query.get(name, "")
        if value and value not in choices:
            why = gettext("it can be %(choices)s") % {
                "choices": pgettext("between items of a list", ", ").join(choices)
            }
            self.ignored.append(search_syntax.left_out(name, value, why))
        return choices.get(value, default)


def _rules(
    kind: str, values: tuple[Any, ...], *, within: EditRequestQuerySet, viewer: User, moment: str
) -> list[Q]:
    """What edits of a list must meet for the values of one kind."""
    match kind:
        case "seed":
            return [_seeded(values)]
        case "size":
            return [rare_edits.with_size(values, within=within)]
        case "by":
            return [rare_edits.owned_by(_people(values, viewer=viewer), within=within)]
        case "tag":
            return [_tagged(values)]
        case "batch" | "of":
            return [(_of_batches if kind == "batch" else _made_of)(values, viewer=viewer)]
        case "after" | "before":
            return [_dated(kind, values, moment=moment)]
        case "picture" | "like":
            return [search_needles.source_is_open(viewer)]
        case "is":
            return _states(values, within=within, viewer=viewer)
        case _ if kind in IN_INDEX:
            return []
    raise LookupError(kind)


def _dated(kind: str, days: tuple[date, ...], *, moment: str) -> Q:
    """From the first midnight on, or until the last."""
    if kind == "after":
        return Q((f"{moment}__gte", _midnight(min(days))))
    return Q((f"{moment}__lt", _midnight(max(days))))


def _seeded(seeds: tuple[int, ...]) -> Q:
    """Sent or confirmed.  One list of keys: with OR across both tables, neither index would be used."""
    sent = EditRequest.objects.filter(seed__in=seeds).order_by().values("pk")
    confirmed = ReturnedImage.objects.filter(seed_used__in=seeds).order_by().values("edit")
    return Q(pk__in=sent.union(confirmed))


def _people(names: tuple[str, ...], *, viewer: User) -> list[int]:
    """Primary keys of these people, so that an index finds their edits."""
    named = [name for name in names if name != "me"]
    called = Q(username_folded__in=named) | Q(first_name_folded__in=named)
    found = list(User.objects.filter(called).order_by().values_list("pk", flat=True)) if named else []
    return [viewer.pk, *(pk for pk in found if pk != viewer.pk)] if "me" in names else found


def _tagged(names: tuple[str, ...]) -> Q:
    """``tag:night-shots`` also finds the tag “night shots”, which would have to be quoted."""
    either = {fold(spelling) for name in names for spelling in (name, name.replace("-", " "))}
    tags = list(Tag.objects.filter(name_folded__in=either).order_by().values_list("pk", flat=True))
    asked = Q(tag=tags[0]) if len(tags) == 1 else Q(tag__in=tags)
    return rare_edits.named_by(Tag.edits.through.objects.filter(asked), "editrequest")


def _of_batches(public_ids: tuple[UUID, ...], *, viewer: User) -> Q:
    """Of the reader's own batches: which edits belong together is nobody else's business."""
    own = list(
        Batch.objects.of(viewer).filter(public_id__in=public_ids).order_by().values_list("pk", flat=True)
    )
    return Q(pk__in=EditRequest.objects.filter(batch__in=own).order_by().values("pk"))


def _made_of(public_ids: tuple[UUID, ...], *, viewer: User) -> Q:
    """Made of the results of these edits, where the reader may see those."""
    parents = (EditRequest.objects.of(viewer) | EditRequest.objects.shared()).filter(public_id__in=public_ids)
    keys = list(parents.order_by().values_list("pk", flat=True))
    return Q(pk__in=EditRequest.objects.filter(parent__in=keys).order_by().values("pk"))


def _states(states: tuple[str, ...], *, within: EditRequestQuerySet, viewer: User) -> list[Q]:
    """Stars and sharing are marks beside the status: they narrow each for itself."""
    rules = []
    if statuses := [status for state in states for status in STATUSES.get(state, ())]:
        rules.append(rare_edits.with_status(statuses, within=within))
    if "starred" in states:
        rules.append(rare_edits.starred_by(viewer))
    if "shared" in states:
        rules.append(rare_edits.shared(within=within))
    return rules


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
