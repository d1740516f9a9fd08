"""Pictures by reference: an upload, the source, result or reference of an earlier edit, or a sample."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from django.contrib.staticfiles import finders
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.images import BadImage, CheckedImage, Offer, check_image
from edits.model_specs import MOST_PICTURES, ModelSpec
from edits.models import ApiKey, EditReference, EditRequest, StagedUpload, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.api.api_keys import open_to
from edits.services.pictures.storing import picture_bytes
from edits.services.queue.sources import Source, edited_name, merged_of

SAMPLES = ("cat", "coffee", "rocket")
GONE = _("That picture no longer exists. Choose another one.")
UNREADABLE = _("That picture cannot be read now. Choose another one.")
POSITIONS = tuple(str(number) for number in range(1, MOST_PICTURES))


NAMED_BY_ID: dict[str, Literal["source", "result", "merged", "upload"]] = {
    "source": "source",
    "result": "result",
    "merged": "merged",
    "upload": "upload",
}
Shape = Literal["", "crop", "pad"]


@dataclass(frozen=True)
class Chosen:
    """A picture by reference, in one of these forms:

    ``source:<edit>``, ``result:<edit>``, ``merged:<edit>``, ``reference:<edit>:<position>``,
    ``sample:<name>``, ``upload:<id>``.
    """

    kind: Literal["source", "result", "merged", "reference", "sample", "upload"]
    key: str
    position: int = 0

    def __str__(self) -> str:
        return f"{self.kind}:{self.key}" + (f":{self.position}" if self.position else "")


class UnfitPicture(ValidationError):
    """A stored picture that the model does not take as it is.  ``offers`` are the ways out."""

    def __init__(self, error: BadImage) -> None:
        super().__init__(refusal_words(error), code=error.code)
        self.offers: tuple[Offer, ...] = error.offers


def refusal_words(error: BadImage) -> str:
    """Why a picture is not taken, in the reader's language."""
    text = gettext(error.text)
    return text % error.values if error.values else text


def read_choice(text: str) -> Chosen | None:
    """The reference that a form or an address carries; None when there is none.  Raises ValidationError."""
    kind, _, key = text.strip().partition(":")
    if not kind:
        return None
    if kind == "sample" and key in SAMPLES:
        return Chosen("sample", key)
    try:
        if named := NAMED_BY_ID.get(kind):
            return Chosen(named, str(uuid.UUID(key)))
        if kind == "reference":
            key, _, position = key.partition(":")
            if position in POSITIONS:
                return Chosen("reference", str(uuid.UUID(key)), int(position))
    except ValueError:
        pass
    raise ValidationError(GONE, code="gone")


def reusable(owner: User, *, key: ApiKey | None = None) -> EditRequestQuerySet:
    """Edits of which this person may use something: their own (trashed ones too) and shared ones.

    A program uses only what its ``key`` opens.  Administrators get no more here: whatever they start from becomes a
    picture of their own.
    """
    of_person = EditRequest.objects.of(owner) | EditRequest.objects.shared()
    usable = open_to(key) if key else of_person
    return usable.select_related("upload", "original", "result", "merged__paint", "parent")


def repeatable(owner: User, *, key: ApiKey | None = None) -> EditRequestQuerySet:
    """Own edits, and shared ones whose source is shared too: it becomes the source of one's own."""
    return reusable(owner, key=key).filter(Q(owner=owner) | Q(source_is_shared=True))


def edit_behind(choice: Chosen, *, owner: User, key: ApiKey | None = None) -> EditRequest:
    """The edit whose source, result or reference was chosen.  Raises ValidationError when it may not be used."""
    edit = reusable(owner, key=key).filter(public_id=choice.key).first()
    if edit is None or not _may_use(choice, edit=edit, owner=owner):
        raise ValidationError(GONE, code="gone")
    return edit


def _may_use(choice: Chosen, *, edit: EditRequest, owner: User) -> bool:
    if choice.kind in ("source", "reference"):
        return edit.owner_id == owner.pk or edit.source_is_shared
    result = getattr(edit, "result", None)
    is_shown = bool(edit.is_done and result and not result.withheld)
    if choice.kind == "merged":
        merged = merged_of(edit)
        return is_shown and merged is not None and merged.is_ready
    return is_shown


