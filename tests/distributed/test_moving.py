"""A backup of one machine with SQLite is put back on PostgreSQL and a bucket, and the way back again."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

from tests.installation import installed
from tests.servers import Servers
from tests.test_worker_process import SUBMIT

ALL_IS_WELL = ": 0 missing, 0 orphaned, 0 unexpected, 0 changed"
STORED = (
    "from edits.models import EditRequest, Tag\n"
    "edit = EditRequest.objects.latest('pk')\n"
    "Tag.objects.create(name='harbor').edits.add(edit)\n"
    "answer([edit.pk, EditRequest.objects.count()])\n"
)


def rows_in(archive: Path) -> dict[str, list[Any]]:
    """The rows of a backup by table, but for what a restore forgets of workers."""
    found: dict[str, list[Any]] = {}
    with tarfile.open(archive) as tar:
        stream = tar.extractfile("rows.jsonl")
        assert stream
        for line in io.BytesIO(stream.read()):
            value = json.loads(line)
            if isinstance(value, dict):
                rows = found[value["table"]] = []
            else:
                rows.append(value)
    del found["edits.provider"]
    return found


def test_everything_moves_from_one_database_to_another_and_back(servers: Servers, tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("alone", "many", "back")]
    for place in places:
        place.mkdir()
    far = {"DATABASE_URL": servers.postgresql.create("moved"), **servers.bucket.create("moved")}
    first, second = tmp_path / "first.tar", tmp_path / "second.tar"
    with installed(places[0]) as alone, installed(places[1], **far) as many, installed(places[2]) as back:
        alone.migrate()
        alone.python(SUBMIT.format(count=3))
        last, _ = alone.python(STORED)
        alone.manage("backup", str(first))
        many.manage("restore", str(first), "--keep-queue")
        assert many.manage("check_media", "--hashes").rstrip().endswith(ALL_IS_WELL)
        many.manage("backup", str(second))
        before, after = rows_in(first), rows_in(second)
        (entry,) = after["edits.auditentry"]
        assert "restored a backup" in entry
        assert after == before | {"edits.auditentry": [entry]}
        back.manage("restore", str(second), "--keep-queue")
        assert back.manage("check_media", "--hashes").rstrip().endswith(ALL_IS_WELL)
        assert back.rows("SELECT count(*) FROM edits_editrequest WHERE status = 'queued'") == [(3,)]
        assert min(many.python(SUBMIT.format(count=1))) > last
