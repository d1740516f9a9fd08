"""Which edits a bulk action is about: those that were selected one by one, or all of a list as it was shown.

A list comes as the page carries it, and is read again: its name, the query of its address (``filter``) and the moment
at which the page was made (``shown``).  Edits that came since are not among them.
"""

from dataclasses import dataclass
from typing import get_args
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from edits.forms.gallery import Filters
from edits.forms.sources import reusable
from edits.models import User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.views import cursors
from edits.views.listing import Listing, Name

MOST_TICKED = 900
"""Fewer than the fields that Django takes in one form."""
MOST_AT_ONCE = 100_000

TOO_MANY_TICKED = format_lazy(
    _("Nothing changed. You can select at most {most} edits one by one; use “Select all” for more."),
    most=MOST_TICKED,
)
TOO_MANY = format_lazy(
    _("Nothing changed. These are more than {most} edits; narrow the list by a search or dates first."),
    most=f"{MOST_AT_ONCE:,}",
)
UNREADABLE = _("Nothing changed. Part of the search was ignored; correct it first.")


class Unselectable(Exception):
    """Nothing is done.  ``sentence`` says why; blank where no page of ours sends such a form."""

    def __init__(self, sentence: str | Promise = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True)
class Selection:
    """``ticked`` are the public ids that were sent, none for all of a list, which has ``number`` edits."""

    edits: EditRequestQuerySet
    ticked: list[UUID]
    whole_list: Name | None = None
    number: int = 0


def selection(request: HttpRequest, user: User) -> Selection:
    """What the form is about.  Raises Unselectable."""
    if request.POST.get("all"):
        return _whole_list(request.POST, user)
    ticked = list({public_id for public_id in map(_uuid, request.POST.getlist("edit")) if public_id})
    if len(ticked) > MOST_TICKED:
        raise Unselectable(TOO_MANY_TICKED)
    return Selection(reusable(user).filter(public_id__in=ticked), ticked)


def _whole_list(sent: QueryDict, user: User) -> Selection:
    name = next((name for name in get_args(Name) if name == sent.get("list")), None)
    shown = cursors.decode(sent.get("shown", ""))
    if name is None or shown is None:
        raise Unselectable
    filters = Filters.read(QueryDict(sent.get("filter", "")), of_team=name == "team")
    if filters.ignored:
        raise Unselectable(UNREADABLE)
    edits = Listing(name, user, filters).edits_until(shown)
    number = edits.order_by()[: MOST_AT_ONCE + 1].count()
    if number > MOST_AT_ONCE:
        raise Unselectable(TOO_MANY)
    return Selection(edits, [], whole_list=name, number=number)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
