"""The programs of a soak: a web server and some workers on one data folder, killed and started again."""

import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

from tests.installation import Installation, answers, eventually
from tests.soak.plan import Plan

WORKER = "-q -A editor_site.celery worker -P threads --without-gossip --without-mingle --without-heartbeat"
STOPPING_SECONDS = 90


@dataclass(frozen=True)
class End:
    """How one process ended, at which time in seconds since 1970."""

    process: str
    how: str
    at: float


@dataclass
class Fleet:
    """``processes`` by name; each start of a worker has a name of its own, which the provider sees in the path."""

    place: Installation
    provider: str
    """As ``host:port``."""
    plan: Plan
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    starts: dict[str, int] = field(default_factory=dict)
    ends: list[End] = field(default_factory=list)
    web_is_up: threading.Event = field(default_factory=threading.Event)

    @property
    def workers(self) -> list[str]:
        """The names of the workers, whichever of their processes runs now."""
        return [f"worker{number}" for number in range(1, self.plan.workers + 1)]

    def start(self) -> None:
        """Start everything; returns when the first page is there."""
        for name in self.workers:
            self.start_worker(name)
        self.start_web()

    def start_web(self) -> None:
        """Start the web server and wait for its first page."""
        words = ["-m", "gunicorn", "-c", "python:editor_site.gunicorn_conf"]
        self.processes["web"] = self.place.start(*words, log="web")
        eventually(lambda: answers(f"{self.place.url}/healthz"))
        self.web_is_up.set()

    def start_worker(self, name: str) -> None:
        """Start the next process of this worker; does not wait for it."""
        self.starts[name] = self.starts.get(name, 0) + 1
        settings = self.place.settings | {
            "STEPFUN_BASE_URL": f"http://{self.provider}/{self.process_of(name)}/v1"
        }
        own = Installation(self.place.folder, settings, port=self.place.port)
        words = ["-m", "celery", *WORKER.split(), "-c", str(self.plan.threads)]
        self.processes[name] = own.start(*words, log=name)

    def process_of(self, name: str) -> str:
        """``worker2.7``: the seventh process of the second worker."""
        return f"{name}.{self.starts[name]}"

    def worker_at(self, path: str) -> str | None:
        """The worker that sent a request to this path; None when that process is gone."""
        process = path.split("/")[1]
        name = process.partition(".")[0]
        return name if name in self.processes and self.process_of(name) == process else None

    def kill(self, name: str, *, why: str) -> None:
        """Kill a worker as a power cut would, and start it again at once."""
        self._end(name, signal.SIGKILL, how=f"killed, {why}")
        self.start_worker(name)

    def stop(self, name: str) -> None:
        """Ask a worker to stop, wait until it has, and start it again."""
        code = self._end(name, signal.SIGTERM, how="stopped")
        if code:
            self.ends.append(End(self.process_of(name), f"did not stop well: exit code {code}", time.time()))
        self.start_worker(name)

    def kill_web(self) -> None:
        """Kill the web server with all its processes, and start it again."""
        self.web_is_up.clear()
        self._end("web", signal.SIGKILL, how="killed with all pages open")
        self.start_web()

    def stop_all(self) -> list[str]:
        """Ask everything to stop; returns who did not stop well."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        codes = {name: _code_of(process) for name, process in self.processes.items()}
        return [f"{name} ended with code {code}" for name, code in codes.items() if code]

    def _end(self, name: str, number: signal.Signals, *, how: str) -> int:
        process = self.processes[name]
        if process.poll() is not None:
            how = f"found dead with code {process.returncode}"
        self.ends.append(End(self.process_of(name) if name in self.starts else name, how, time.time()))
        if number == signal.SIGKILL:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        return _code_of(process)


def _code_of(process: subprocess.Popen[bytes]) -> int:
    """The exit code of a process that was asked to end; one that does not is killed."""
    try:
        return process.wait(STOPPING_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
