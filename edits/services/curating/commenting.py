"""Adds and removes comments on edits."""

from datetime import datetime

from django.db import transaction

from edits.models import Comment, EditRequest, User
from edits.services.team.auditing import record


def add_comment(*, edit: EditRequest, author: User, text: str, now: datetime) -> Comment:
    """Add a comment to an edit that the author may see; the text must be validated already."""
    return Comment.objects.create(edit=edit, author=author, text=text, created_at=now)


def may_remove(*, comment: Comment, by: User) -> bool:
    """Authors may remove their own comments, administrators any."""
    return comment.author_id == by.pk or by.is_administrator


def remove_comment(*, comment: Comment, by: User, now: datetime) -> bool:
    """Delete a comment; False if this person may not.  Idempotent.

    If an administrator removes somebody else's comment, that is audited, without the text, which may be private.
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
                now=now,
            )
    return True
