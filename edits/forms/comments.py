"""What somebody may say about an edit."""

from django import forms

from edits.forms.fields import PromptField
from edits.models import MOST_COMMENT_CHARS


class CommentForm(forms.Form):
    """A comment: trimmed, not blank, and at most as long as the database keeps it."""

    text = PromptField(max_chars=MOST_COMMENT_CHARS, name="comment", blank="Write a comment first.")
