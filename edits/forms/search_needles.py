"""What typed words and terms are looked for by: phrases of the index of words, and columns of edits not in it yet.

Knows whose names and files may be found; which edits are listed at all is said elsewhere.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from edits.folding import fold, words_of
from edits.model_specs import MAX_SEED
from edits.models import EditRequest, Upload, User
from edits.models.search_text import Mark, number_word, phrase
from edits.models.searching import Needle
from edits.models.similar_uploads import alike

NAMES = ("username_folded", "first_name_folded", "last_name_folded")
MOST_NAMED = 100
"""People whose names begin with a word."""
NOTHING = Q(pk__in=[])


def of_words(words: Sequence[str], *, of_team: bool) -> list[Needle]:
    """Each word of prompts, tags, comments and files; a seed; among the team's edits also of people's names.

    What has no letter, digit or emoji is left out; if nothing else was typed, it finds nothing.
    """
    cut = {folded: words_of(folded) for folded in map(fold, words)}
    known = {word: parts for word, parts in cut.items() if parts and not _is_implied(word, cut)}
    if words and not known:
        return [Needle((), NOTHING)]
    people = _people(known) if of_team and known else []
    return [_of_word(word, parts, of_team=of_team, people=people) for word, parts in known.items()]


def _is_implied(word: str, words: Iterable[str]) -> bool:
    """Whether another one begins with all of this one, and so implies it: “cats” implies “cat”."""
    return not _is_seed(word) and any(other != word and other.startswith(word) for other in words)


def _of_word(word: str, parts: list[str], *, of_team: bool, people: list[tuple[int, list[str]]]) -> Needle:
    file = Mark.FILE_FOR_ALL if of_team else Mark.FILE
    phrases, said = [phrase(parts), phrase(parts, mark=file)], Q(prompt_folded__contains=word)
    named = [key for key, names in people if any(_begins(name, word) for name in names)]
    if named:
        phrases += [phrase([str(key)], mark=Mark.OWNER, closed=True) for key in named]
        said |= Q(owner__in=named)
    if _is_seed(word):
        phrases.append(phrase([str(int(word))], mark=Mark.SEED, closed=True))
        said |= Q(seed=int(word))
    return Needle(tuple(phrases), said)


def _is_seed(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) <= len(str(MAX_SEED)) and 0 < int(word) <= MAX_SEED


def _people(folded: Iterable[str]) -> list[tuple[int, list[str]]]:
    """Those of whose names one may begin with one of these words: keys and names."""
    asked = [
        Q((f"{name}__startswith", word)) | Q((f"{name}__contains", f" {word}"))
        for word in folded
        for name in NAMES
    ]
    rows = User.objects.filter(reduce(or_, asked)).order_by("pk").values_list("pk", *NAMES)[:MOST_NAMED]
    return [
        (key, [username or "", f"{first or ''} {last or ''}", last or ""])
        for key, username, first, last in rows
    ]


def _begins(name: str, folded: str) -> bool:
    return name.startswith(folded) or f" {folded}" in name


def of_values(kind: str, values: Sequence[Any], *, viewer: User, of_team: bool) -> Needle:
    """One of the values of a kind of term."""
    match kind:
        case "steps":
            return _numbers(Mark.STEPS, [str(value) for value in values], Q(steps__in=values))
        case "cfg":
            return _numbers(Mark.CFG_SCALE, [number_word(value) for value in values], Q(cfg_scale__in=values))
        case "model":
            named = reduce(or_, (Q(model__icontains=value) for value in values))
            return Needle(_texts(Mark.MODEL, values), named)
        case "file":
            named = reduce(or_, (Q(source_name__icontains=value) for value in values))
            open_to_all = Q(source_is_shared=True) if of_team else Q()
            return Needle(_texts(Mark.FILE_FOR_ALL if of_team else Mark.FILE, values), named & open_to_all)
        case _:
            uploads = _sources(values, viewer=viewer, similar=kind == "like")
            keys = [str(key) for key in uploads]
            return _numbers(Mark.UPLOAD, keys, Q(upload__in=uploads) | Q(original__in=uploads))


def _numbers(mark: Mark, values: list[str], unindexed: Q) -> Needle:
    return Needle(tuple(phrase([value], mark=mark, closed=True) for value in values), unindexed)


def _texts(mark: Mark, values: Iterable[str]) -> tuple[str, ...]:
    cut = (words_of(fold(value)) for value in values)
    return tuple(phrase(parts, mark=mark) for parts in cut if parts)


def _sources(edits: Sequence[Any], *, viewer: User, similar: bool) -> list[int]:
    """The source pictures of these edits, if one may see them, and those that look like them.

    Of an edit of a region or of a larger picture that is its original, not only the part or size that was sent.
    """
    mine, shared = EditRequest.objects.of(viewer), EditRequest.objects.shared().filter(source_is_shared=True)
    open_to = (mine | shared).filter(public_id__in=edits).order_by()
    sources = {key for pair in open_to.values_list("upload", "original") for key in pair if key}
    uploads = list(Upload.objects.filter(pk__in=sources).order_by("pk"))
    keys = [upload.pk for upload in uploads]
    return (
        list(dict.fromkeys([*keys, *(key for upload in uploads for key in alike(upload))]))
        if similar
        else keys
    )


def source_is_open(viewer: User) -> Q:
    """Of a source that one may not see, no edit is found by it."""
    return Q(owner=viewer) | Q(source_is_shared=True)
