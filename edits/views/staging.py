"""Stores a form's picture before its edit, in words that pages show; and shows it to the person who uploaded it."""

import logging
from dataclasses import dataclass
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from edits.forms.edit_form import EditForm, readable_name
from edits.forms.sources import Chosen, Shape, refusal_words
from edits.http.access import signed_in
from edits.http.serving import serve
from edits.http.storage_errors import status_for, words_for
from edits.images import BadImage, CheckedImage
from edits.models import StagedUpload, User
from edits.services.pictures.staging import (
    MOST_BYTES,
    MOST_PICTURES,
    TooMuchStaged,
    copy_of_any_shape,
    stage_upload,
    use_staged,
)
from edits.views.source_card import preview_of

GIGABYTE = 2**30

log = logging.getLogger(__name__)


class NotStaged(Exception):
    """The picture could not be stored.  ``sentence`` is for the person who sent it."""

    def __init__(self, sentence: str, *, code: str, status: int) -> None:
        super().__init__(code)
        self.sentence, self.code, self.status = sentence, code, status


@dataclass(frozen=True)
class Staged:
    """A stored picture and a small version of it, as a ``data:`` URI."""

    row: StagedUpload
    preview: str

    @property
    def reference(self) -> str:
        """How a form names it."""
        return str(Chosen("upload", str(self.row.public_id)))


def stage_image(form: EditForm) -> Staged | None:
    """The picture of a form that was checked; None where it has none.  Raises NotStaged.

    One that needs a shape is stored as well, so that choosing one sends nothing again.
    """
    file, picture = form.files.get("image"), form.cleaned_data.get("image")
    if file is None or not (picture or form.offers):
        return None
    if picture:
        return stage_picture(picture, file, owner=form.owner, shape=form.cleaned_data.get("shape", ""))
    file.seek(0)
    try:
        copy = copy_of_any_shape(file.read(), spec=form.spec)
    except BadImage as error:
        raise NotStaged(refusal_words(error), code=error.code, status=422) from error
    return stage_picture(copy, file, owner=form.owner, needs_shape=True)


def stage_picture(
    picture: CheckedImage, file: UploadedFile, *, owner: User, shape: Shape = "", needs_shape: bool = False
) -> Staged:
    """A picture that was checked, with the file in which it came.  Raises NotStaged."""
    file.seek(0)
    try:
        row = stage_upload(
            owner=owner,
            picture=picture,
            data=file.read(),
            name=readable_name(str(file)),
            shape=shape,
            needs_shape=needs_shape,
            now=timezone.now(),
        )
    except TooMuchStaged as error:
        raise NotStaged(_too_much_words(), code="too_many", status=422) from error
    except OSError as error:
        log.exception("An upload could not be stored")
        raise NotStaged(words_for(error), code="storage", status=status_for(error)) from error
    return Staged(row, preview_of(picture))


def _too_much_words() -> str:
    sentence = gettext(
        "Up to %(most)s pictures or %(gigabytes)s GB can wait for their edits, and yours have reached that. "
        "Send some of them first; pictures that no edit uses are deleted after a day."
    )
    return sentence % {"most": MOST_PICTURES, "gigabytes": MOST_BYTES // GIGABYTE}


def keep_used(form: EditForm) -> int:
    """Say that the form's uploads were used.  Call it before its edit is stored, so that they cannot go meanwhile."""
    chosen = [form.cleaned_data.get("source"), *form.chosen_references()]
    ids = [choice.key for choice in chosen if isinstance(choice, Chosen) and choice.kind == "upload"]
    return use_staged(ids, owner=form.owner, now=timezone.now())


@require_safe
def staged_original(request: HttpRequest, public_id: UUID) -> HttpResponseBase:
    """The same at its full size, where that is kept."""
    mine = StagedUpload.objects.usable_by(signed_in(request)).select_related("kept")
    kept = get_object_or_404(mine, public_id=public_id).kept
    if kept is None:
        raise Http404
    return serve(request, kept.file, name=f"upload-{str(public_id)[:8]}")


@require_safe
def staged_upload(request: HttpRequest, public_id: UUID, width: int | None = None) -> HttpResponseBase:
    """A picture that was uploaded and is in no edit yet: to its owner alone."""
    mine = StagedUpload.objects.usable_by(signed_in(request))
    upload = get_object_or_404(mine, public_id=public_id).upload
    if width not in (None, 320):
        raise Http404
    file = (upload.thumb_320 or upload.file) if width else upload.file
    return serve(request, file, name=f"upload-{str(public_id)[:8]}")
