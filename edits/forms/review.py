"""What a reviewer decides, and what an author writes about a stopped edit."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from edits.models import AUTHOR_READS, Decision, ReviewCase
from edits.services.reviewing import NO_PICTURE

ASKED = "asked"
MAX_WORDS = ReviewCase._meta.get_field("reason").max_length or 0


@dataclass(frozen=True)
class Option:
    """One thing to do with a case: its name, what follows for the author, the button, and what the author reads."""

    value: str
    name: str
    follows: str
    button: str
    reads: str
    label: str = "Reason"
    needs_words: str = ""


OPTIONS = (
    Option(
        Decision.RELEASED.value,
        "Release to the author",
        "{author} sees the picture; it stays private",
        "Release",
        AUTHOR_READS[Decision.RELEASED],
        needs_words="Say why, or choose a reason: the author reads it.",
    ),
    Option(
        Decision.KEPT_HIDDEN.value,
        "Keep hidden",
        "{author} reads your reason",
        "Keep hidden",
        AUTHOR_READS[Decision.KEPT_HIDDEN],
        needs_words="Say why, or choose a reason: the author reads it.",
    ),
    Option(
        Decision.DISMISSED.value,
        "Dismiss",
        "Closed without a word",
        "Dismiss",
        AUTHOR_READS[Decision.DISMISSED],
        label="Note for the timeline",
    ),
    Option(
        ASKED,
        "Ask the author",
        "The case waits for an answer",
        "Ask",
        "A reviewer asks:",
        label="Question",
        needs_words="Write your question.",
    ),
)


@dataclass(frozen=True)
class Canned:
    """A reason that is often the same, and the decision that it belongs to."""

    value: str
    name: str
    text: str
    decision: str


CANNED = (
    Canned("false_alarm", "False alarm", "Nothing objectionable in it.", Decision.RELEASED.value),
    Canned("medical", "Medical", "It shows a medical subject, which is fine here.", Decision.RELEASED.value),
    Canned("art", "Art", "It shows a work of art, which is fine here.", Decision.RELEASED.value),
    Canned("nudity", "Nudity", "It shows nudity or sexual content.", Decision.KEPT_HIDDEN.value),
    Canned("violence", "Violence", "It shows violence or injury.", Decision.KEPT_HIDDEN.value),
    Canned(
        "person", "Real person", "It shows a real person as they may not want.", Decision.KEPT_HIDDEN.value
    ),
    Canned("consent", "Consent", "Who is in the picture, and have they agreed to it?", ASKED),
    Canned("purpose", "Purpose", "What will the picture be used for?", ASKED),
)


def options_for(author: str) -> list[Option]:
    """The options with the author's name in what follows."""
    return [replace(option, follows=option.follows.format(author=author)) for option in OPTIONS]


_OPTIONS = {option.value: option for option in OPTIONS}
_CANNED = {canned.value: canned for canned in CANNED}


class WordsField(forms.CharField):
    """A few sentences, at most as long as the database keeps them, counted with one character per line end."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 3, "dir": "auto"}))
        super().__init__(max_length=MAX_WORDS, **kwargs)
        self.error_messages["max_length"] = f"At most {MAX_WORDS} characters; these are %(show_value)d."

    def to_python(self, value: Any) -> str:
        """Browsers send line ends as two characters, but count them as one."""
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


class DecisionForm(forms.Form):
    """What to do with a case, and the words for it: typed, or a canned reason where nothing is typed."""

    decision = forms.ChoiceField(
        choices=[(option.value, option.name) for option in OPTIONS],
        error_messages={"required": "Choose what to do.", "invalid_choice": "Choose one of these."},
    )
    canned = forms.ChoiceField(
        choices=[(canned.value, canned.name) for canned in CANNED],
        required=False,
        error_messages={"invalid_choice": "Choose one of these reasons, or write your own."},
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
        data["words"] = data["reason"] or (canned.text if canned and fits else "")
        if option.needs_words and not data["words"]:
            self.add_error("reason", option.needs_words)
        return data


class AuthorWordsForm(forms.Form):
    """What an author writes to the reviewers."""

    words = WordsField()

    def __init__(self, *args: Any, required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].required = required
        self.fields["words"].error_messages["required"] = "Write a sentence first."
