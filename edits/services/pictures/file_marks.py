"""What an uploaded file says of how it was made: shown, offered, and never trusted or carried out.

Only two things count as this installation's own: a file with its signature, unchanged since, and the very bytes of a
result.  Everything else is what somebody wrote into a file.
"""

import re
import uuid
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from django.db.models import Q
from django.utils.module_loading import import_string

from edits.images import containers
from edits.images.xmp import SOURCE_TYPES, FoundXmp
from edits.model_specs import MAX_SEED
from edits.models import EditRequest, Status, User
from edits.models.edit_lookups import EditRequestQuerySet
from edits.services.pictures.marking import CREDENTIALS, recipe_of

MOST_NAME_CHARS = 80
MOST_WORD_CHARS = 2000
OPTIONS = frozenset({"negative_prompt", "quality", "background", "output_format"})
BY_MODEL = (
    "trainedAlgorithmicMedia",
    "compositeWithTrainedAlgorithmicMedia",
    "algorithmicMedia",
    "compositeSynthetic",
)
SIZE = re.compile(r"auto|\d{2,5}x\d{2,5}")
INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def read_marks(data: bytes, *, owner: User) -> dict[str, Any]:
    """What the file says, as JSON; empty where it says nothing.  Never raises because of the file.

    ``state``: ours, other, broken (its signature does not fit) or blank; ``by_model``; ``name`` of the program or
    the signer; ``recipe``: values of the right types, not more; ``edit``, the id of the edit in the recipe.
    """
    if made := _made_here(data, owner=owner):
        return {"state": "ours", "recipe": clean_recipe(recipe_of(made)), "edit": str(made.public_id)}
    found = _xmp(data)
    signed = _credentials(data)
    types = (found.source_type, signed["source_type"])
    marks = {
        "state": signed["state"],
        "by_model": bool(found.label) or any(_is_by_model(each) for each in types),
        "name": _name(signed["issuer"] or signed["tool"] or found.label.get("ContentProducer") or found.tool),
        "recipe": clean_recipe(found.recipe),
        "edit": _id(found.recipe.get("edit")),
    }
    says_something = marks["state"] or marks["by_model"] or marks["recipe"]
    return {name: value for name, value in marks.items() if value} if says_something else {}


def edit_in(marks: Mapping[str, Any], *, owner_id: int) -> EditRequest | None:
    """The edit that made the file, where that is certain and this person may see it."""
    if marks.get("state") != "ours" or not marks.get("edit"):
        return None
    return _open_to(owner_id).filter(public_id=marks["edit"]).first()


def clean_recipe(recipe: Mapping[str, Any]) -> dict[str, str]:
    """The values that a form can take, as they would be typed; whatever else is in it is left out."""
    typed: dict[str, str] = {}
    prompt, size, options = recipe.get("prompt"), recipe.get("size"), recipe.get("options")
    if isinstance(prompt, str) and (text := INVISIBLE.sub("", prompt).strip()):
        typed["prompt"] = text
    for name, most in (("seed", MAX_SEED), ("steps", 1000), ("cfg_scale", 1000)):
        number = recipe.get(name)
        if isinstance(number, int | float) and not isinstance(number, bool) and 0 < number <= most:
            typed[name] = f"{number:g}" if name == "cfg_scale" else str(int(number))
    if isinstance(size, str) and SIZE.fullmatch(size):
        typed["size"] = size
    for name, value in options.items() if isinstance(options, dict) else ():
        if name in OPTIONS and isinstance(value, str):
            typed[name] = INVISIBLE.sub("", value)[:MOST_WORD_CHARS]
    return typed if "prompt" in typed else {}


def _made_here(data: bytes, *, owner: User) -> EditRequest | None:
    same = {"result__sha256": sha256(data).hexdigest(), "result__withheld": False}
    return _open_to(owner.pk).filter(**same).select_related("result").first()


def _open_to(owner_id: int) -> EditRequestQuerySet:
    """Without what only an administrator may see."""
    done = EditRequest.objects.not_trashed().filter(status=Status.SUCCEEDED)
    return done.filter(Q(owner_id=owner_id) | Q(shared_at__isnull=False))


def _xmp(data: bytes) -> FoundXmp:
    packet = containers.xmp_of(data)
    if not packet:
        return FoundXmp()
    found: FoundXmp = import_string("edits.images.xmp_reading.read_packet")(packet)
    return found


def _credentials(data: bytes) -> dict[str, str]:
    nothing = {"state": "", "issuer": "", "tool": "", "source_type": ""}
    if not containers.is_signed(data):
        return nothing
    try:
        found = import_string(f"{CREDENTIALS}.read")(data, format_name=containers.format_of(data))
    except (ImportError, OSError, ValueError):  # without the library or the key nothing can be checked
        return nothing
    return nothing if found is None else dict(vars(found))


def _is_by_model(source_type: str) -> bool:
    return source_type.removeprefix(SOURCE_TYPES) in BY_MODEL


def _name(value: object) -> str:
    return INVISIBLE.sub("", value)[:MOST_NAME_CHARS].strip() if isinstance(value, str) else ""


def _id(value: object) -> str:
    try:
        return str(uuid.UUID(value)) if isinstance(value, str) else ""
    except ValueError:
        return ""
