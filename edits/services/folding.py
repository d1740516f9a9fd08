"""Folds the rows that an earlier version still saves during an upgrade; a migration folded the earlier ones."""

from edits.models import EditRequest, Tag, User
from edits.models.folded import fold_people, fold_rows


def fold_new_rows() -> None:
    """Make new rows searchable.  Only reads if all rows are folded."""
    fold_people(User)
    fold_rows(Tag)
    fold_rows(EditRequest)
