"""The form of a comment on an edit."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from edits.forms.fields import PromptField
from edits.models import MOST_COMMENT_CHARS


class CommentForm(forms.Form):
    """A comment: trimmed, not blank, and at most as long as the database keeps it."""

    text = PromptField(
        max_chars=MOST_COMMENT_CHARS,
        name=pgettext_lazy("inside a sentence", "comment"),
        blank=_("Enter a comment."),
    )
