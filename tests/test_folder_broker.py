"""The folder of messages: many processes write and read at once, and none meets a half message."""

import subprocess
import sys
from pathlib import Path
from queue import Empty
from threading import Thread

import pytest
from kombu import Connection

from editor_site import folder_broker
from editor_site.folder_broker import Channel

WRITER = """
import sys
from pathlib import Path
from tests.test_folder_broker import connection
with connection(Path(sys.argv[1])) as broker:
    queue = broker.SimpleQueue("wakes")
    for number in range(150):
        queue.put(f"{sys.argv[2]}-{number}")
    queue.close()
"""


def connection(folder: Path, *, polling_seconds: float = 0.01) -> Connection:
    """A connection to the broker in this folder."""
    folder_broker.register()
    messages, control = folder / "messages", folder / "control"
    for place in (messages, control):
        place.mkdir(exist_ok=True)
    options = {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": polling_seconds,
    }
    return Connection("folder://localhost", transport_options=options)


def channel(folder: Path) -> Channel:
    found = connection(folder).default_channel
    assert isinstance(found, Channel)
    return found


@pytest.mark.processes
def test_four_writers_and_a_reader_lose_nothing_and_meet_no_half_message(tmp_path: Path) -> None:
    connection(tmp_path).release()
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(number)]) for number in range(4)
    ]
    read: set[str] = set()
    with connection(tmp_path) as broker:
        queue = broker.SimpleQueue("wakes")
        while len(read) < 600:
            message = queue.get(timeout=30)
            message.ack()
            read.add(message.payload)
        queue.close()
    assert [writer.wait(timeout=30) for writer in writers] == [0] * 4
    assert read == {f"{writer}-{number}" for writer in range(4) for number in range(150)}


def test_a_message_is_heard_of_without_looking(tmp_path: Path) -> None:
    name = "heard-of"  # queues that this process knows already are not made in the next folder
    with connection(tmp_path, polling_seconds=3600) as reader, connection(tmp_path) as writer:
        got, queue = [], reader.SimpleQueue(name)
        waiting = Thread(target=lambda: got.append(queue.get(timeout=60).payload))
        waiting.start()
        while not list((tmp_path / "control").glob("bell-*")):
            assert waiting.is_alive()
        writer.SimpleQueue(name).put("look")
        waiting.join(60)
        queue.close()
    assert got == ["look"]
    assert not list((tmp_path / "control").glob("bell-*"))


def test_who_waits_in_vain_is_told_so(tmp_path: Path) -> None:
    with connection(tmp_path) as broker:
        queue = broker.SimpleQueue("wakes")
        with pytest.raises(queue.Empty):
            queue.get(timeout=0.05)


def test_a_message_that_is_still_being_written_is_not_seen(tmp_path: Path) -> None:
    broker = channel(tmp_path)
    (tmp_path / "messages" / ".1_x.wakes.msg").write_text('{"half":')
    with pytest.raises(Empty):
        broker._get("wakes")


def test_a_damaged_message_does_not_end_the_worker(tmp_path: Path) -> None:
    broker = channel(tmp_path)
    (tmp_path / "messages" / "000000000000001_x.wakes.msg").write_text('{"half":')
    broker._put("wakes", {"body": "whole"})
    with pytest.raises(Empty):
        broker._get("wakes")
    assert broker._get("wakes") == {"body": "whole"}


def test_what_was_put_is_got_once_and_leaves_no_file(tmp_path: Path) -> None:
    broker = channel(tmp_path)
    for number in range(3):
        broker._put("wakes", {"body": number})
    got = [broker._get("wakes")["body"] for _ in range(3)]
    assert set(got) == {0, 1, 2}
    assert not list((tmp_path / "messages").iterdir())


def test_an_older_message_is_read_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broker = channel(tmp_path)
    for milliseconds in (10_000, 9_000):
        monkeypatch.setattr(folder_broker.time, "time_ns", lambda at=milliseconds: at * 1_000_000)
        broker._put("wakes", {"body": milliseconds})
    assert [broker._get("wakes")["body"] for _ in range(2)] == [9_000, 10_000]
