"""The source card: what a picture is, how it will be sent and how big its result will be, in words."""

import base64
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isqrt

from django.core.exceptions import ValidationError
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from edits.forms.sources import (
    Chosen,
    Shape,
    UnfitPicture,
    all_staged_behind,
    edit_behind,
    name_of_result,
    reference_of,
    references_behind,
    staged_behind,
)
from edits.http.humanize import dimensions, weight
from edits.images import BadImage, CheckedImage, shrunk, thumbnail
from edits.images.fitting import plan
from edits.model_specs import MOST_SIDE_PX, ModelSpec
from edits.models import EditReference, EditRequest, MergedPicture, ReturnedImage, StagedUpload, User
from edits.services.queue.sources import Source
from edits.views.chain_fold import is_chained_twice
from edits.views.file_marks import FileMarks, marks_of

PREVIEW_PX = 192
SAMPLE_SIZES_PX = {"cat": (451, 300), "coffee": (600, 400), "rocket": (640, 427)}

UNLIMITED = ModelSpec(
    name="", min_side_px=1, max_side_px=MOST_SIDE_PX, max_area_px=MOST_SIDE_PX**2, max_ratio=100
)
"""Shows a picture that the chosen model does not take, so that it can be removed."""

DONE: dict[str, Promise] = {
    "turned": _("turned upright"),
    "first_frame": _("first frame only"),
    "cropped": _("cropped"),
    "padded": _("white border added"),
    "flattened": _("transparency filled with white"),
    "converted": _("converted to sRGB"),
    "metadata_removed": _("camera data removed"),
}
"""What was done to a picture, as the card lists it.  The size shows that it was scaled."""


@dataclass(frozen=True)
class SourceCard:
    """``reference`` is how the form names it; ``results`` are sizes by option.

    ``whole_px`` is the size in whose pixels a region is given, ``look_url`` the whole picture to mark one in, and
    ``is_kept`` says that the picture is kept larger than it is sent.  ``folds`` is the last edit of a chain that
    would get its third step or a later one.
    """

    name: str
    original: str
    sent: str
    done: str
    results: dict[str, str]
    picture_url: str
    reference: str
    whole_px: tuple[int, int]
    look_url: str
    is_kept: bool
    folds: EditRequest | None = None
    marks: FileMarks | None = None

    @property
    def whole(self) -> str:
        """Its size in words."""
        return dimensions(*self.whole_px)


def preview_of(picture: CheckedImage) -> str:
    """A small version as a ``data:`` URI, so that somebody who just sent a picture need not fetch it."""
    pixels = shrunk(picture.data, width_px=PREVIEW_PX)
    preview = base64.b64encode(thumbnail(pixels, width_px=PREVIEW_PX)).decode()
    return f"data:image/webp;base64,{preview}"


def card_of_choice(choice: Chosen, *, owner: User, spec: ModelSpec, shape: Shape = "") -> SourceCard:
    """The card of a picture by reference, fitted to the model.

    Raises ValidationError when it may not be used, UnfitPicture when the model does not take it as it is.
    """
    if choice.kind == "sample":
        name = f"{choice.key}.jpg"
        size, picture_url = SAMPLE_SIZES_PX[choice.key], static(f"samples/{name}")
        return _card(choice, name, gettext("A sample"), size=size, picture_url=picture_url, spec=spec)
    if choice.kind == "upload":
        return card_of_staged(staged_behind(choice, owner=owner), spec=spec, shape=shape)
    edit = edit_behind(choice, owner=owner)
    if choice.kind == "source":
        return card_of_source(edit, spec=spec, shape=shape, owner=owner)
    if choice.kind == "reference":
        return card_of_reference(choice, reference_of(choice, edit=edit), spec=spec, shape=shape)
    row: ReturnedImage | MergedPicture = edit.merged if choice.kind == "merged" else edit.result
    size = row.width_px or 1, row.height_px or 1
    picture_url = reverse(f"edits:{choice.kind}_width", args=[edit.public_id, 320])
    original = gettext("%(size)s · an earlier result") % {"size": dimensions(*size)}
    name = name_of_result(edit, owner=owner)
    card = _card(choice, name, original, size=size, picture_url=picture_url, spec=spec, shape=shape)
    return replace(card, folds=edit if is_chained_twice(edit, owner=owner) else None)


def card_of_source(edit: EditRequest, *, spec: ModelSpec, owner: User, shape: Shape = "") -> SourceCard:
    """The card of the picture that an edit was made of; it is stored, so it need not be sent again."""
    whole = Source.of_whole(edit)
    shown, kind = whole.picture, "source" if whole.picture is edit.upload else "original"
    kept = whole.original or shown
    card = _card(
        Chosen("source", str(edit.public_id)),
        edit.source_name,
        dimensions(edit.source_width_px, edit.source_height_px),
        size=(shown.width_px, shown.height_px),
        picture_url=reverse(f"edits:{kind}_width", args=[edit.public_id, 320]),
        spec=spec,
        shape=shape,
        scaled=edit.was_fitted and kind == "source",
        whole_px=(kept.width_px, kept.height_px),
        look_url=reverse("edits:original_width", args=[edit.public_id, 1024]) if edit.original else "",
    )
    return replace(card, folds=edit.parent if is_chained_twice(edit.parent, owner=owner) else None)


