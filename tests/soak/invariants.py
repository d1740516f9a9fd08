"""The promises that hold after any number of kills, each as a search for what breaks it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from PIL import Image

from tests.provider_calls import Entry
from tests.provider_pictures import color_of
from tests.soak.evidence import Evidence, Row, kept_answers

FINAL = {"succeeded", "filtered", "failed", "canceled"}
CALLS_OF_FAULT = {"busy": 5, "gateway": 2, "no_answer": 2}
"""The most calls of one edit that may end so; every other fault ends it at once."""
ASKED = "asked_to_wait"
"""Begins the detail of an attempt whose answer named a time to wait, which does not count."""
LOST = "worker was"
"""Stands in the detail of an attempt whose worker was taken for lost; a call cut off by the network has none."""
PAUSE = timedelta(seconds=0.3), timedelta(seconds=0.9)
"""After the end of a call that was answered 429 for one second: when nobody else may begin."""
PICTURES = ("file", "thumb_320", "thumb_1024", "change_map")


@dataclass(frozen=True)
class Broken:
    """A promise that was not kept, in words, and the edit it was broken for, if it was one."""

    words: str
    edit: Row | None = None


Promise = Callable[[Evidence], Iterator[Broken]]


def everything_taken_is_final(found: Evidence) -> Iterator[Broken]:
    """Nothing that was accepted is lost, doubled, waiting or running for ever."""
    stored = sorted(edit["prompt"] for edit in found.edits)
    if stored != sorted(found.accepted):
        lost, more = set(found.accepted) - set(stored), len(stored) - len(set(stored))
        yield Broken(
            f"{len(found.accepted)} were taken and {len(stored)} stored; lost {lost}, doubled {more}"
        )
    for edit in found.edits:
        if edit["status"] not in FINAL:
            yield Broken(f"is still {edit['status']}", edit)


def no_call_is_unrecorded(found: Evidence) -> Iterator[Broken]:
    """Each call has its attempt, which was written before it; an attempt without a call is one that was cut off."""
    for edit in found.edits:
        attempts, calls = found.attempts[edit["id"]], found.calls_of(edit)
        if len(calls) > len(attempts):
            yield Broken(f"{len(calls)} calls, but {len(attempts)} attempts on record", edit)
        for attempt in attempts:
            if attempt["ended_at"] is None:
                yield Broken(f"attempt {attempt['number']} has no end", edit)
        uncut = [attempt for attempt in attempts if attempt["fault"] != "no_answer"]
        if len(uncut) > len(calls):
            yield Broken("an attempt claims an answer to a call that was never made", edit)
        if len({call.seed for call in calls}) > 1:
            yield Broken("its calls were not the same request: the seeds differ", edit)


def nothing_is_paid_twice_in_silence(found: Evidence) -> Iterator[Broken]:
    """One charge, and one more for each time that the attempts say "sent again, not knowing"."""
    for edit in found.edits:
        attempts = found.attempts[edit["id"]]
        again = sum(says_sent_again(attempt) for attempt in attempts[:-1])
        charged = sum(call.charged for call in found.calls_of(edit))
        if charged > 1 + again:
            yield Broken(f"charged {charged} times, sent again {again} times", edit)


def says_sent_again(attempt: Row) -> bool:
    """Nobody knew whether it was paid when the edit was sent again."""
    return attempt["fault"] in ("gateway", "no_answer") or LOST in attempt["detail"]


def only_what_may_be_is_sent_again(found: Evidence) -> Iterator[Broken]:
    """After "not done" or a lost worker, and not too often; an answer that never came is not asked for again."""
    for edit in found.edits:
        attempts = found.attempts[edit["id"]]
        for attempt in attempts[:-1]:
            if attempt["fault"] not in ("busy", "gateway") and LOST not in attempt["detail"]:
                yield Broken(f"was sent again after fault {attempt['fault'] or 'none'}", edit)
        for fault, most in CALLS_OF_FAULT.items():
            alike = (each for each in attempts if each["fault"] == fault)
            if sum(not each["detail"].startswith(ASKED) for each in alike) > most:
                yield Broken(f"more than {most} calls ended in fault {fault}", edit)


def each_picture_is_its_own(found: Evidence) -> Iterator[Broken]:
    """A success has one picture, a filtered edit one apart, both from one of their own calls; a failure has none."""
    for edit in found.edits:
        result, status = found.results.get(edit["id"]), edit["status"]
        if (result is not None) != (status in ("succeeded", "filtered")):
            yield Broken(f"is {status} and has {'a' if result else 'no'} picture", edit)
        if result is None:
            continue
        withheld = status == "filtered"
        if bool(result["withheld"]) != withheld or result["file"].startswith("quarantine/") != withheld:
            yield Broken(f"is {status}, its picture lies in {result['file']}", edit)
        path = found.pictures / result["file"]
        if not path.exists():
            continue  # reported by the promise on files
        if sha256(path.read_bytes()).hexdigest() != result["sha256"]:
            yield Broken("its picture's bytes are not those that came", edit)
        elif not _is_of(path.read_bytes() and Image.open(path).getpixel((0, 0)), found.calls_of(edit)):
            yield Broken("shows a picture that none of its calls returned", edit)


def _is_of(color: object, calls: list[Entry]) -> bool:
    return color in [color_of(call.tag) for call in calls if call.fault in ("ok", "filtered_image")]


def every_file_has_its_row(found: Evidence) -> Iterator[Broken]:
    """And every row its files; nothing is derived of a withheld picture."""
    named = {
        row[column]
        for row in [*found.uploads, *found.results.values()]
        for column in PICTURES
        if row.get(column)
    }
    stored = {str(path.relative_to(found.pictures)) for path in found.pictures.rglob("*") if path.is_file()}
    for name in sorted(named - stored):
        yield Broken(f"{name} is missing")
    for name in sorted(stored - named):
        yield Broken(f"{name} belongs to nothing")
    for name in kept_answers(found.place):
        yield Broken(f"{name} was left in the spool")
    for pk, result in found.results.items():
        if result["withheld"] and any(result[column] for column in PICTURES[1:]):
            yield Broken("its withheld picture has renditions", next(e for e in found.edits if e["id"] == pk))


def the_account_is_not_overrun(found: Evidence) -> Iterator[Broken]:
    """No more calls at once than allowed.  A killed worker's call counts while its lease runs, and so do we."""
    most = most_at_once(found)
    if most > found.plan.concurrent:
        yield Broken(f"{most} calls at once, {found.plan.concurrent} are allowed")


