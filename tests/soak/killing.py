"""Kills the programs of a soak at bad moments: in the middle of a call, right after an answer, while they start.

The provider tells when a moment has come, and for which process.  What waits in between is cut at random: no
event of another process says that it has stored a file but not yet the row.
"""

import random
import time
from collections.abc import Callable
from functools import partial

from tests.provider_calls import Entry, Provider
from tests.soak.fleet import Fleet
from tests.soak.plan import Plan

WAYS = {"calling": 0.4, "answered": 0.45, "anyone": 0.15}
PATIENCE_SECONDS = 20.0
"""For a moment to come: while all workers start, nobody calls."""
WORDS = {"calling": "in a call", "answered": "after an answer", "anyone": "at any moment"}
WITHIN_SECONDS = {"calling": 0.6, "answered": 0.3, "anyone": 0.0}
WEB_KILLS = 3


def keep_killing(fleet: Fleet, provider: Provider, *, plan: Plan, ready: Callable[[int], object]) -> None:
    """Kill as often as planned; ``ready`` waits until as many edits are final as belong before that kill."""
    chance = random.Random(f"{plan.seed} kills")
    storm_at = plan.kills // 3
    web_at = {plan.kills * part // (WEB_KILLS + 1) for part in range(1, WEB_KILLS + 1)}
    for number in range(plan.kills):
        in_storm = storm_at < number < storm_at + plan.storm
        if not in_storm:
            ready(number)
        way = "anyone" if in_storm else chance.choices(list(WAYS), list(WAYS.values()))[0]
        victim, way = choose(fleet, provider, way=way, chance=chance)
        fleet.kill(victim, why=WORDS[way])
        if number % plan.stop_each == plan.stop_each - 1:
            fleet.stop(choose(fleet, provider, way="calling", chance=chance)[0])
        if number in web_at:
            fleet.kill_web()


def choose(fleet: Fleet, provider: Provider, *, way: str, chance: random.Random) -> tuple[str, str]:
    """A worker at such a moment; any worker if the moment does not come, which the second value returned says."""
    anyone, pause = chance.choice(fleet.workers), chance.uniform(0, WITHIN_SECONDS[way])
    if way == "anyone":
        return anyone, way
    found = provider.found(
        partial(_worker_in, fleet=fleet, since=time.time(), way=way), seconds=PATIENCE_SECONDS
    )
    time.sleep(pause)
    return (found, way) if found else (anyone, "anyone")


def _worker_in(diary: list[Entry], *, fleet: Fleet, since: float, way: str) -> str | None:
    """The worker of a call that began, or got its picture, since then."""
    for entry in reversed(diary[-50:]):
        if way == "calling" and entry.began > since and not entry.answering:
            return fleet.worker_at(entry.path)
        if way == "answered" and entry.fault == "ok" and (entry.ended or 0) > since:
            return fleet.worker_at(entry.path)
    return None
