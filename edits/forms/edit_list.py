"""What the address of the API's list of edits asks for: which edits, from where on, how many.

``?status=succeeded,failed&created_after=1790000000&q=red+cat&limit=50&after=<edit id>``

Two values of status widen, different filters narrow.  Whatever cannot be read is refused; names that are not known
are left alone.
"""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q

from edits.forms import search_needles
from edits.forms.fields import ExactInteger, shortened
from edits.forms.gallery import MAX_CHARS, MAX_VALUES
from edits.forms.rare_edits import named_by, shared, starred_by, with_status
from edits.models import EditRequest, Star, Status, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.models.searching import OF_TEAM, Search, of_owner

MOST_EDITS = 100
DEFAULT_EDITS = 20
LAST_SECOND = 2**33 - 1  # in the year 2242
YES_OR_NO = {"true": True, "1": True, "false": False, "0": False}


class Choice(forms.Field):
    """One of a few words, the first where it is left open."""

    def __init__(self, choices: dict[str, Any], *, name: str) -> None:
        super().__init__(required=False)
        self.choices, self.name = choices, name

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip().lower() or next(iter(self.choices))
        if text not in self.choices:
            known = ", ".join(filter(None, self.choices))
            raise ValidationError(f"{self.name} can be {known}, not {shortened(text)}.", code="invalid")
        return self.choices[text]


class EditId(forms.UUIDField):
    """The id of an edit."""

    default_error_messages = {"invalid": "This is not the id of an edit."}

    def __init__(self) -> None:
        super().__init__(required=False)


class Moment(ExactInteger):
    """A moment in seconds since 1970."""

    def __init__(self, *, name: str) -> None:
        super().__init__(least=0, most=LAST_SECOND, name=name)

    def clean(self, value: Any) -> Any:
        seconds = super().clean(value)
        return None if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)


class EditListForm(forms.Form):
    """Valid, it narrows lists of edits.  ``scope`` says whose: one's own, or what the team shares."""

    scope = Choice({"mine": "mine", "team": "team"}, name="scope")
    order = Choice({"desc": "desc", "asc": "asc"}, name="order")
    limit = ExactInteger(least=1, most=MOST_EDITS, default=DEFAULT_EDITS, name="The limit")
    after = EditId()
    before = EditId()
    status = forms.Field(required=False)
    created_after = Moment(name="created_after")
    created_before = Moment(name="created_before")
    q = forms.CharField(required=False, max_length=MAX_CHARS)
    source_edit = EditId()
    rerun_of = EditId()
    starred = Choice({"": None} | YES_OR_NO, name="starred")
    shared = Choice({"": None} | YES_OR_NO, name="shared")

    def clean_status(self) -> tuple[str, ...]:
        """Given several times, with commas between, or as ``status[]``, as some clients write lists."""
        given = [self.data.getlist(name) for name in ("status", "status[]")]  # type: ignore[attr-defined]
        words = [word.strip() for values in given for value in values for word in value.split(",")]
        statuses = tuple(dict.fromkeys(filter(None, words)))
        for word in statuses:
            if word not in Status.values:
                known = ", ".join(Status.values)
                raise ValidationError(f"A status can be {known}, not {shortened(word)}.", code="invalid")
        return statuses

    def clean_q(self) -> tuple[str, ...]:
        words = tuple(str(self.cleaned_data["q"]).split())
        if len(words) > MAX_VALUES:
            raise ValidationError(f"At most {MAX_VALUES} words can be searched for.", code="invalid")
        return words

    def clean_before(self) -> Any:
        if self.cleaned_data["before"] and self.cleaned_data.get("after"):
            raise ValidationError("Either after or before, not both.", code="invalid")
        return self.cleaned_data["before"]

    def narrow(self, edits: EditRequestQuerySet, *, viewer: User) -> EditRequestQuerySet:
        """Those that are asked for of a list in its order, of which the first are wanted."""
        whole_list = edits
        asked, of_team = self.cleaned_data, self.cleaned_data["scope"] == "team"
        for rule in self._columns(viewer, within=edits):
            edits = edits.filter(rule)
        visible = EditRequest.objects.of(viewer) | EditRequest.objects.shared()
        for name, column in {"source_edit": "parent", "rerun_of": "rerun_of"}.items():
            if asked[name]:  # what may not be seen is not confirmed either
                found = list(visible.filter(public_id=asked[name]).order_by().values_list("pk", flat=True))
                edits = edits.filter(named_by(EditRequest.objects.filter((f"{column}__in", found)), "pk"))
        if not asked["q"]:
            return edits
        needles = search_needles.of_words(asked["q"], of_team=of_team)
        search = Search(tuple(needles), OF_TEAM if of_team else of_owner(viewer))
        return edits.filter(search.nearest(edits, of_list=whole_list, count=asked["limit"] + 1))

    def _columns(self, viewer: User, *, within: EditRequestQuerySet) -> list[Q]:
        asked = self.cleaned_data
        moments = {"created_at__gte": asked["created_after"], "created_at__lt": asked["created_before"]}
        rules = [Q((lookup, value)) for lookup, value in moments.items() if value is not None]
        if asked["status"]:
            rules.append(with_status(asked["status"], within=within))
        if asked["shared"] is not None:
            rules.append(shared(within=within) if asked["shared"] else Q(shared_at__isnull=True))
        if asked["starred"] is not None:
            star = Exists(Star.objects.filter(edit=OuterRef("pk"), user=viewer))
            rules.append(starred_by(viewer) if asked["starred"] else Q(~star))
        return rules
