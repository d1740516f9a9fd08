"""One edit with all that is known of it: the picture or its status, recipe, receipt, lineage, attempts."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from edits.forms.comments import CommentForm
from edits.forms.gallery import Filters
from edits.http.access import signed_in
from edits.http.shown_pictures import MEDIUM_PX, face_address
from edits.models import Comment, EditRequest, RecipeRun, Status, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.queue.positions import queue_positions
from edits.services.reviewing import mark_as_read
from edits.services.team.auditing import record
from edits.views.attempt_history import attempt_history
from edits.views.call_receipt import model_changed_words, receipt_of
from edits.views.info_panel import extras_in_words, receipt_in_words, seed_in_words, took_in_words
from edits.views.lineage import lineage_of, may_open, reruns_of
from edits.views.listing import Listing, Name

LIST_NAMES = {"history": _("History"), "team": _("Team"), "trash": _("Trash")}


@gzip_page
@require_safe
def viewer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The page of an edit.  Reviewers are led from a stopped one to its case; what one may not see is 404."""
    user = signed_in(request)
    edit = for_page(user).filter(public_id=public_id).first()
    if edit is None:
        return _lead_to_case(user, public_id)
    if edit.is_private_to(user):
        record(
            actor=user,
            action="looked at an edit",
            subject=str(public_id),
            detail=f"of {edit.owner.username}",
            now=timezone.now(),
        )
    return page_of(edit, request)


def for_page(user: User) -> EditRequestQuerySet:
    """The edits that this person may open, with all that the page says of one."""
    visible = EditRequest.objects.visible_to(user).with_cards(user)
    return visible.select_related(
        "parent", "rerun_of__owner", "batch", "original", "merged__paint"
    ).prefetch_related("attempts")


def page_of(
    edit: EditRequest, request: HttpRequest, *, comment_form: CommentForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of an edit from ``for_page``; ``comment_form`` is a comment that was refused."""
    user = signed_in(request)
    context = _edit_context(edit, user) | _neighbors_context(request, edit, user)
    context["first_source"] = context["source_of_all"] if request.GET.get("before") == "first" else None
    context |= _layer_context(request, context)
    context["parent"] = context["lineage"].parent
    context |= {"comments": _comments_on(edit), "comment_form": comment_form or CommentForm()}
    if context["case"] and context["case"].has_news:
        mark_as_read(case=context["case"], author=user, now=timezone.now())
    response = render(request, "viewer/viewer.html", context, status=status)
    patch_cache_control(response, private=True, no_cache=True)  # a page that is gone must not be shown again
    return response


def _layer_context(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Which version of the picture is shown, and the address to which the choice of another one is added."""
    layer = "answer" if context["first_source"] else request.GET.get("layer", "")
    return {"layer": layer, "layer_page": f"{context['next']}{'&' if '?' in context['next'] else '?'}"}


def may_comment(edit: EditRequest, user: User) -> bool:
    """Under finished edits of one's own, and shared ones: a private one stays private, to administrators too."""
    return edit.is_done and not edit.trashed_at and not edit.is_private_to(user)


def _comments_on(edit: EditRequest) -> list[Comment]:
    """All of them, the oldest first; none where there is no picture to speak of."""
    return list(edit.comments.select_related("author")) if edit.is_done else []


def _lead_to_case(user: User, public_id: UUID) -> HttpResponse:
    stopped = EditRequest.objects.not_trashed().filter(public_id=public_id, status=Status.FILTERED)
    if not (user.is_reviewer and stopped.exists()):
        raise Http404
    return redirect("edits:review_case", public_id)


def _edit_context(edit: EditRequest, user: User) -> dict[str, Any]:
    mine = edit.owner_id == user.pk
    lineage = lineage_of(edit, viewer=user)
    return {
        "edit": edit,
        "viewer": user,
        "mine": mine,
        "sees_attempts": mine or user.is_administrator,
        "may_repeat": mine or (edit.source_is_shared and not edit.is_private_to(user)),
        "may_reuse": not edit.is_private_to(user),
        "may_unshare": edit.shared_at is not None and (mine or user.is_reviewer),
        "may_comment": may_comment(edit, user),
        "may_trash": mine or user.is_administrator,
        "place": queue_positions([edit]).get(edit.pk),
        "case": getattr(edit, "review", None) if mine else None,
        "vanishes_at": edit.trashed_at + timedelta(days=settings.TRASH_DAYS) if edit.trashed_at else None,
        "seed_words": seed_in_words(edit),
        "extras": extras_in_words(edit),
        "receipt_words": receipt_in_words(edit),
        "changed_words": model_changed_words(edit),
        "receipt": receipt_of(edit, viewer=user),
        "references": list(edit.references.select_related("upload")) if edit.source_is_open_to(user) else [],
        "repeats": edit.rerun_of if may_open(edit.rerun_of, viewer=user) else None,
        "reruns": reruns_of(edit, viewer=user),
        "took": took_in_words(edit),
        "attempts": attempt_history(edit) if mine or user.is_administrator else [],
        "run": RecipeRun.objects.of(user).filter(rows__edit=edit).first() if mine else None,
        "lineage": lineage,
        "source_of_all": lineage.first_source,
        "root": lineage.oldest(edit),
    }


def _neighbors_context(request: HttpRequest, edit: EditRequest, user: User) -> dict[str, Any]:
    """What ←/→ lead to, and the list to go back to: the team's when one came from there."""
    if edit.is_private_to(user):
        return _owners_list(edit)
    from_team = request.GET.get("from") == "team" or edit.owner_id != user.pk
    trashed = edit.trashed_at is not None and edit.owner_id == user.pk
    name: Name = "trash" if trashed else "team" if from_team else "history"
    filters = Filters.read(request.GET, of_team=name == "team")
    listing = Listing(name, user, filters if name != "trash" else Filters())
    before, after = listing.neighbors(edit)
    query = listing.filters.query()
    keep = "&".join(filter(None, ["from=team" if name == "team" else "", query]))
    here = f"{reverse('edits:viewer', args=[edit.public_id])}{'?' if keep else ''}{keep}"
    return {
        "before": _edge(before, keep),
        "after": _edge(after, keep),
        "list_name": LIST_NAMES[name],
        "list_url": f"{reverse(f'edits:{name}')}{'?' if query else ''}{query}",
        "next": here,
        "keep": keep,
    }


def _owners_list(edit: EditRequest) -> dict[str, Any]:
    """For an administrator at somebody's private edit: it is in no gallery of theirs, and has no neighbors there."""
    address = reverse("admin:edits_editrequest_changelist", query={"owner__id__exact": edit.owner_id})
    return {
        "is_on_record": True,
        "before": {},
        "after": {},
        "list_name": gettext("%(name)s’s edits") % {"name": edit.owner.name},
        "list_url": address,
        "next": reverse("edits:viewer", args=[edit.public_id]),
        "keep": "",
    }


def _edge(edit: EditRequest | None, keep: str) -> dict[str, str]:
    """Where an arrow leads and which picture will be there, to be fetched in advance."""
    if edit is None:
        return {}
    picture = face_address(edit, MEDIUM_PX) if edit.is_done else ""
    return {
        "url": f"{reverse('edits:viewer', args=[edit.public_id])}{'?' if keep else ''}{keep}",
        "picture": picture,
        "done": str(edit.public_id) if edit.is_done else "",
    }
