"""Starts the servers once, and gives each test a database, queues, a bucket and machines of its own."""

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.distributed.machines import Machine
from tests.installation import installed
from tests.provider import Provider, provider
from tests.servers import Missing, Servers, running
from tests.soak.plan import PASSWORD, PEOPLE
from tests.soak.running import MAKE_PEOPLE, PICTURE_PX

HERE = Path(__file__).parent
LAST_WORDS = 3000
LEASE_SECONDS = 10
MOST_AT_ONCE = 6
WORKER_THREADS = 4
"""Fewer than calls may run at once, so that no machine can have them all."""
NewMachine = Callable[..., Machine]
_numbers = itertools.count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests in this folder need the servers and start processes."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.servers)
            item.add_marker(pytest.mark.processes)


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Real ones.  Where one is missing CI fails, and elsewhere the test is skipped with the reason."""
    try:
        with running() as found:
            yield found
    except Missing as error:
        missing = f"This machine has no {error}, so nothing was tested on several machines"
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)


@pytest.fixture(scope="session")
def prepared(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The settings of all machines; the database "prepared" has the tables and the cast, to be copied."""
    folder = tmp_path_factory.mktemp("prepared")
    everywhere = {
        "STATIC_ROOT": str(folder / "static"),
        "SECRET_KEY": "the same on every machine " + "x" * 40,
        "STEPFUN_API_KEY": "sk-test",
        "STEPFUN_MAX_CONCURRENT": str(MOST_AT_ONCE),
        "STEPFUN_MAX_PER_MINUTE": "100000",
        "WORKER_THREADS": str(WORKER_THREADS),
        "WEB_THREADS": "8",
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "SWEEP_SECONDS": "1",
    }
    with installed(folder, **everywhere, DATABASE_URL=servers.postgresql.create("prepared")) as place:
        place.migrate()
        place.collect_static()
        place.python(MAKE_PEOPLE.format(names=list(PEOPLE), password=PASSWORD))
        # Until a call has worked only two go out at once; here the limit itself is looked at.
        place.python(
            "from edits.models import Provider; Provider.objects.update(verified_at='2026-01-01 00:00Z'); answer(1)"
        )
    return everywhere


@pytest.fixture
def upstream() -> Iterator[Provider]:
    """A provider whose pictures are small and all different."""
    with provider() as p:
        p.numbers_pictures, p.picture_px = True, PICTURE_PX
        yield p


@pytest.fixture
def new_machine(
    servers: Servers,
    prepared: dict[str, str],
    upstream: Provider,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[NewMachine]:
    """Makes machines that share one database, one Redis and one bucket with each other, and with no other test."""
    number = next(_numbers)
    shared = prepared | {
        "DATABASE_URL": servers.postgresql.create(f"test{number}", template="prepared"),
        "CELERY_BROKER_URL": f"{servers.redis.url}/{2 * number}",
        "CACHE_URL": f"{servers.redis.url}/{2 * number + 1}",
        **servers.bucket.create(f"test{number}"),
    }
    made: list[Machine] = []

    def make(**more: str) -> Machine:
        name = f"machine{len(made)}"
        (tmp_path / name).mkdir()
        own = {"STEPFUN_BASE_URL": f"http://{upstream.host}/{name}/v1"}  # by which the provider can tell them
        made.append(Machine(tmp_path / name, shared | own | more))
        return made[-1]

    yield make
    upstream.gate.set()
    for machine in made:
        machine.stop()
        print(f"--- {machine.folder.name}\n{machine.log('up')[-LAST_WORDS:]}")


@pytest.fixture
def first(new_machine: NewMachine) -> Machine:
    """A machine, not running yet."""
    return new_machine()


@pytest.fixture
def second(new_machine: NewMachine, first: Machine) -> Machine:
    """Another one."""
    return new_machine()


@pytest.fixture(autouse=True)
def _all_back(servers: Servers) -> Iterator[None]:
    """What a test took away and did not give back must not be missing in the next."""
    yield
    for server in (servers.postgresql, servers.redis, servers.bucket):
        server.stop()
        server.start()