def source_of(
    choice: Chosen, *, owner: User, spec: ModelSpec, shape: Shape = "", key: ApiKey | None = None
) -> Source:
    """The picture to send.  Raises ValidationError when it may not be used or cannot be read.

    ``shape`` helps one that the model does not take as it is; without it that is an UnfitPicture.
    """
    if choice.kind == "sample":
        return Source.of_upload(_sample(choice.key, spec=spec), name=f"{choice.key}.jpg")
    if choice.kind == "upload":
        return _of_upload(choice, owner=owner, key=key, spec=spec, shape=shape)
    edit = edit_behind(choice, owner=owner, key=key)
    try:
        if choice.kind == "source":
            return Source.of_whole(edit).fitted(spec, shape=shape)
        if choice.kind == "reference":
            return Source.of_reference(reference_of(choice, edit=edit)).fitted(spec, shape=shape)
        data = picture_bytes(edit.merged.file if choice.kind == "merged" else edit.result.file)
        name = name_of_result(edit, owner=owner)
        return Source.of_result(edit, name=name, data=data, spec=spec, shape=shape)
    except BadImage as error:
        if error.offers or choice.kind not in ("result", "merged"):
            raise UnfitPicture(error) from error
        raise ValidationError(UNREADABLE, code="unreadable") from error
    except OSError as error:
        raise ValidationError(UNREADABLE, code="unreadable") from error


def _of_upload(choice: Chosen, *, owner: User, key: ApiKey | None, spec: ModelSpec, shape: Shape) -> Source:
    try:
        return Source.of_staged(staged_behind(choice, owner=owner, key=key), spec=spec, shape=shape)
    except BadImage as error:
        raise UnfitPicture(error) from error
    except OSError as error:
        raise ValidationError(UNREADABLE, code="unreadable") from error


def staged_behind(choice: Chosen, *, owner: User, key: ApiKey | None = None) -> StagedUpload:
    """The upload that was chosen.  Raises ValidationError for somebody else's as for one that was deleted."""
    found = StagedUpload.objects.usable_by(owner, key=key).filter(public_id=choice.key).first()
    if found is None:
        raise ValidationError(GONE, code="gone")
    return found


def all_staged_behind(
    choices: Iterable[Chosen], *, owner: User, key: ApiKey | None = None
) -> dict[Chosen, StagedUpload]:
    """The rows of those chosen uploads that exist.  One query, however many there are."""
    wanted = {choice.key for choice in choices if choice.kind == "upload"}
    if not wanted:
        return {}
    rows = StagedUpload.objects.usable_by(owner, key=key).filter(public_id__in=wanted)
    return {Chosen("upload", str(row.public_id)): row for row in rows}


def references_behind(choices: Iterable[Chosen], *, owner: User) -> dict[Chosen, EditReference]:
    """The rows of those chosen references that exist and may be used.  Three queries, however many there are."""
    wanted = [choice for choice in choices if choice.kind == "reference"]
    if not wanted:
        return {}
    edits = reusable(owner).filter(public_id__in={choice.key for choice in wanted})
    rows: dict[Chosen, EditReference] = {}
    for edit in edits.prefetch_related("references__upload"):
        for row in edit.references.all():
            choice = Chosen("reference", str(edit.public_id), row.position)
            if _may_use(choice, edit=edit, owner=owner):
                rows[choice] = row
    return {choice: rows[choice] for choice in wanted if choice in rows}


def reference_of(choice: Chosen, *, edit: EditRequest) -> EditReference:
    """The row of a chosen reference of this edit.  Raises ValidationError when there is none."""
    found = edit.references.select_related("upload").filter(position=choice.position).first()
    if found is None:
        raise ValidationError(GONE, code="gone")
    return found


def name_of_result(edit: EditRequest, *, owner: User) -> str:
    """What a result is called when it becomes a source: said once, however long the chain is.

    The source's own name goes only to those who may see the source.
    """
    return edited_name(edit.source_name if edit.source_is_open_to(owner) else "picture")


def _sample(name: str, *, spec: ModelSpec) -> CheckedImage:
    path = finders.find(f"samples/{name}.jpg")
    if not path:
        raise ValidationError(GONE, code="gone")
    with open(path, "rb") as stream:
        return check_image(stream.read(), spec=spec)
