"""Says of a region that somebody marks in the studio what is sent of it, or why it cannot be used."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from edits.forms.regions import NO_REGION, paint_in, read_box, region_words
from edits.forms.sources import UnfitPicture
from edits.http.access import signed_in
from edits.http.humanize import dimensions, percent
from edits.images import BadImage
from edits.images.fitting import plan
from edits.images.regions import BadRegion, read_paint, region_of
from edits.model_specs import AUTO, ModelSpec
from edits.views.model_choice import choose_model
from edits.views.source_card import card_of_choice
from edits.views.studio_form import read_source

MOST_SHRUNK = 0.85
"""An answer of nearly the size of what is sent is as good."""


@require_POST
def region(request: HttpRequest) -> JsonResponse:
    """``{"crop": [left, top, right, bottom], "feather": …, "words": …}`` in px of the original, or ``{"error": …}``.

    Reads no picture: a page asks after each change.
    """
    spec = choose_model(asked=request.POST.get("model", "").strip()).chosen.spec
    choice = read_source(request.POST.get("source", ""))
    try:
        if choice is None:
            raise ValidationError(gettext("Add a picture."))
        size = card_of_choice(choice, owner=signed_in(request), spec=spec, shape="pad").whole_px
        box, paint = read_box(request.POST.get("region", "")), paint_in(request.POST.get("region_paint", ""))
        if paint:
            box = read_paint(paint, size=size)[1]
        if box is None:
            raise ValidationError(NO_REGION)
        found = region_of(box, size=size, spec=spec, feather_px=_feather(request))
        sent = plan(*found.crop_size, spec=spec, shrink=True).canvas
    except BadRegion as error:
        return JsonResponse({"error": region_words(error)})
    except BadImage as error:
        text = gettext(error.text)
        return JsonResponse({"error": text % error.values if error.values else text})
    except (ValidationError, UnfitPicture) as error:
        return JsonResponse({"error": error.messages[0]})
    area = (box[2] - box[0]) * (box[3] - box[1]) / (size[0] * size[1])
    sentence = gettext(
        "The part around the region (%(crop)s) is sent as %(sent)s, and the answer is blended into the original."
    )
    words = [sentence % {"crop": dimensions(*found.crop_size), "sent": dimensions(*sent)}]
    words += _about_answer(sent, request.POST.get("size", ""), spec=spec)
    shown = {"crop": found.crop, "feather": found.feather_px, "share": percent(area)}
    return JsonResponse(shown | {"words": " ".join(words)})


def _feather(request: HttpRequest) -> int | None:
    """What was chosen; the form says it where that cannot be."""
    text = request.POST.get("feather_px", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None


def _about_answer(sent: tuple[int, int], size: str, *, spec: ModelSpec) -> list[str]:
    """That the answer is smaller than what is sent, where another size would make it larger."""
    made = {each: spec.output_size_px(*sent, each) for each in spec.sizes if each != AUTO}
    answer = made.get(size)
    if answer is None or answer[0] > MOST_SHRUNK * sent[0] or answer == max(made.values()):
        return []
    sentence = gettext("The answer is about %(size)s: a larger size keeps more detail.")
    return [sentence % {"size": dimensions(*answer)}]
