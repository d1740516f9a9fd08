"""Reviewing: what people do with an edit that the content filter stopped."""

from edits.services.reviewing.action_result import NO_PICTURE, OWN_DECISION, OWN_EDIT, ActionResult
from edits.services.reviewing.appeals import is_against, is_for_others
from edits.services.reviewing.asking import answer_question, appeal, ask_author, ask_for_review, mark_as_read
from edits.services.reviewing.claiming import Claim, claim_case, give_back, holder
from edits.services.reviewing.deciding import dismiss, keep_hidden, release, undo_decision
from edits.services.reviewing.open_case import open_case
from edits.services.reviewing.revealing import (
    FULL,
    VEILED,
    Shown,
    Which,
    is_picture,
    look,
    reveal,
    seen_words,
)

__all__ = [
    "FULL",
    "NO_PICTURE",
    "OWN_DECISION",
    "OWN_EDIT",
    "VEILED",
    "ActionResult",
    "Claim",
    "Shown",
    "Which",
    "answer_question",
    "appeal",
    "ask_author",
    "ask_for_review",
    "claim_case",
    "dismiss",
    "give_back",
    "holder",
    "is_against",
    "is_for_others",
    "is_picture",
    "keep_hidden",
    "look",
    "mark_as_read",
    "open_case",
    "release",
    "reveal",
    "seen_words",
    "undo_decision",
]
