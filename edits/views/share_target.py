"""Takes what a phone shares with the installed app: a picture becomes the studio's source, a text its prompt.

The share sheet posts without a token of ours, so this view asks for none.  That is safe: the browser must say that no
page of another site sent the form, and all that comes of it is a picture that waits in the person's own studio.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from edits.forms.edit_form import EditForm
from edits.http.storage_errors import words_for
from edits.http.upload_errors import failure_of
from edits.models import User
from edits.views.prefill import SHARED
from edits.views.staging import NotStaged, stage_image

MOST_CHARS = 2000
MOST_CHARS_IN_ADDRESS = 300
"""So that the address of the sign-in page stays within what servers take."""
FROM_ELSEWHERE = ("cross-site", "same-site")


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def share_target(request: HttpRequest) -> HttpResponse:
    """To the studio with the shared picture and text; strangers sign in first."""
    if request.headers.get("Sec-Fetch-Site") in FROM_ELSEWHERE and request.method == "POST":
        raise PermissionDenied
    text = _text(request)
    if not isinstance(request.user, User):
        return _to_sign_in(request, text)
    request.session[SHARED] = {"source": _staged(request, request.user), "prompt": text}
    return redirect(f"{reverse('edits:studio')}?shared=1")


def _text(request: HttpRequest) -> str:
    given = request.POST or request.GET
    return (given.get("text", "").strip() or given.get("title", "").strip())[:MOST_CHARS]


def _to_sign_in(request: HttpRequest, text: str) -> HttpResponse:
    """The text comes along.  Pictures of strangers are not stored."""
    if request.FILES:
        messages.info(request, gettext("Sign in, then share the picture again."))
    kept = urlencode({"text": text[:MOST_CHARS_IN_ADDRESS]} if text else {})
    back = f"{reverse('edits:share_target')}?{kept}" if kept else reverse("edits:studio")
    return redirect(f"{reverse('account_login')}?{urlencode({'next': back})}")


def _staged(request: HttpRequest, user: User) -> str:
    """The reference of the picture; blank without one that can be used, which a message then says."""
    if lost := failure_of(request):
        messages.error(request, words_for(lost))
        return ""
    files = request.FILES.getlist("image")
    if not files:
        return ""
    form = EditForm({}, MultiValueDict({"image": files[:1]}), owner=user)
    form.full_clean()
    if form.errors.get("image") and not form.offers:
        messages.error(request, str(form.errors["image"][0]))
        return ""
    try:
        staged = stage_image(form)
    except NotStaged as error:
        messages.error(request, error.sentence)
        return ""
    _say_left_out(request, len(files) - 1)
    return staged.reference if staged else ""


def _say_left_out(request: HttpRequest, number: int) -> None:
    if number:
        words = ngettext(
            "One picture at a time: %(number)s was left out.",
            "One picture at a time: %(number)s were left out.",
            number,
        )
        messages.info(request, words % {"number": number})
