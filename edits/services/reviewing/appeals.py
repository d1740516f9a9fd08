"""Appeals: another reviewer decides one than the reviewer whose decision it is against, where there is another."""

from datetime import datetime

from edits.models import ReviewCase, User
from edits.models.reviews import ReviewCaseQuerySet


def is_against(case: ReviewCase, reviewer: User) -> bool:
    """The author appeals a decision of this reviewer, and it waits for a new one."""
    return not case.decision and case.appeal_against_id == reviewer.pk


def is_for_others(case: ReviewCase, reviewer: User) -> bool:
    """The appeal is against this reviewer, and somebody else, who is not its author, can decide it now."""
    if not is_against(case, reviewer):
        return False
    others = User.objects.active_reviewers().exclude(pk__in=[reviewer.pk, case.edit.owner_id])
    return others.exists()


def free_to_decide(case: ReviewCase, reviewer: User, *, now: datetime) -> ReviewCaseQuerySet:
    """The case, where this reviewer may decide it now; ask ``is_for_others`` first.

    An appeal that arrived after the case was read is not decided by whom it is against.
    """
    free = ReviewCase.objects.filter(pk=case.pk).free_for(reviewer, now)
    return free if is_against(case, reviewer) else free.exclude(appeal_against=reviewer)
