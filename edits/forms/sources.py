"""Pictures that need no upload: the source or result of an earlier edit, or a sample that ships with Retake."""

import uuid
from dataclasses import dataclass
from typing import Literal

from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.db.models import Q

from edits.images import BadImage, CheckedImage, check_image
from edits.model_specs import ModelSpec
from edits.models import EditRequest, User
from edits.models.edit_requests import EditRequestQuerySet
from edits.services.pictures.storing import picture_bytes
from edits.services.queue.sources import Source

SAMPLES = ("cat", "coffee", "rocket")
GONE = "That picture is not there any more. Choose another one."
UNREADABLE = "That picture cannot be read now. Choose another one."
EDITED = " · edited"


@dataclass(frozen=True)
class Chosen:
    """A picture by reference, written as ``source:<edit>``, ``result:<edit>`` or ``sample:<name>``."""

    kind: Literal["source", "result", "sample"]
    key: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}"


def read_choice(text: str) -> Chosen | None:
    """The reference that a form or an address carries; None when there is none.  Raises ValidationError."""
    kind, _, key = text.strip().partition(":")
    if not kind:
        return None
    if kind == "sample" and key in SAMPLES:
        return Chosen("sample", key)
    if kind in ("source", "result"):
        try:
            return Chosen("source" if kind == "source" else "result", str(uuid.UUID(key)))
        except ValueError:
            pass
    raise ValidationError(GONE, code="gone")


def reusable(owner: User) -> EditRequestQuerySet:
    """Edits of which this person may use something: their own (trashed ones too) and shared ones.

    Administrators get no more here: whatever they start from becomes a picture of their own.
    """
    return EditRequest.objects.select_related("upload", "result", "parent").filter(
        pk__in=(EditRequest.objects.of(owner) | EditRequest.objects.shared()).values("pk")
    )


def repeatable(owner: User) -> EditRequestQuerySet:
    """Own edits, and shared ones whose source is shared too: it becomes the source of one's own."""
    return reusable(owner).filter(Q(owner=owner) | Q(source_is_shared=True))


def edit_behind(choice: Chosen, *, owner: User) -> EditRequest:
    """The edit whose source or result was chosen.  Raises ValidationError when it may not be used."""
    edit = reusable(owner).filter(public_id=choice.key).first()
    if edit is None or not _may_use(choice, edit=edit, owner=owner):
        raise ValidationError(GONE, code="gone")
    return edit


def _may_use(choice: Chosen, *, edit: EditRequest, owner: User) -> bool:
    if choice.kind == "source":
        return edit.owner_id == owner.pk or edit.source_is_shared
    result = getattr(edit, "result", None)
    return bool(edit.is_done and result and not result.withheld)


def source_of(choice: Chosen, *, owner: User, spec: ModelSpec) -> Source:
    """The picture to send.  Raises ValidationError when it may not be used or cannot be read."""
    if choice.kind == "sample":
        return Source.of_upload(_sample(choice.key, spec=spec), name=f"{choice.key}.jpg")
    edit = edit_behind(choice, owner=owner)
    if choice.kind == "source":
        return _fitted(Source.of_edit(edit), spec=spec)
    try:
        picture = check_image(picture_bytes(edit.result.file), spec=spec)
    except (BadImage, OSError) as error:
        raise ValidationError(UNREADABLE, code="unreadable") from error
    return Source.of_upload(picture, name=name_of_result(edit, owner=owner), parent=edit)


def _fitted(source: Source, *, spec: ModelSpec) -> Source:
    try:
        return source.fitted(spec)
    except BadImage as error:
        raise ValidationError(error.sentence, code=error.code) from error
    except OSError as error:
        raise ValidationError(UNREADABLE, code="unreadable") from error


def name_of_result(edit: EditRequest, *, owner: User) -> str:
    """What a result is called when it becomes a source: said once, however long the chain is.

    The source's own name goes only to those who may see the source.
    """
    if not edit.source_is_open_to(owner):
        return f"picture{EDITED}"
    return edit.source_name if edit.source_name.endswith(EDITED) else f"{edit.source_name}{EDITED}"


def _sample(name: str, *, spec: ModelSpec) -> CheckedImage:
    path = finders.find(f"samples/{name}.jpg")
    if not path:
        raise ValidationError(GONE, code="gone")
    with open(path, "rb") as stream:
        return check_image(stream.read(), spec=spec)
