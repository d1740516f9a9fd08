"""What the receipt says of the call that brought a picture: model, host, fields as sent, ids, usage, price, changes.

Of an edit without a picture that may be shown it says what was asked of whom and nothing of what came back: a filter
may have withheld a picture, and nobody but reviewers may know.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from difflib import SequenceMatcher

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from edits.http.humanize import dimensions, grouped, percent, plain
from edits.http.prompt_diff import Word
from edits.models import Attempt, CanaryRun, EditRequest, User
from edits.services.budgets.costs import dollars
from edits.services.queue.sources import merged_of, region_in
from edits.time_zones import moment_words

FILE = re.compile(r"(source|mask|reference-[0-9]+)\.[a-z0-9]+ \(image/[a-z0-9.+-]+, [0-9,]+ bytes\)")
"""A file in ``Attempt.sent``, as ``providers/dialects/wire.py`` writes it down."""

NOTES = {
    "two_results": _("The service returned several pictures; this is the first."),
    "finish_reason_missing": _("The service did not say how the edit ended."),
    "finish_reason_unknown": _("The service gave an unknown reason for how the edit ended."),
    "b64_unreadable": _(
        "The picture in the response could not be read; it was downloaded from its link instead."
    ),
    "fetched_later": _("The picture was downloaded later, from the link in the response."),
    "unexpected_size": _(
        "The result has a different size than expected. If it does not look like your picture, "
        "the service may not have used it."
    ),
    "maybe_repeated": _(
        "The call took longer than a single call can take. A gateway may have repeated it, "
        "and each call may have been charged."
    ),
}
REPORTED = {
    "size": _("Size"),
    "quality": _("Quality"),
    "background": _("Background"),
    "output_format": _("File format"),
}
LEFT_OPEN = ("", "auto")
FORMAT_NAMES = {"jpg": "jpeg"}


@dataclass(frozen=True)
class Sent:
    """One field or file under its name on the wire."""

    name: str
    value: str
    is_file: bool


@dataclass(frozen=True)
class Difference:
    """An option for which the service used something else than was asked for."""

    name: str
    asked: str
    used: str


@dataclass(frozen=True)
class CallReceipt:
    """What this person may read; what is blank or empty is not known or not for them."""

    provider: str
    label: str
    model: str
    host: str = ""
    sent: Sequence[Sent] = ()
    trace_id: str = ""
    service_id: str = ""
    usage: Sequence[tuple[str, str]] = ()
    price: str = ""
    revised_prompt: Sequence[Word] = ()
    differences: Sequence[Difference] = ()
    notes: Sequence[str] = ()


def receipt_of(edit: EditRequest, *, viewer: User) -> CallReceipt:
    """Of an edit that this person may open.  Two queries at most."""
    row = edit.provider_model
    attempts = list(edit.attempts.all())
    call = _call(edit, attempts)
    named = CallReceipt(edit.provider.title, row.title if row else edit.model, edit.model)
    if call is None:
        return named
    mine = viewer.pk == edit.owner_id or viewer.is_administrator
    sent = [each for each in sent_of(call) if mine or not each.is_file]
    asked = replace(
        named,
        host=call.host if mine else "",
        sent=sent if edit.source_is_open_to(viewer) else [],
    )
    if not edit.is_done:
        return asked
    return replace(
        asked,
        trace_id=call.trace_id if mine else "",
        service_id=call.provider_id if mine else "",
        usage=[(_usage_name(name), _figure(value)) for name, value in sorted(call.usage.items())],
        price=_price(call, attempts),
        revised_prompt=_revised(edit.prompt, call.reported.get("revised_prompt", "")),
        differences=_differences(edit, call),
        notes=[*part_notes(edit), *(str(NOTES[code]) for code in call.detail.split(", ") if code in NOTES)],
    )


def part_notes(edit: EditRequest) -> list[str]:
    """Which part of the picture was sent, where that is not all of it, and that the answer is in the original."""
    merged = merged_of(edit)
    if merged is None:
        return []
    notes, region = [], region_in(merged)
    if region:
        sentence = gettext("Only the part around the region was sent: %(part)s of %(whole)s.")
        whole = dimensions(edit.source_width_px, edit.source_height_px)
        notes.append(sentence % {"part": dimensions(*region.crop_size), "whole": whole})
    if merged.is_ready:
        sentence = gettext("%(share)s of the original differs in the merged picture; the rest is unchanged.")
        notes.append(sentence % {"share": percent(merged.changed_share)})
    if region:
        notes.append(gettext("The edge of the region is %(px)s px soft.") % {"px": region.feather_px})
    return notes


def _call(edit: EditRequest, attempts: Sequence[Attempt]) -> Attempt | None:
    """The one that was answered; where none was, the last one that went out."""
    over = [attempt for attempt in attempts if attempt.ended_at]
    answered = [attempt for attempt in over if attempt.fence == edit.fence and not attempt.fault]
    return next(iter([*answered[-1:], *reversed([attempt for attempt in over if attempt.sent])]), None)


def sent_of(call: Attempt) -> list[Sent]:
    """Fields and files in the order in which they were sent."""
    return [
        Sent(name, value, is_file=name != "prompt" and FILE.fullmatch(value) is not None)
        for name, value in call.sent
    ]


def _usage_name(name: str) -> str:
    return name.replace("_", " ").replace(".", ": ")


def _figure(value: float) -> str:
    return grouped(int(value)) if float(value).is_integer() else plain(value)


def _price(call: Attempt, attempts: Iterable[Attempt]) -> str:
    """By the model's price; with the other tries that were or may have been charged, where there are any."""
    if call.cost is None:
        return ""
    total = sum((attempt.cost for attempt in attempts if attempt.cost is not None), Decimal(0))
    if total <= call.cost:
        return dollars(call.cost)
    return gettext("%(price)s, up to %(total)s including other attempts") % {
        "price": dollars(call.cost),
        "total": dollars(total),
    }


