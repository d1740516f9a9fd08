"""The pictures of a run before it starts: those that a form names, and files that come with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from edits.forms.batch_form import read_pictures
from edits.forms.sources import Chosen, all_staged_behind, refusal_words
from edits.http.access import signed_in
from edits.images import BadImage, check_image
from edits.model_specs import ModelSpec
from edits.models import User
from edits.models.recipes import MOST_RUN_PICTURES
from edits.views.batch_fields import Picture, picture_of_staged
from edits.views.source_card import UNLIMITED, card_of_choice
from edits.views.staging import NotStaged, stage_picture
from edits.views.studio_batch import left_out_words, too_many_words
from edits.views.studio_form import read_source


@dataclass
class Gathered:
    """References of the pictures, and a sentence for each file that cannot be used."""

    choices: list[Chosen] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def gather(request: HttpRequest, *, spec: ModelSpec) -> Gathered:
    """What was chosen before and what comes now, each once; files are stored for the model of the first step."""
    data = request.POST if request.method == "POST" else request.GET
    removed = data.get("without", "")
    found = Gathered([choice for choice in read_pictures(data) if str(choice) != removed])
    source = read_source(data.get("source", ""))
    if source and source not in found.choices and str(source) != removed:
        found.choices.append(source)
    files = request.FILES.getlist("image") if request.method == "POST" else []
    room = max(0, MOST_RUN_PICTURES - len(found.choices))
    for file in files[:room]:
        _store(file, request, spec=spec, found=found)
    found.left_out += [left_out_words(file, too_many_words()) for file in files[room:]]
    return found


def _store(upload: Any, request: HttpRequest, *, spec: ModelSpec, found: Gathered) -> None:
    try:
        picture = check_image(upload, spec=spec, lenient=True, fit=True)
        staged = stage_picture(picture, upload, owner=signed_in(request))
    except BadImage as error:
        found.left_out.append(left_out_words(upload, refusal_words(error)))
    except NotStaged as error:
        found.left_out.append(left_out_words(upload, error.sentence))
    else:
        if (choice := Chosen("upload", str(staged.row.public_id))) not in found.choices:
            found.choices.append(choice)


def shown(choices: Sequence[Chosen], *, owner: User) -> list[Picture]:
    """Those that still exist, to look at.  Uploads take one query, others one each."""
    rows = all_staged_behind(choices, owner=owner)
    pictures = []
    for choice in choices:
        if choice in rows:
            pictures.append(picture_of_staged(rows[choice], spec=UNLIMITED))
            continue
        try:
            card = card_of_choice(choice, owner=owner, spec=UNLIMITED, shape="pad")
        except ValidationError:
            continue
        pictures.append(Picture(card.reference, card.name, card.picture_url, fits=True))
    return pictures
