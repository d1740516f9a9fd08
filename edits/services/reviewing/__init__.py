"""Reviewing: what people do with an edit that the content filter stopped."""

from edits.services.reviewing.asking import answer_question, appeal, ask_author, ask_for_review, note_told
from edits.services.reviewing.claiming import Claim, claim_case
from edits.services.reviewing.deciding import dismiss, keep_hidden, release, undo_decision
from edits.services.reviewing.opening import open_case
from edits.services.reviewing.outcomes import NO_PICTURE, Outcome
from edits.services.reviewing.revealing import FULL, VEILED, Shown, Which, is_picture, reveal

__all__ = [
    "FULL",
    "NO_PICTURE",
    "VEILED",
    "Claim",
    "Outcome",
    "Shown",
    "Which",
    "answer_question",
    "appeal",
    "ask_author",
    "ask_for_review",
    "claim_case",
    "dismiss",
    "is_picture",
    "keep_hidden",
    "note_told",
    "open_case",
    "release",
    "reveal",
    "undo_decision",
]
