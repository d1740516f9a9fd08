"""What the studio's form starts with, read from the address:

?show=<edit>                     the edit on the stage; an own one fills the form, so that one can go on
?from=<edit>&use=prompt          also seed, source, result, all (prompt, seed, options, model, references, and of an
                                 edit of a region the original with it); may repeat
?fold=<edit>                     all of the chain that ends with this edit, as one edit of its first source
?sample=<name>                   a sample picture
?recipe=<upload>                 that picture, and what its file says of how it was made
?shared=1                        the pictures and the text that the person's phone shared last
?model=<provider/model>          the model
?preset=<preset>                 its prompt, and its options and model if it has any
?past=<key>                      one of the person's past prompts

The last two change what was entered before and leave the rest of it, such as the picture.
"""

import uuid
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from edits.forms.regions import part_as_entered
from edits.forms.sources import Chosen, edit_behind, read_choice, reusable
from edits.http.humanize import plain
from edits.models import EditRequest, PastPrompt, PromptPreset, StagedUpload, User
from edits.services.queue.sources import merged_of
from edits.views.chain_fold import CannotFold, Fold, fold_of

MOST_DIGITS = 18
SHARED = "shared"
"""In the session: what views/share_target.py took."""


@dataclass(frozen=True)
class Prefill:
    """``shown`` is the edit that belongs on the stage, ``source`` the picture, ``pictures`` several of them,
    ``entered`` the options as text, ``part`` the region in the picture.

    ``of_edit`` is the edit whose options these are: they are meant for its model.  ``refusal`` says why nothing of
    what was asked for is there.
    """

    shown: EditRequest | None = None
    source: Chosen | None = None
    prompt: str = ""
    lock: bool = False
    entered: dict[str, str] = field(default_factory=dict)
    references: tuple[Chosen, ...] = ()
    pictures: tuple[Chosen, ...] = ()
    of_edit: EditRequest | None = None
    part: dict[str, str] = field(default_factory=dict)
    fold: Fold | None = None
    refusal: str = ""
    model: str = ""
    preset: str = ""
    """The id of the preset that this is."""
    goes_into_draft: bool = False

    def put_into(self, data: QueryDict) -> QueryDict:
        """The form as it was entered before, with what this brings, where it leaves the rest."""
        if not self.goes_into_draft:
            return data
        brought = {"prompt": self.prompt, "preset": self.preset, **self.entered}
        for name, value in brought.items():
            data[name] = value
        if self.entered:
            data["kept"] = ""
        if self.model:
            data["model"] = self.model
        return data


def read_prefill(request: HttpRequest, *, owner: User) -> Prefill:
    """What the address asks for.  Raises Http404 for an edit of which this person may use nothing."""
    shown, wanted = _edit(request, "show", owner), _edit(request, "from", owner)
    uses = set(request.GET.getlist("use"))
    if wanted:
        part = part_as_entered(wanted) if "all" in uses and not uses & {"result", "source"} else {}
        source = _source(wanted, uses=uses | {"source"} if part else uses, owner=owner)
        found = _prefill(wanted, uses=uses, shown=shown or wanted, source=source, owner=owner)
        return replace(found, part=part) if source else found
    if (last := _edit(request, "fold", owner)) is not None:
        return _folded(last, shown=shown or last, owner=owner)
    if "sample" in request.GET:
        return Prefill(shown, _read(f"sample:{request.GET['sample']}"))
    if "preset" in request.GET:
        return _of_preset(request.GET["preset"], shown, owner=owner)
    if "past" in request.GET:
        return _of_past_prompt(request.GET["past"], shown, owner=owner)
    if "recipe" in request.GET:
        return _of_file(request, shown, owner)
    if "shared" in request.GET:
        return _of_share(request, shown)
    if shown and shown.owner_id == owner.pk:
        uses = {"prompt", "options"} if shown.seed_is_drawn else {"all"}
        source = Chosen("source", str(shown.public_id))
        return _prefill(shown, uses=uses, shown=shown, source=source, owner=owner)
    return Prefill(shown)