def most_at_once(found: Evidence) -> int:
    """Calls at once as the account sees them, until they are answered, given up or their worker's lease is over."""
    plan = found.plan
    killed = {end.process: end.at for end in found.ends}
    moves = []
    for call in found.diary:
        over = [call.answering or call.began, call.began + plan.timeout_seconds - 0.5]
        if call.path.split("/")[1] in killed:
            over.append(killed[call.path.split("/")[1]] + plan.lease_seconds / 2)
        moves += [(call.began, 1), (max(call.began, min(over)), -1)]
    count = most = 0
    for _, step in sorted(moves):
        count += step
        most = max(most, count)
    return most


def pauses_are_kept(found: Evidence) -> Iterator[Broken]:
    """After a 429 nobody calls until its second is over, but for those who claimed while it was written down."""
    rows = [attempt for attempts in found.attempts.values() for attempt in attempts]
    busy = [datetime.fromisoformat(row["ended_at"]) for row in rows if row["status"] == 429]
    starts = [datetime.fromisoformat(row["started_at"]) for row in rows]
    early = sum(PAUSE[0] < start - end < PAUSE[1] for end in busy for start in starts)
    if early > len(busy):
        yield Broken(f"{early} calls began within the pauses of {len(busy)} answers of 429")


def nothing_is_downloaded(found: Evidence) -> Iterator[Broken]:
    """No answer had a link, so nobody may have followed one, least of all with the key."""
    for asked in found.upstream.downloads:
        yield Broken(f"{asked.path} was downloaded")


def pages_never_fail(found: Evidence) -> Iterator[Broken]:
    """Busy is allowed and said as 503; anything else from 500 on is a defect."""
    for look in found.looks:
        if look.status >= 500 and look.status != 503:
            yield Broken(f"{look.page} answered {look.status}")


def logs_keep_secrets(found: Evidence) -> Iterator[Broken]:
    """No key, password, session or prompt, and no picture in base64."""
    secrets = [*found.secrets, *found.accepted, "iVBORw0KGgo"]
    for name, log in found.logs().items():
        for secret in secrets:
            if secret in log:
                yield Broken(f"{name} holds {secret!r}")


def workers_die_by_our_hand_only(found: Evidence) -> Iterator[Broken]:
    """A worker that ends by itself, or badly when asked to, is a defect of its own."""
    for end in found.ends:
        if end.how.startswith(("found dead", "did not stop")):
            yield Broken(f"{end.process} {end.how}")


PROMISES: list[Promise] = [
    everything_taken_is_final,
    no_call_is_unrecorded,
    nothing_is_paid_twice_in_silence,
    only_what_may_be_is_sent_again,
    each_picture_is_its_own,
    every_file_has_its_row,
    the_account_is_not_overrun,
    pauses_are_kept,
    nothing_is_downloaded,
    pages_never_fail,
    logs_keep_secrets,
    workers_die_by_our_hand_only,
]


def broken_promises(found: Evidence, *, but: Promise | None = None) -> list[Broken]:
    """All that was broken, worst first; of one promise nothing is said."""
    troubles = [Broken(words) for words in found.trouble]
    return troubles + [broken for promise in PROMISES if promise is not but for broken in promise(found)]
