"""Django's admin as a read-only view of every table, with filters; changes are left to the services.

Administrators see everything, reviewers the review tables.
"""

from edits.admin import api, comments_tags, edits, people, prompts, recipes, reviews, studio
from edits.admin.site import site

__all__ = ["api", "comments_tags", "edits", "people", "prompts", "recipes", "reviews", "site", "studio"]
