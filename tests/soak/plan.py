"""What a soak is to do, and by chance of which seed."""

import random
from collections.abc import Callable
from dataclasses import dataclass

CHANCES = {
    "503": 0.10,
    "429:1": 0.05,
    "reset_after_body": 0.03,
    "hang_while_held": 0.02,
    "html_200": 0.02,
    "png_truncated": 0.02,
    "filtered_image": 0.02,
}
"""How often the provider does something else than to edit."""

QUICKEST_SECONDS, SLOWEST_SECONDS = 0.2, 0.8
PEOPLE = ("alice", "bob", "rita", "root")
PASSWORD = "open sesame 7"
API_KEY = "sk-soak-never-to-be-logged"


@dataclass(frozen=True)
class Plan:
    """The same plan kills the same programs in the same order, at moments that depend on the machine."""

    edits: int = 300
    kills: int = 50
    """Of workers with SIGKILL; a few stops with SIGTERM and kills of the web server come on top."""
    seed: int = 1
    minutes: float = 10.0
    """The soak has failed when it takes longer."""
    workers: int = 3
    threads: int = 4
    concurrent: int = 8
    waiting: int = 25
    """How far submitting runs ahead of what is final."""
    storm: int = 10
    """Kills in a row without a pause, once."""
    stop_each: int = 20
    """So many kills are followed by a stop with SIGTERM."""
    lease_seconds: int = 5
    timeout_seconds: int = 4

    @property
    def settings(self) -> dict[str, str]:
        """The environment of the installation, but for the provider's address."""
        return {
            "STEPFUN_API_KEY": API_KEY,
            "STEPFUN_TIMEOUT_SECONDS": str(self.timeout_seconds),
            "STEPFUN_MAX_CONCURRENT": str(self.concurrent),
            "STEPFUN_MAX_PER_MINUTE": "100000",
            "WORKER_THREADS": str(self.threads),
            "LEASE_SECONDS": str(self.lease_seconds),
            "SWEEP_SECONDS": "1",
            "STOP_GRACE_SECONDS": "60",
        }

    def prompt(self, number: int) -> str:
        """What the edit with this number asks for; nobody else asks for it."""
        return f"soak {self.seed}: paint the fence of house {number} green"

    def chances(self) -> Callable[[int], tuple[str, float]]:
        """Fault and latency in seconds of each call at the provider."""
        chance = random.Random(f"{self.seed} provider")
        names, weights = ["ok", *CHANCES], [1 - sum(CHANCES.values()), *CHANCES.values()]

        def draw(number: int) -> tuple[str, float]:
            return chance.choices(names, weights)[0], chance.uniform(QUICKEST_SECONDS, SLOWEST_SECONDS)

        return draw
