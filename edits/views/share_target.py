"""Takes what a phone shares with the installed app: pictures go to the studio, a text becomes its prompt.

The share sheet posts without a token of ours, so this view asks for none.  That is safe: the browser must say that no
page of another site sent the form, and all that comes of it are pictures that wait in the person's own studio.
"""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from edits.forms.edit_form import EditForm
from edits.http.storage_errors import words_for
from edits.http.upload_errors import failure_of
from edits.models import User
from edits.models.batches import MOST_EDITS
from edits.views.prefill import SHARED
from edits.views.staging import NotStaged, stage_image
from edits.views.studio_batch import left_out_words, say_left_out, too_many_words

MOST_CHARS = 2000
MOST_CHARS_IN_ADDRESS = 300
"""So that the address of the sign-in page stays within what servers take."""
FROM_ELSEWHERE = ("cross-site", "same-site")


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def share_target(request: HttpRequest) -> HttpResponse:
    """To the studio with the shared pictures and text; strangers sign in first."""
    if request.headers.get("Sec-Fetch-Site") in FROM_ELSEWHERE and request.method == "POST":
        raise PermissionDenied
    text = _text(request)
    if not isinstance(request.user, User):
        return _to_sign_in(request, text)
    request.session[SHARED] = {"pictures": _staged(request, request.user), "prompt": text}
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


def _staged(request: HttpRequest, user: User) -> list[str]:
    """The references of the pictures, each once; a message says why one cannot be used."""
    if lost := failure_of(request):
        messages.error(request, words_for(lost))
        return []
    files = request.FILES.getlist("image")
    found: list[str] = []
    refused: list[str] = []
    for file in files[:MOST_EDITS]:
        try:
            found.append(_stage(file, user))
        except NotStaged as error:
            refused.append(error.sentence if len(files) == 1 else left_out_words(file, error.sentence))
    refused += [left_out_words(file, too_many_words()) for file in files[MOST_EDITS:]]
    if len(files) == 1 and refused:
        messages.error(request, refused[0])
    else:
        say_left_out(request, refused)
    return list(dict.fromkeys(found))


def _stage(file: UploadedFile, user: User) -> str:
    """Store one of them; returns its reference.  Raises NotStaged."""
    form = EditForm({}, MultiValueDict({"image": [file]}), owner=user)
    form.full_clean()
    staged = None
    if not form.errors.get("image") or form.offers:
        staged = stage_image(form)
    if staged is None:
        raise NotStaged(str(form.errors["image"][0]), code="refused", status=422)
    return staged.reference
