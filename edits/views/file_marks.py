"""What the source card says of a file that names its maker, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext

from edits.http.humanize import grouped
from edits.models import StagedUpload
from edits.services.pictures.file_marks import edit_in

SHOWN_CHARS = 120


@dataclass(frozen=True)
class FileMarks:
    """``recipe`` are values as they would be typed; ``use`` leads to a form with them, ``edit_url`` to the edit.

    ``is_ours`` says that this installation signed the file as it is.
    """

    words: str
    recipe: Mapping[str, str]
    use: str
    edit_url: str
    is_ours: bool


def marks_of(staged: StagedUpload) -> FileMarks | None:
    """What the file said when it came; None where that is nothing."""
    marks = staged.marks
    if not marks:
        return None
    recipe, edit = marks.get("recipe", {}), edit_in(marks, owner_id=staged.owner_id)
    return FileMarks(
        words=_words(marks, recipe),
        recipe=recipe,
        use=f"{reverse('edits:studio')}?recipe={staged.public_id}" if recipe else "",
        edit_url=reverse("edits:viewer", args=[edit.public_id]) if edit else "",
        is_ours=marks.get("state") == "ours",
    )


def _seed(recipe: Mapping[str, str]) -> str:
    seed = recipe.get("seed", "")
    return grouped(int(seed)) if seed.isdecimal() else seed


def _words(marks: Mapping[str, Any], recipe: Mapping[str, str]) -> str:
    said = {"prompt": Truncator(recipe.get("prompt", "")).chars(SHOWN_CHARS), "seed": _seed(recipe)}
    name = {"name": marks.get("name", "")}
    if marks.get("state") == "broken":
        return gettext("Its content credentials are broken or do not match the picture.")
    if recipe and marks.get("state") == "ours":
        if said["seed"]:
            return gettext("Made with Retake: “%(prompt)s”, seed %(seed)s") % said
        return gettext("Made with Retake: “%(prompt)s”") % said
    if recipe:
        return gettext("Says it was made with Retake: “%(prompt)s”. Not verified.") % said
    if marks.get("state") == "ours":
        return gettext("Made with Retake on this server")
    if not marks.get("by_model"):
        return gettext("Has content credentials of %(name)s. Not verified.") % name
    if name["name"]:
        return gettext("Says that AI made or edited it (%(name)s). Not verified.") % name
    return gettext("Says that AI made or edited it. Not verified.")
