"""Tells what a soak found, for people: figures in a table, and the whole story of an edit that was wronged."""

from collections import Counter
from datetime import UTC, datetime

from tests.soak.evidence import Evidence, Row, lines_with
from tests.soak.invariants import Broken, most_at_once

MOST_STORIES = 5
NEAR_SECONDS = 5.0


def figures_of(found: Evidence, *, seconds: float) -> dict[str, str]:
    """What is worth knowing of a soak in which nothing was broken, too."""
    statuses = Counter(edit["status"] for edit in found.edits)
    reasons = Counter(edit["reason"] for edit in found.edits if edit["reason"])
    attempts = [attempt for rows in found.attempts.values() for attempt in rows]
    ends = Counter(end.how for end in found.ends)
    times = sorted(look.seconds for look in found.looks if look.status) or [0.0]
    again = Counter(attempt["fault"] for rows in found.attempts.values() for attempt in rows[:-1])
    charged, results = sum(call.charged for call in found.diary), len(found.results)
    return {
        "seed": str(found.plan.seed),
        "edits": ", ".join(f"{count} {status}" for status, count in statuses.most_common()),
        "of the failed": ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()),
        "calls": f"{len(found.diary)}, attempts {len(attempts)}, at once {most_at_once(found)}",
        "sent again": ", ".join(f"{count} after {fault}" for fault, count in sorted(again.items())),
        "rescued": f"{rescued(found)} answers were stored after their worker was killed",
        "charged": f"{charged} for {results} pictures",
        "workers": ", ".join(f"{count} {how}" for how, count in ends.most_common()),
        "pages": f"{len(times)}, p95 {times[len(times) * 95 // 100]:.2f} s, slowest {times[-1]:.2f} s",
        "statuses": str(dict(Counter(look.status for look in found.looks))),
        "took": f"{seconds:.0f} s",
    }


def rescued(found: Evidence) -> int:
    """Edits whose picture was in the hands of a worker that was killed, and which needed no other call."""
    killed = {end.process: end.at for end in found.ends if end.how.startswith("killed")}
    count = 0
    for edit in found.edits:
        calls = found.calls_of(edit)
        if edit["id"] in found.results and calls and not found.attempts[edit["id"]][-1]["fault"]:
            at = killed.get(calls[-1].path.split("/")[1])
            stored = datetime.fromisoformat(found.results[edit["id"]]["created_at"]).replace(tzinfo=UTC)
            count += at is not None and stored.timestamp() > at
    return count


def as_text(figures: dict[str, str]) -> str:
    """Lines for a terminal."""
    return "\n".join(f"{name:>14}  {value}" for name, value in figures.items())


def report(broken: list[Broken], found: Evidence) -> str:
    """Every broken promise in a line, then the stories of some of the edits, then where everything lies."""
    lines = [
        f"Seed {found.plan.seed}: {len(broken)} broken promises. Everything lies in {found.place.folder}"
    ]
    lines += [f"- {_name(item.edit)}{item.words}" for item in broken]
    wronged = {item.edit["id"]: item.edit for item in broken if item.edit}
    for edit in list(wronged.values())[:MOST_STORIES]:
        lines += ["", *_story(edit, found)]
    return "\n".join(lines)


def _name(edit: Row | None) -> str:
    return f"edit {edit['id']} " if edit else ""


def _story(edit: Row, found: Evidence) -> list[str]:
    """All that is known of one edit, each in the order of time."""
    lines = [f"Edit {edit['id']} {edit['public_id']}: {edit['status']} {edit['reason']}, {edit['prompt']!r}"]
    for attempt in found.attempts[edit["id"]]:
        lines.append(
            f"  attempt {attempt['number']} {attempt['started_at']} to {attempt['ended_at']}:"
            f" fault {attempt['fault'] or '-'}, status {attempt['status']}, {attempt['trace_id'] or 'no trace'},"
            f" charged {attempt['charged']}, {attempt['detail'][:100]!r}"
        )
    for call in found.calls_of(edit):
        process = call.path.split("/")[1]
        lines.append(
            f"  call {call.number} by {process} {_clock(call.began)} to {_clock(call.ended)}:"
            f" {call.fault}, {'charged' if call.charged else 'not charged'}"
        )
        lines += [
            f"    {end.process} {end.how} {_clock(end.at)}" for end in found.ends if end.process == process
        ]
    result = found.results.get(edit["id"])
    lines.append(f"  picture {result['file']} {result['created_at']}" if result else "  no picture")
    return lines + [f"  {line}" for line in lines_with(str(edit["public_id"]).replace("-", ""), found.logs())]


def _clock(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%H:%M:%S.%f") if seconds else "…"
