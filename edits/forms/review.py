"""What a reviewer decides, and what an author writes about a stopped edit."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from edits.models import AUTHOR_READS, Decision, ReviewCase
from edits.services.reviewing import NO_PICTURE

ASKED = "asked"
Words = str | Promise
REASON = _("Reason")
MAX_WORDS = ReviewCase._meta.get_field("reason").max_length or 0


@dataclass(frozen=True)
class Option:
    """One thing to do with a case: its name, what follows for the author, the button, and what the author reads."""

    value: str
    name: Words
    follows: Words
    button: Words
    reads: Words
    label: Words = REASON
    needs_words: Words = ""


OPTIONS = (
    Option(
        Decision.RELEASED.value,
        _("Release to the author"),
        _("{author} sees the picture; it stays private"),
        pgettext_lazy("button", "Release"),
        AUTHOR_READS[Decision.RELEASED],
        needs_words=_("Write or choose a reason. The author reads it."),
    ),
    Option(
        Decision.KEPT_HIDDEN.value,
        _("Keep hidden"),
        _("{author} reads your reason"),
        _("Keep hidden"),
        AUTHOR_READS[Decision.KEPT_HIDDEN],
        needs_words=_("Write or choose a reason. The author reads it."),
    ),
    Option(
        Decision.DISMISSED.value,
        pgettext_lazy("button", "Dismiss"),
        _("Closed without a message"),
        pgettext_lazy("button", "Dismiss"),
        AUTHOR_READS[Decision.DISMISSED],
        label=_("Note for the timeline"),
    ),
    Option(
        ASKED,
        _("Ask the author"),
        _("The case waits for an answer"),
        pgettext_lazy("button", "Ask"),
        _("A reviewer asks:"),
        label=_("Question"),
        needs_words=_("Write your question."),
    ),
)


@dataclass(frozen=True)
class Canned:
    """A reason that is often the same, and the decision that it belongs to."""

    value: str
    name: Words
    text: Words
    decision: str


CANNED = (
    Canned(
        "false_alarm",
        pgettext_lazy("reason", "False alarm"),
        _("Nothing objectionable in it."),
        Decision.RELEASED.value,
    ),
    Canned(
        "medical",
        pgettext_lazy("reason", "Medical"),
        _("It shows a medical subject, which is fine here."),
        Decision.RELEASED.value,
    ),
    Canned(
        "art",
        pgettext_lazy("reason", "Art"),
        _("It shows a work of art, which is fine here."),
        Decision.RELEASED.value,
    ),
    Canned(
        "nudity",
        pgettext_lazy("reason", "Nudity"),
        _("It shows nudity or sexual content."),
        Decision.KEPT_HIDDEN.value,
    ),
    Canned(
        "violence",
        pgettext_lazy("reason", "Violence"),
        _("It shows violence or injury."),
        Decision.KEPT_HIDDEN.value,
    ),
    Canned(
        "person",
        pgettext_lazy("reason", "Real person"),
        _("It shows a real person in a way they may not want."),
        Decision.KEPT_HIDDEN.value,
    ),
    Canned(
        "consent",
        pgettext_lazy("reason", "Consent"),
        _("Who is in the picture, and have they agreed to it?"),
        ASKED,
    ),
    Canned("purpose", pgettext_lazy("reason", "Purpose"), _("What will the picture be used for?"), ASKED),
)


def options_for(author: str) -> list[Option]:
    """The options with the author's name in what follows."""
    return [replace(option, follows=str(option.follows).format(author=author)) for option in OPTIONS]


_OPTIONS = {option.value: option for option in OPTIONS}
_CANNED = {canned.value: canned for canned in CANNED}


class WordsField(forms.CharField):
    """A few sentences, at most as long as the database keeps them, counted with one character per line end."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3, "dir": "auto"}))
        super().__init__(max_length=MAX_WORDS, **kwargs)
        self.error_messages["max_length"] = _("At most %(limit_value)d characters; this has %(show_value)d.")

    def to_python(self, value: Any) -> str:
        """Browsers send line ends as two characters, but count them as one."""
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class DecisionForm(forms.Form):
    """What to do with a case, and the words for it: typed, or a canned reason where nothing is typed."""

    decision = forms.ChoiceField(
        choices=[(option.value, option.name) for option in OPTIONS],
        error_messages={"required": _("Choose what to do."), "invalid_choice": _("Choose one of these.")},
    )
    canned = forms.ChoiceField(
        choices=[(canned.value, canned.name) for canned in CANNED],
        required=False,
        error_messages={"invalid_choice": _("Choose one of these reasons, or write your own.")},
    )
    reason = WordsField(required=False)

    def __init__(self, *args: Any, has_picture: bool, **kwargs: Any) -> None:
        self.has_picture = has_picture
        super().__init__(*args, **kwargs)

    def clean_decision(self) -> str:
        """What was never made cannot be released."""
        decision: str = self.cleaned_data["decision"]
        if decision == Decision.RELEASED and not self.has_picture:
            raise ValidationError(NO_PICTURE)
        return decision

    def clean(self) -> dict[str, Any]:
        """The words, as ``words``: there have to be some where the author is to read them."""
        data = self.cleaned_data
        if "decision" not in data or "reason" not in data:
            return data
        option = _OPTIONS[data["decision"]]
        canned = _CANNED.get(data.get("canned", ""))
        # A ready-made reason of another decision was chosen before the mind changed: it counts as none.
        fits = canned is not None and canned.decision == option.value
        data["words"] = data["reason"] or (str(canned.text) if canned and fits else "")
        if option.needs_words and not data["words"]:
            self.add_error("reason", str(option.needs_words))
        return data


class AuthorWordsForm(forms.Form):
    """What an author writes to the reviewers."""

    words = WordsField()

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].required = required
        self.fields["words"].error_messages["required"] = _("Write a sentence first.")
