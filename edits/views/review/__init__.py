"""The review pages: the queue, a case, its pictures, decisions, and what the author can say."""

from edits.views.review.authors import answer_question, appeal, ask_for_review
from edits.views.review.deciding import decide, undo
from edits.views.review.pages import case_page, claim, queue
from edits.views.review.revealing import picture, reveal

__all__ = [
    "answer_question",
    "appeal",
    "ask_for_review",
    "case_page",
    "claim",
    "decide",
    "picture",
    "queue",
    "reveal",
    "undo",
]
