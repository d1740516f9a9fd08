"""The options of two edits side by side, as the table of the page that compares them says them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext, ngettext

from edits.http.humanize import dimensions, grouped, plain, side
from edits.models import EditRequest, User
from edits.time_zones import moment_words
from edits.views.info_panel import EXTRA_NAMES, extras_in_words, receipt_in_words, took_in_words

NOTHING = "–"


@dataclass(frozen=True)
class Row:
    """One option of both.  ``differs`` is None where the viewer may not know; figures are set in figures."""

    name: str
    first: str
    second: str
    differs: bool | None
    is_figure: bool = False


def rows_of(first: EditRequest, second: EditRequest, *, viewer: User) -> list[Row]:
    """All that a person may choose or read of both, in a fixed order; what neither has is left out."""
    return [
        *_said(first, second),
        *_sources(first, second, viewer=viewer),
        _row(gettext("Duration"), took_in_words(first), took_in_words(second)),
        _row(
            gettext("Created"),
            moment_words(first.created_at, "full"),
            moment_words(second.created_at, "full"),
        ),
        *_present([_row(gettext("Receipt"), receipt_in_words(first), receipt_in_words(second))]),
    ]


def _said(first: EditRequest, second: EditRequest) -> Iterator[Row]:
    both = (first, second)
    yield _row(gettext("Model"), *(_model(edit) for edit in both))
    yield _row(gettext("Provider"), *(edit.provider.title for edit in both))
    yield _figures(gettext("Seed"), *(_seed(edit) for edit in both))
    yield from _present(
        [
            _figures(gettext("Steps"), *(_number(edit.steps) for edit in both)),
            _figures(gettext("Guidance"), *(_number(edit.cfg_scale) for edit in both)),
            _figures(gettext("Size"), *(side(edit.size) for edit in both)),
        ]
    )
    yield _figures(
        gettext("Result"), *(dimensions(edit.result.width_px, edit.result.height_px) for edit in both)
    )
    extras = [dict(extras_in_words(edit)) for edit in both]
    names = [str(name) for name in EXTRA_NAMES.values()]
    for name in [*names, *sorted({*extras[0], *extras[1]} - {*names})]:
        yield from _present([_row(name, *(words.get(name, "") for words in extras))])


def _sources(first: EditRequest, second: EditRequest, *, viewer: User) -> Iterator[Row]:
    """Source, references and mask, of those whose source this person may see."""
    both = (first, second)
    seen = [edit.source_is_open_to(viewer) for edit in both]
    names = [_source(edit) if may else gettext("not shared") for edit, may in zip(both, seen, strict=True)]
    differs = first.upload_id != second.upload_id if all(seen) else None
    if differs is False:
        names[1] = names[0]
    yield Row(gettext("Source"), names[0], names[1], differs)
    if not all(seen):
        return
    references = [[each.upload_id for each in edit.references.all()] for edit in both]
    if any(references):
        words = [_references(len(uploads)) for uploads in references]
        yield Row(gettext("References"), words[0], words[1], references[0] != references[1])
    if first.mask_id or second.mask_id:
        words = [gettext("sent with the source") if edit.mask_id else NOTHING for edit in both]
        yield Row(gettext("Mask"), words[0], words[1], first.mask_id != second.mask_id)


def _row(name: str, first: str, second: str) -> Row:
    return Row(name, first or NOTHING, second or NOTHING, differs=first != second)


def _figures(name: str, first: str, second: str) -> Row:
    return replace(_row(name, first, second), is_figure=True)


def _present(rows: list[Row]) -> Iterator[Row]:
    return (row for row in rows if row.first != NOTHING or row.second != NOTHING)


def _model(edit: EditRequest) -> str:
    return getattr(edit, "model_label", "") or edit.model


def _seed(edit: EditRequest) -> str:
    seed = edit.seed_to_repeat
    return grouped(seed) if seed is not None else gettext("This model takes no seed")


def _number(value: float | None) -> str:
    return "" if value is None else plain(value)


def _source(edit: EditRequest) -> str:
    size = dimensions(edit.upload.width_px, edit.upload.height_px)
    return f"{edit.source_name or gettext('a picture')} ({size})"


def _references(number: int) -> str:
    if not number:
        return NOTHING
    return ngettext("%(number)s picture", "%(number)s pictures", number) % {"number": number}
