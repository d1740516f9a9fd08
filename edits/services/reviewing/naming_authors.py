"""Names the authors of review cases that the previous version still opens during an upgrade."""

from edits.models import EditRequest, ReviewCase
from edits.models.case_authors import name_authors


def name_new_authors() -> None:
    """Name them.  Only reads if all have one."""
    name_authors(ReviewCase, EditRequest)