def _revised(asked: str, used: str) -> list[Word]:
    """Word by word, with what the service left out and put in; empty where it changed nothing but blanks."""
    before, after = asked.split(), used.split()
    if not after or before == after:
        return []
    words: list[Word] = []
    for tag, start, end, other, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            words.append(Word(" ".join(before[start:end]), "same"))
            continue
        removed, added = " ".join(before[start:end]), " ".join(after[other:last])
        words += [Word(text, kind) for text, kind in ((removed, "removed"), (added, "added")) if text]
    return words


def _differences(edit: EditRequest, call: Attempt) -> list[Difference]:
    """Of what was asked for by name: where it was left open, the service was free to choose."""
    result = getattr(edit, "result", None)
    made = {"output_format": result.format if result else ""}
    found = []
    for name, words in REPORTED.items():
        asked = edit.size if name == "size" else str(edit.extras.get(name, ""))
        used = str(call.reported.get(name) or made.get(name, ""))
        if asked not in LEFT_OPEN and used and _plain_name(asked) != _plain_name(used):
            found.append(Difference(str(words), _shown(asked, name), _shown(used.lower(), name)))
    return found


def _shown(value: str, name: str) -> str:
    return value.replace("x", "×") if name == "size" else value


def _plain_name(value: str) -> str:
    return FORMAT_NAMES.get(value.lower(), value.lower())


def model_changed_words(edit: EditRequest) -> str:
    """That the model changed between an edit and its re-run; blank where nothing is known of that."""
    first = edit.rerun_of
    if first is None or not (first.finished_at and edit.finished_at and edit.is_done):
        return ""
    changes = CanaryRun.objects.filter(
        model__provider=edit.provider_id, model__name=edit.model, model_changed=True,
        began_at__gt=first.finished_at, began_at__lte=edit.finished_at,
    )  # fmt: skip
    at = changes.order_by("-began_at").values_list("began_at", flat=True).first()
    if at is None:
        return ""
    return gettext("The model changed on %(day)s, between the two runs.") % {"day": moment_words(at, "day")}
