"""The filter chips of a gallery: each a link to the same gallery with one filter more, other or less."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from edits.folding import fold
from edits.forms.gallery import OLDEST, Filters
from edits.forms.search_syntax import SIZES
from edits.models import User

RECENT = ((_("Today"), 0), (_("Last 7 days"), 6), (_("Last 30 days"), 29))
STATES = (
    ("running", pgettext_lazy("status", "Running")),
    ("done", pgettext_lazy("status", "Done")),
    ("filtered", pgettext_lazy("status", "Filtered")),
    ("failed", pgettext_lazy("status", "Failed")),
    ("canceled", pgettext_lazy("status", "Canceled")),
)
OF_A_PICTURE = {"picture": _("Of one picture"), "like": _("Of similar pictures")}
DENSITIES = (
    (1, pgettext_lazy("size", "S"), _("Small")),
    (2, pgettext_lazy("size", "M"), _("Medium")),
    (3, pgettext_lazy("size", "L"), _("Large")),
    (4, pgettext_lazy("size", "XL"), _("XL, very large")),
)


@dataclass(frozen=True)
class FilterLink:
    """A link that is on or off; ``name`` says it to screen readers where ``label`` is just a letter."""

    label: str | Promise
    url: str
    on: bool
    name: str | Promise = ""


@dataclass(frozen=True)
class FilterMenu:
    """Chips of which one is chosen, folded under the label of the chosen one."""

    label: str
    on: bool
    chips: list[FilterLink]


def marks(filters: Filters, *, of_team: bool) -> list[FilterLink]:
    """All, Starred and, in one's own history, Shared; when somebody came by the link of a picture, that as well."""
    everything = FilterLink(gettext("All"), f"?{filters.cleared().query()}", not filters.chosen)
    chips = [everything, _toggle(filters, "is", "starred", gettext("Starred"))]
    if not of_team:
        chips.append(_toggle(filters, "is", "shared", gettext("Shared")))
    of_a_picture = [pair for pair in filters.chosen if pair[0] in OF_A_PICTURE]
    return [*chips, *(_toggle(filters, kind, value, OF_A_PICTURE[kind]) for kind, value in of_a_picture)]


def states(filters: Filters) -> FilterMenu:
    """The status of the edits."""
    return _menu(filters, "is", STATES, label=gettext("Status"), every=gettext("Any status"))


def sizes(filters: Filters) -> FilterMenu:
    """The size asked for."""
    choices = [(size, size.partition("x")[0]) for size in SIZES]
    return _menu(filters, "size", choices, label=gettext("Size"), every=gettext("Any size"))


def people(filters: Filters, team: Iterable[User], *, viewer: User) -> FilterMenu:
    """Whose edits."""
    named = [(fold(person.username), person.name) for person in team if person.pk != viewer.pk]
    everyone = gettext("Everyone")
    return _menu(filters, "by", [("me", gettext("You")), *named], label=everyone, every=everyone)


def dates(filters: Filters, *, today: date) -> FilterMenu:
    """Since when; other spans are typed into the two fields below."""
    since = {str(today - timedelta(days=ago)): label for label, ago in RECENT}
    every = gettext("Any date")
    menu = _menu(filters, "after", list(since.items()), label=every, every=every, clears=("after", "before"))
    span = {"since": chosen(filters, "after"), "until": chosen(filters, "before")}
    if menu.on or not any(span.values()):
        return menu
    return FilterMenu(_span_words(span) % span, True, menu.chips)


def _span_words(span: dict[str, str]) -> str:
    if all(span.values()):
        return gettext("From %(since)s, before %(until)s")
    return gettext("From %(since)s") if span["since"] else gettext("Before %(until)s")


def order(filters: Filters) -> FilterLink:
    """The other order."""
    if filters.oldest_first:
        name = gettext("Oldest first; show newest first")
        return FilterLink(gettext("Oldest first"), f"?{filters.query(sort='')}", True, name)
    name = gettext("Newest first; show oldest first")
    return FilterLink(gettext("Newest first"), f"?{filters.query(sort=OLDEST)}", False, name)


def densities(filters: Filters) -> list[FilterLink]:
    """How large the pictures are."""
    return [
        FilterLink(letter, f"?{filters.query(density=str(step))}", filters.density == step, name)
        for step, letter, name in DENSITIES
    ]


def chosen(filters: Filters, kind: str) -> str:
    """The first chosen value of a kind, blank where there is none."""
    return next((value for known, value in filters.chosen if known == kind), "")


def _toggle(filters: Filters, kind: str, value: str, label: str | Promise) -> FilterLink:
    on = filters.has(kind, value)
    other = filters.without(kind, value) if on else filters.plus(kind, value)
    return FilterLink(label, f"?{other.query()}", on)


def _menu(
    filters: Filters,
    kind: str,
    choices: Iterable[tuple[str, str | Promise]],
    *,
    label: str,
    every: str,
    clears: tuple[str, ...] = (),
) -> FilterMenu:
    """``every`` takes the choice back; ``clears`` names kinds of which nothing else may stay."""
    named = dict(choices)
    rest = reduce(Filters.without, clears, filters.without(kind, *named))
    on = [name for value, name in named.items() if filters.has(kind, value)]
    chips = [
        FilterLink(name, f"?{rest.plus(kind, value).query()}", filters.has(kind, value))
        for value, name in named.items()
    ]
    return FilterMenu(
        pgettext("between items of a list", ", ").join(map(str, on)) or label,
        bool(on),
        [FilterLink(every, f"?{rest.query()}", not on), *chips],
    )
