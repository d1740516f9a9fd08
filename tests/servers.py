"""Real PostgreSQL, Redis and S3 servers for tests, in throw-away folders; they can be taken away and given back."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import boto3
import psycopg

from editor_site.supervisor import die_with
from tests.bucket_settings import settings_of
from tests.gate import Gate

PATIENCE_SECONDS = 60.0
HOST = "127.0.0.1"
QUICK = ("fsync=off", "full_page_writes=off", "max_connections=200")
"""What was committed survives kill -9, which tests do to it, but not a power cut."""


Kind = TypeVar("Kind", bound="Server")


class Missing(Exception):
    """A program that this machine does not have; says how to get it."""


def steady_port() -> int:
    """A free port below those that the kernel gives to outgoing connections, so that it stays free in an outage."""
    with suppress(OSError, ValueError):
        lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
        for _ in range(50):
            port = random.randrange(min(15_000, lowest - 1000), lowest)
            with suppress(OSError), socket.socket() as listener:
                listener.bind((HOST, port))
                return port
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


class Server:
    """One process with a folder and a port that stay the same from one start to the next."""

    name = ""
    user: str | None = None
    """Who runs it, where that is not us."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"retake-{self.name}-"))
        self.port = steady_port()
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        """How it is started."""
        raise NotImplementedError

    def is_ready(self) -> bool:
        """Whether it answers."""
        raise NotImplementedError

    def start(self) -> None:
        """Start it and wait until it answers; it dies with this process."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(),
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(die_with, os.getpid()),
                user=self.user,
                group=self.user,
                extra_groups=[] if self.user else None,
            )
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"{self.name} did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.05)  # another process has no event to wait for

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Take it away; its data stays.  Nothing happens when it is away already."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE_SECONDS)
        self.process = None

    def remove(self) -> None:
        """Stop it for good."""
        try:
            self.stop()
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


class PostgreSQL(Server):
    """A cluster of its own.  Stopping it is a crash: connections break, and it recovers when it comes back."""

    name = "postgresql"

    def __init__(self) -> None:
        self.programs = postgresql_programs()
        super().__init__()
        if os.getuid() == 0:  # it refuses to be run by root
            self.user = "postgres"
            shutil.chown(self.folder, self.user, self.user)
        words = ["-D", f"{self.folder}/data", "-U", "app", "--auth=trust", "--no-sync", "-E", "UTF8"]
        made = subprocess.run(
            [self.programs / "initdb", *words, "--locale=C.UTF-8"],
            capture_output=True,
            check=False,
            cwd="/",
            user=self.user,
            group=self.user,
            extra_groups=[] if self.user else None,
        )
        assert made.returncode == 0, made.stderr.decode()

    def command(self) -> list[str]:
        words = [str(self.programs / "postgres"), "-D", f"{self.folder}/data"]
        words += ["-p", str(self.port), "-c", f"listen_addresses={HOST}"]
        words += ["-c", f"unix_socket_directories={self.folder}"]
        return words + [word for setting in QUICK for word in ("-c", setting)]

    def url(self, database: str) -> str:
        """What DATABASE_URL is for this database."""
        return f"postgres://app@{HOST}:{self.port}/{database}"

    def is_ready(self) -> bool:
        with suppress(psycopg.OperationalError):
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
            return True
        return False

    def create(self, database: str, *, template: str = "template1") -> str:
        """A new database, like the template; returns its URL.  Nobody may be connected to the template."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        super().stop(how)


class Redis(Server):
    """Stores its messages on disk, so that messages outlive a stop."""

    name = "redis"

    def __init__(self) -> None:
        if not shutil.which("redis-server"):
            raise Missing("Redis (apt-get install redis-server)")
        super().__init__()

    def command(self) -> list[str]:
        words = ["redis-server", "--port", str(self.port), "--bind", HOST, "--dir", str(self.folder)]
        return [*words, "--appendonly", "yes", "--appendfsync", "no", "--save", "", "--databases", "64"]

    @property
    def url(self) -> str:
        """Its address; "/0" and so on behind it is one of its databases."""
        return f"redis://{HOST}:{self.port}"

    def is_ready(self) -> bool:
        return self.say("PING") == b"+PONG\r\n"

    def say(self, word: str) -> bytes:
        """Its answer to a command; b"" while it cannot be reached."""
        with suppress(OSError), socket.create_connection((HOST, self.port), timeout=5) as connection:
            connection.sendall(f"{word}\r\n".encode())
            return connection.recv(1000)
        return b""


class Bucket(Server):
    """An S3 server that keeps everything in memory: it is taken away by shutting the gate in front of it."""

    name = "s3"

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate(port=steady_port(), behind=self.port)

    def command(self) -> list[str]:
        return [sys.executable, "-m", "moto.server", "-H", HOST, "-p", str(self.port)]

    @property
    def url(self) -> str:
        """Its address, through the gate."""
        return f"http://{HOST}:{self.gate.port}"

    def is_ready(self) -> bool:
        with suppress(OSError), socket.create_connection((HOST, self.port), timeout=2):
            return True
        return False

    def start(self) -> None:
        if not self.process:
            super().start()
        self.gate.open()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.gate.shut()

    def remove(self) -> None:
        self.gate.shut()
        super().stop()
        super().remove()

    def create(self, bucket: str) -> dict[str, str]:
        """A new bucket; returns the settings that make an installation use it."""
        named = settings_of(self.url, bucket)
        client_of(named).create_bucket(Bucket=bucket)
        return named


def client_of(settings: dict[str, str]) -> Any:
    """A client of the S3 server that these settings name."""
    return boto3.client(
        "s3",
        endpoint_url=settings["AWS_S3_ENDPOINT_URL"],
        region_name=settings["AWS_S3_REGION_NAME"],
        aws_access_key_id=settings["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=settings["AWS_SECRET_ACCESS_KEY"],
    )


def postgresql_programs() -> Path:
    """Where initdb and postgres are: Debian keeps them out of PATH.  Raises Missing."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    elsewhere = shutil.which("initdb")
    if elsewhere:
        found.append(Path(elsewhere).parent)
    if not found:
        raise Missing("PostgreSQL (apt-get install postgresql)")
    return max(found, key=lambda folder: [int(part) for part in re.findall(r"\d+", str(folder))])


@dataclass(frozen=True)
class Servers:
    """What several machines share."""

    postgresql: PostgreSQL
    redis: Redis
    bucket: Bucket


@contextmanager
def running() -> Iterator[Servers]:
    """One of each, started; removed at the end.  Raises Missing."""
    with _started(PostgreSQL) as postgresql, _started(Redis) as redis, _started(Bucket) as bucket:
        yield Servers(postgresql, redis, bucket)


@contextmanager
def _started(kind: type[Kind]) -> Iterator[Kind]:
    server = kind()
    try:
        server.start()
        yield server
    finally:
        server.remove()
