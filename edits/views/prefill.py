"""What the studio's form starts with, read from the address:

?show=<edit>                     the edit on the stage; an own one fills the form, so that one can go on
?from=<edit>&use=prompt          also seed, all (prompt, seed and options), source, result; may repeat
?sample=<name>                   a sample picture
"""

import uuid
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest

from edits.forms.sources import Chosen, edit_behind, read_choice, reusable
from edits.model_specs import ModelSpec
from edits.models import EditRequest, User


@dataclass(frozen=True)
class Prefill:
    """``shown`` is the edit that belongs on the stage, ``choice`` the picture, ``values`` the form's fields."""

    shown: EditRequest | None = None
    choice: Chosen | None = None
    values: dict[str, Any] = field(default_factory=dict)


def read_prefill(request: HttpRequest, *, owner: User, spec: ModelSpec) -> Prefill:
    """What the address asks for.  Raises Http404 for an edit of which this person may use nothing."""
    shown, wanted = _edit(request, "show", owner), _edit(request, "from", owner)
    uses = set(request.GET.getlist("use"))
    if wanted:
        choice = _choice(wanted, uses=uses, owner=owner)
        return Prefill(shown or wanted, choice, _values(wanted, uses=uses, spec=spec))
    if "sample" in request.GET:
        return Prefill(shown, _read(f"sample:{request.GET['sample']}"))
    if shown and shown.owner_id == owner.pk:
        uses = {"prompt", "options"} if shown.seed_is_drawn else {"all"}
        choice = Chosen("source", str(shown.public_id))
        return Prefill(shown, choice, _values(shown, uses=uses, spec=spec))
    return Prefill(shown)


def _edit(request: HttpRequest, name: str, owner: User) -> EditRequest | None:
    if not request.GET.get(name):
        return None
    try:
        public_id = uuid.UUID(request.GET[name])
    except ValueError as error:
        raise Http404 from error
    edit = (
        reusable(owner)
        .with_cards(owner)
        .select_related("rerun_of", "parent")
        .filter(public_id=public_id)
        .first()
    )
    if edit is None:
        raise Http404
    return edit


def _choice(edit: EditRequest, *, uses: set[str], owner: User) -> Chosen | None:
    """The picture that is asked for; none where it is not open to this person."""
    kind = "result" if "result" in uses else "source" if "source" in uses else ""
    choice = _read(f"{kind}:{edit.public_id}") if kind else None
    if choice is None:
        return None
    try:
        edit_behind(choice, owner=owner)
    except ValidationError:
        return None
    return choice


def _read(reference: str) -> Chosen | None:
    try:
        return read_choice(reference)
    except ValidationError as error:
        raise Http404 from error


def _values(edit: EditRequest, *, uses: set[str], spec: ModelSpec) -> dict[str, Any]:
    """The form's values, within the limits of the model of today: the edit may be of another one."""
    values: dict[str, Any] = {}
    if uses & {"prompt", "options", "all"}:
        values["prompt"] = edit.prompt
    if uses & {"seed", "all"}:
        values |= {"seed": edit.seed_to_repeat, "lock": True}
    if uses & {"options", "all"}:
        values |= {
            name: value
            for name, value in asdict(spec.fitted(edit.options)).items()
            if name not in ("prompt", "seed")
        }
    return values