def _folded(last: EditRequest, *, shown: EditRequest, owner: User) -> Prefill:
    """The chain that ends with this edit as one edit, or why it cannot be one."""
    try:
        fold = fold_of(last, owner=owner)
    except CannotFold as error:
        return Prefill(shown, refusal=str(error))
    uses = {"options"} if last.seed_is_drawn else {"all"}
    source = Chosen("source", str(fold.first.public_id))
    filled = _prefill(last, uses=uses, shown=shown, source=source, owner=owner)
    return replace(filled, prompt=fold.prompt, fold=fold)


def _of_share(request: HttpRequest, shown: EditRequest | None) -> Prefill:
    shared = request.session.get(SHARED, {})
    pictures = [choice for text in shared.get("pictures", []) if (choice := _read(text))]
    several = tuple(pictures) if len(pictures) > 1 else ()
    return Prefill(shown, next(iter(pictures), None), prompt=shared.get("prompt", ""), pictures=several)


def _of_preset(text: str, shown: EditRequest | None, *, owner: User) -> Prefill:
    try:
        preset = PromptPreset.objects.usable_by(owner).filter(public_id=uuid.UUID(text)).first()
    except ValueError as error:
        raise Http404 from error
    if preset is None:
        raise Http404
    return Prefill(
        shown,
        prompt=preset.prompt,
        entered=preset.options,
        model=preset.model,
        preset=str(preset.public_id),
        goes_into_draft=True,
    )


def _of_past_prompt(text: str, shown: EditRequest | None, *, owner: User) -> Prefill:
    if not text.isdecimal() or len(text) > MOST_DIGITS:
        raise Http404
    prompt = get_object_or_404(PastPrompt.objects.of(owner).kept(), pk=int(text))
    return Prefill(shown, prompt=prompt.text, goes_into_draft=True)


def _of_file(request: HttpRequest, shown: EditRequest | None, owner: User) -> Prefill:
    """Filled in only: the form checks every value once it is sent."""
    source = _read(f"upload:{request.GET['recipe']}")
    staged = StagedUpload.objects.usable_by(owner).filter(public_id=source.key).first() if source else None
    if staged is None:
        raise Http404
    entered = dict(staged.marks.get("recipe", {}))
    prompt = entered.pop("prompt", "")
    return Prefill(shown, source, prompt=prompt, lock="seed" in entered, entered=entered)


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
        .select_related("rerun_of", "parent", "original", "merged__paint")
        .filter(public_id=public_id)
        .first()
    )
    if edit is None:
        raise Http404
    return edit


def _source(edit: EditRequest, *, uses: set[str], owner: User) -> Chosen | None:
    """The picture that is asked for; none where it is not open to this person."""
    kind = "result" if "result" in uses else "source" if "source" in uses else ""
    merged = merged_of(edit)
    if kind == "result" and merged is not None and merged.is_ready:
        kind = "merged"  # a further edit starts from the whole picture
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


def _prefill(
    edit: EditRequest, *, uses: set[str], shown: EditRequest, source: Chosen | None, owner: User
) -> Prefill:
    entered: dict[str, str] = {}
    has_options = bool(uses & {"options", "all"})
    if uses & {"seed", "all"} and edit.seed_to_repeat:
        entered["seed"] = str(edit.seed_to_repeat)
    if has_options:
        entered |= options_as_text(edit)
    return Prefill(
        shown=shown,
        source=source,
        prompt=edit.prompt if uses & {"prompt", "options", "all"} else "",
        lock="seed" in entered,
        entered=entered,
        references=references_as_chosen(edit, viewer=owner) if has_options else (),
        of_edit=edit if has_options else None,
    )


def options_as_text(edit: EditRequest) -> dict[str, str]:
    """The edit's options but for its seed, as they would be typed; only those that it has."""
    numbers = {"steps": edit.steps, "cfg_scale": edit.cfg_scale}
    typed = {name: plain(number) for name, number in numbers.items() if number is not None}
    return typed | {"size": edit.size} | {name: str(value) for name, value in edit.extras.items()}


def references_as_chosen(edit: EditRequest, *, viewer: User) -> tuple[Chosen, ...]:
    """The edit's references as pictures to choose; none where its pictures are not open to the viewer.  One query."""
    if edit.owner_id != viewer.pk and not edit.source_is_shared:
        return ()
    positions = edit.references.values_list("position", flat=True)
    return tuple(Chosen("reference", str(edit.public_id), position) for position in positions)
