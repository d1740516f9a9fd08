"""Knows since when this process keeps its own leases without a gap, and whether its clock can be trusted.

After a database outage, a restart or a jump of the clock, every lease looks lost: a worker that took edits over then
would send again what another worker still runs.  So no worker takes any until a whole lease has passed in which each
living worker could renew its own.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

JUMP = timedelta(seconds=5)
"""Difference between the wall clock and the steady one, from one round to the next, that is no drift."""

log = logging.getLogger(__name__)


class LeaseSafety:
    """``monotonic`` gives seconds of a clock that nobody can set."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._lock = threading.Lock()
        self._since: float | None = None
        self._last: tuple[datetime, float] | None = None
        self.clock_is_right = True

    def renewed(self, now: datetime, *, at: float | None = None) -> None:
        """A round of renewals worked that began at ``now`` by the wall clock and ``at`` by the steady one."""
        at = self.monotonic() if at is None else at
        with self._lock:
            jump = self._jump(now, at)
            if jump:
                log.warning("The clock jumped by %.0f s; no edit is taken over for a while", jump)
            if self._since is None or jump:
                self._since = at
            self._last = (now, at)

    def _jump(self, now: datetime, at: float) -> float:
        if self._last is None:
            return 0.0
        then, was_at = self._last
        jump = (now - then).total_seconds() - (at - was_at)
        return jump if abs(jump) > JUMP.total_seconds() else 0.0

    def missed(self) -> None:
        """A round of renewals failed: from here on leases of others may have run out for the same reason."""
        with self._lock:
            self._since = None

    def compare(self, now: datetime, *, database_now: datetime, most: timedelta) -> None:
        """Check this machine's clock against the one that all machines share."""
        off = (now - database_now).total_seconds()
        right = abs(off) <= most.total_seconds()
        if not right:
            log.error(
                "This machine's clock is %.0f s off the database's; nothing is claimed until it is right", off
            )
        self.clock_is_right = right

    def may_take_over(self, lease: timedelta) -> bool:
        """All living workers had the time to renew what is theirs."""
        with self._lock:
            since = self._since
        if since is None or not self.clock_is_right:
            return False
        return self.monotonic() - since > lease.total_seconds()


lease_safety = LeaseSafety()
"""This process's own."""
