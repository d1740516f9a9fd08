"""The references of an edit: further pictures, as files or by reference, in the order in which they are shown.

reference          the files                      reference_source   stored pictures, each by reference
reference_order    "file" or "source" for each place: which of the two lists gives the next picture
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from edits.forms.sources import Chosen, read_choice, refusal_words, source_of
from edits.images import BadImage, CheckedImage
from edits.model_specs import MOST_PICTURES, ModelSpec
from edits.models import ApiKey, User
from edits.services.queue.sources import Source

Kind = Literal["file", "source"]


def listed(data: Any, name: str) -> list[str]:
    """All values of a field that may be repeated; programs send plain dictionaries, which have none."""
    return list(data.getlist(name)) if hasattr(data, "getlist") else []


def in_order(
    files: Sequence[UploadedFile], stored: Sequence[str], order: Iterable[str]
) -> list[UploadedFile | str]:
    """Both lists as one.  Whatever ``order`` leaves out comes last, stored pictures first."""
    waiting: dict[str, list[UploadedFile | str]] = {"source": list(stored), "file": list(files)}
    named = [waiting[kind].pop(0) for kind in order if waiting.get(kind)]
    return [*named, *waiting["source"], *waiting["file"]]


def read_references(data: Any) -> list[Chosen]:
    """The stored pictures among them; what is no reference at all is left out."""
    found = []
    for text in listed(data, "reference_source")[:MOST_PICTURES]:
        try:
            choice = read_choice(text)
        except ValidationError:
            continue
        if choice:
            found.append(choice)
    return found


def check_references(
    pictures: Sequence[UploadedFile | str],
    *,
    owner: User,
    key: ApiKey | None = None,
    spec: ModelSpec,
    check: Callable[[UploadedFile], CheckedImage],
    name_of: Callable[[UploadedFile], str],
) -> list[Source]:
    """The pictures to send, in their order.  Raises ValidationError with a sentence for each that cannot be sent."""
    found: list[Source] = []
    errors: list[ValidationError] = []
    for number, picture in enumerate(pictures, start=1):
        try:
            if isinstance(picture, str):
                found.append(_stored(picture, owner=owner, key=key, spec=spec))
            else:
                found.append(Source.of_upload(check(picture), name=name_of(picture)))
        except BadImage as error:
            errors.append(_numbered(number, refusal_words(error), code=error.code))
        except ValidationError as error:
            errors.append(_numbered(number, error.messages[0], code=error.code))
    if errors:
        raise ValidationError(errors)
    return found


def _numbered(number: int, sentence: str, *, code: str | None) -> ValidationError:
    """What is wrong with one of them; ``params`` hold number and sentence apart."""
    values = {"number": number, "sentence": sentence}
    return ValidationError(_("Reference %(number)s: %(sentence)s"), params=values, code=code)


def _stored(text: str, *, owner: User, key: ApiKey | None, spec: ModelSpec) -> Source:
    choice = read_choice(text)
    if choice is None:
        raise ValidationError(_("Choose a picture."), code="required")
    return source_of(choice, owner=owner, key=key, spec=spec)
