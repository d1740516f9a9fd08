"""What a run of a recipe takes: pictures by reference, and consent where a model is gone.

picture    references of pictures, repeated      replace   1: models that are gone are replaced by today's default
shape      crop or pad where a ratio is not taken
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.forms.edit_form import SHAPES
from edits.forms.recipe_steps import check_ready
from edits.forms.sources import Chosen, UnfitPicture, all_staged_behind, refusal_words, source_of
from edits.images import BadImage
from edits.models import ApiKey, RecipeVersion, User
from edits.models.recipes import MOST_RUN_PICTURES
from edits.services.queue.sources import Source
from edits.services.recipes.starting import RunPlan
from edits.services.recipes.steps import RecipeStep, ready_steps, steps_to_json

NO_PICTURES = _("Add at least one picture.")
NEEDS_CONSENT = _(
    "A model of this recipe has changed or is gone. Agree to what is used instead, or change the recipe."
)


class RunForm:
    """The pictures and steps of a run that is asked for; ``error`` says why it cannot start."""

    def __init__(
        self,
        data: Any,
        choices: Sequence[Chosen],
        steps: Sequence[RecipeStep],
        *,
        owner: User,
        key: ApiKey | None = None,
        version: RecipeVersion | None = None,
        name: str = "",
    ) -> None:
        self.data, self.choices, self.steps = data, choices, ready_steps(steps)
        self.owner, self.key, self.version, self.name = owner, key, version, name
        self.plan: RunPlan | None = None
        self.error: ValidationError | None = None
        self.needs_shape = False

    def is_valid(self) -> bool:
        """Whether there is a plan."""
        try:
            self.plan = self._planned()
        except ValidationError as error:
            self.error = error
        return self.plan is not None

    def add_error(self, sentence: str, *, code: str) -> None:
        """What the storage or a limit said of a form that is valid."""
        self.error = ValidationError(sentence, code=code)

    def to_key(self) -> uuid.UUID:
        """The key under which this is one run: of the rendered form, with all that it says."""
        try:
            form = uuid.UUID(str(self.data.get("submission_key", "")))
        except ValueError:
            form = uuid.uuid4()
        said = [*map(str, self.choices), repr(steps_to_json(step.to_step() for step in self.steps))]
        return uuid.uuid5(form, hashlib.sha256("\n".join(said).encode()).hexdigest())

    def upload_ids(self) -> list[str]:
        """Of the uploads among the pictures."""
        return [choice.key for choice in self.choices if choice.kind == "upload"]

    def _planned(self) -> RunPlan:
        """Raises ValidationError."""
        if not self.choices:
            raise ValidationError(str(NO_PICTURES), code="required")
        if len(self.choices) > MOST_RUN_PICTURES:
            values = {"most": MOST_RUN_PICTURES, "number": len(self.choices)}
            sentence = gettext("At most %(most)s pictures at once, not %(number)s.")
            raise ValidationError(sentence % values, code="too_many")
        if any(step.is_changed for step in self.steps) and self.data.get("replace") not in ("1", True):
            raise ValidationError(str(NEEDS_CONSENT), code="model_not_found")
        check_ready(self.steps, owner=self.owner)
        once = {source.picture.sha256: source for source in reversed(list(self._sources()))}
        return RunPlan(self.steps, tuple(reversed(once.values())), self.version, self.name)

    def _sources(self) -> Iterable[Source]:
        """Raises ValidationError with the name of a picture that the first model does not take."""
        spec, shape = self.steps[0].model.spec, SHAPES.get(str(self.data.get("shape", "")), "")
        rows = all_staged_behind(self.choices, owner=self.owner, key=self.key)
        for choice in self.choices:
            try:
                if choice in rows:
                    yield Source.of_staged(rows[choice], spec=spec, shape=shape)
                else:
                    yield source_of(choice, owner=self.owner, key=self.key, spec=spec, shape=shape)
            except BadImage as error:
                self.needs_shape = bool(error.offers)
                values = {"name": rows[choice].name, "sentence": refusal_words(error)}
                raise ValidationError(
                    gettext("“%(name)s”: %(sentence)s") % values, code=error.code
                ) from error
            except UnfitPicture as error:
                self.needs_shape = bool(error.offers)
                raise
