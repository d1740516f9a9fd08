"""Django's admin as a window on every table: to look and to filter; changing is left to the services.

Administrators see all, reviewers the review tables.
"""

from edits.admin import api, edits, marks, people, reviews
from edits.admin.sites import site

__all__ = ["api", "edits", "marks", "people", "reviews", "site"]
