"""Adds comments to edits and takes them back."""

from datetime import datetime

from django.db import transaction

from edits.models import Comment, EditRequest, User
from edits.services.team.auditing import record


def add_comment(*, edit: EditRequest, author: User, text: str, now: datetime) -> Comment:
    """Put a comment under an edit that the author may see; the text is checked already."""
    return Comment.objects.create(edit=edit, author=author, text=text, created_at=now)


def may_remove(*, comment: Comment, by: User) -> bool:
    """Everybody their own; administrators anybody's."""
    return comment.author_id == by.pk or by.is_administrator


def remove_comment(*, comment: Comment, by: User) -> bool:
    """Delete a comment; False when it is not this person's to remove.  Doing it twice changes nothing.

    That an administrator removed somebody else's is written down, without the words: they may be private.
    """
    if not may_remove(comment=comment, by=by):
        return False
    with transaction.atomic():
        removed, _ = Comment.objects.filter(pk=comment.pk).delete()
        if removed and comment.author_id != by.pk:
            record(
                actor=by,
                action="removed a comment",
                subject=str(comment.edit.public_id),
                detail=f"of {comment.author.username}",
            )
    return True