def card_of_staged(
    staged: StagedUpload, *, spec: ModelSpec, shape: Shape = "", picture_url: str = ""
) -> SourceCard:
    """The card of a picture that was uploaded and is in no edit yet.  Raises UnfitPicture."""
    of_whole = "original" if shape and staged.kept else "upload"
    size, kept = (staged.width_px, staged.height_px), staged.kept or staged.upload
    return _card(
        Chosen("upload", str(staged.public_id)),
        staged.name,
        f"{dimensions(*size)} · {weight(staged.size_bytes)}",
        size=size,
        picture_url=picture_url or reverse("edits:staged_upload_width", args=[staged.public_id, 320]),
        spec=spec,
        shape=shape,
        notes=staged.notes,
        whole_px=(kept.width_px, kept.height_px),
        look_url=reverse(f"edits:staged_{of_whole}", args=[staged.public_id]),
        marks=marks_of(staged),
    )


def fits_as_it_is(staged: StagedUpload, *, spec: ModelSpec) -> bool:
    """Whether the model takes the picture without a change of its shape."""
    try:
        plan(staged.width_px, staged.height_px, spec=spec, shrink=True)
    except BadImage:
        return False
    return True


def card_of_reference(
    choice: Chosen, reference: EditReference, *, spec: ModelSpec, shape: Shape = ""
) -> SourceCard:
    """The card of a stored reference of an edit."""
    size = reference.upload.width_px, reference.upload.height_px
    picture_url = reverse("edits:reference_width", args=[choice.key, choice.position, 320])
    return _card(
        choice, reference.name, dimensions(*size), size=size, picture_url=picture_url, spec=spec, shape=shape
    )


def cards_of_references(
    choices: Sequence[Chosen], *, owner: User, spec: ModelSpec
) -> tuple[list[SourceCard], list[str]]:
    """A card for each that may be used, and a sentence for each that cannot be sent to this model."""
    rows = references_behind(choices, owner=owner)
    uploads = all_staged_behind(choices, owner=owner)
    cards: list[SourceCard] = []
    errors: list[str] = []
    for number, choice in enumerate(choices, start=1):
        try:
            if not (card := _stored_card(choice, rows, uploads, spec=spec)):
                card = card_of_choice(choice, owner=owner, spec=spec)
            cards.append(card)
        except UnfitPicture as error:
            errors.append(_numbered(number, error))
            if card := _stored_card(choice, rows, uploads, spec=UNLIMITED, shape="pad"):
                cards.append(card)
        except ValidationError as error:
            errors.append(_numbered(number, error))
    return cards, errors


def _stored_card(
    choice: Chosen,
    rows: Mapping[Chosen, EditReference],
    uploads: Mapping[Chosen, StagedUpload],
    *,
    spec: ModelSpec,
    shape: Shape = "",
) -> SourceCard | None:
    """The card of a picture whose row was read already.  Raises UnfitPicture."""
    if choice in uploads:
        return card_of_staged(uploads[choice], spec=spec, shape=shape)
    return card_of_reference(choice, rows[choice], spec=spec, shape=shape) if choice in rows else None


def _card(
    choice: Chosen,
    name: str,
    original: str,
    *,
    size: tuple[int, int],
    picture_url: str,
    spec: ModelSpec,
    shape: Shape = "",
    scaled: bool = False,
    notes: Sequence[str] = (),
    whole_px: tuple[int, int] | None = None,
    look_url: str = "",
    marks: FileMarks | None = None,
) -> SourceCard:
    if marks and marks.is_ours:  # what was removed is what the line below says, and nothing of a camera
        notes = [note for note in notes if note != "metadata_removed"]
    try:
        made = plan(*size, spec=spec, shrink=True, shape=shape or None)
    except BadImage as error:
        raise UnfitPicture(error) from error
    return SourceCard(
        name=name,
        original=original,
        sent=_sent(*made.canvas, scaled=scaled or made.scaled, spec=spec),
        done=_done([*notes, *(["cropped"] if made.cropped else ["padded"] if made.padded else [])]),
        results=_results(*made.canvas, spec=spec),
        picture_url=picture_url,
        reference=str(choice),
        whole_px=whole_px or size,
        look_url=look_url or picture_url.replace("/320/", "/1024/"),
        is_kept=(whole_px or size)[0] > made.canvas[0] and not (made.cropped or made.padded),
        marks=marks,
    )


def _numbered(number: int, error: ValidationError) -> str:
    values = {"number": number, "sentence": error.messages[0]}
    return gettext("Reference %(number)s: %(sentence)s") % values


def _done(notes: Collection[str]) -> str:
    """What was done to the picture, as one line."""
    words = [str(said) for note, said in DONE.items() if note in notes]
    line = pgettext("between the words of a list", ", ").join(words)
    return line[:1].upper() + line[1:]


def _sent(width_px: int, height_px: int, *, scaled: bool, spec: ModelSpec) -> str:
    size = dimensions(width_px, height_px)
    if not scaled:
        return gettext("Will be sent as %(size)s") % {"size": size}
    sentence = gettext("Will be sent as %(size)s (limit %(side)s² px)")
    return sentence % {"size": size, "side": isqrt(spec.max_area_px)}


def _results(width_px: int, height_px: int, *, spec: ModelSpec) -> dict[str, str]:
    return {size: dimensions(*spec.output_size_px(width_px, height_px, size)) for size in spec.sizes or ("",)}
