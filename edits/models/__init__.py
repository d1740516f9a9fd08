"""The tables: people, uploads, edit requests, attempts, returned images, reviews, the provider's state, budgets."""

from edits.models.attempts import Attempt, Charged
from edits.models.budgets import Budget
from edits.models.comments import MOST_COMMENT_CHARS, Comment
from edits.models.edit_requests import ACTIVE, FINISHED, EditRequest, Reason, Star, Status
from edits.models.people import AuditEntry, Invitation, InvitationState, Role, User, rights
from edits.models.provider import Provider
from edits.models.returned_images import FinishReason, ReturnedImage, Verdict
from edits.models.reviews import AUTHOR_READS, Decision, EventKind, ReviewCase, ReviewEvent
from edits.models.tags import MOST_TAG_CHARS, Tag
from edits.models.uploads import Upload

__all__ = [
    "ACTIVE",
    "AUTHOR_READS",
    "FINISHED",
    "MOST_COMMENT_CHARS",
    "MOST_TAG_CHARS",
    "Attempt",
    "AuditEntry",
    "Budget",
    "Charged",
    "Comment",
    "Decision",
    "EditRequest",
    "EventKind",
    "FinishReason",
    "Invitation",
    "InvitationState",
    "Provider",
    "Reason",
    "ReturnedImage",
    "ReviewCase",
    "ReviewEvent",
    "Role",
    "Star",
    "Status",
    "Tag",
    "Upload",
    "User",
    "Verdict",
    "rights",
]
