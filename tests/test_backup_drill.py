"""The drill: a backup while edits run, put back somewhere else, and everything is there."""

import uuid
from pathlib import Path
from typing import Any

import pytest

from tests.installation import Installation, eventually, installed
from tests.test_worker_process import SUBMIT

pytestmark = pytest.mark.processes

SIGN_IN = """
from django.test import Client
client = Client(headers={"host": "localhost"})
words = {"login": "root", "password": "open sesame 7"}
response = client.post("/accounts/login/", words)
picture = client.get("/edits/%s/result/")
answer([response.status_code, response["Location"], picture.status_code])
"""
MAKE_ROOT = """
from edits.models import User
User.objects.create_superuser("root", "root@example.com", "open sesame 7")
answer(True)
"""
PICTURES = (
    "SELECT edit.public_id, image.file, image.sha256 FROM edits_returnedimage image "
    "JOIN edits_editrequest edit ON edit.id = image.edit_id ORDER BY edit.id"
)


def states(place: Installation) -> list[str]:
    return [status for (status,) in place.rows("SELECT status FROM edits_editrequest ORDER BY id")]


def busy(folder: Path) -> Any:
    """An installation in the middle of its work."""
    place = Installation(folder, {"STEPFUN_MAX_CONCURRENT": "2"})
    folder.mkdir()
    place.migrate()
    place.python(MAKE_ROOT)
    place.start_engine(latency=0.5)
    place.start_worker()
    place.python(SUBMIT.format(count=30))
    eventually(lambda: states(place).count("succeeded") >= 3)
    return place


def test_a_backup_of_a_busy_installation_is_put_back_elsewhere(tmp_path: Path) -> None:
    archive = tmp_path / "retake.tar"
    place = busy(tmp_path / "first")
    try:
        said = place.manage("backup", str(archive))
        assert "1 people" not in said  # Alice and Root
        assert "30 edits" in said
        assert ", 0 missing" in said
        eventually(lambda: set(states(place)) == {"succeeded"})
        pictures = {row[0]: row for row in place.rows(PICTURES)}
    finally:
        place.stop()
    (tmp_path / "second").mkdir()
    with installed(tmp_path / "second") as other:
        said = other.manage("restore", str(archive))
        restored = other.rows(PICTURES)
        assert restored
        assert all(pictures[row[0]] == row for row in restored)
        ends = states(other)
        assert (len(ends), set(ends) - {"succeeded", "failed"}) == (30, set())
        assert ends.count("succeeded") == len(restored)
        assert f"{ends.count('failed')} edits were under way" in said
        checked = other.manage("check_media", "--hashes").splitlines()[-1]
        assert checked.endswith(": 0 missing, 0 orphaned, 0 unexpected, 0 changed")
        edit = str(uuid.UUID(restored[0][0]))
        assert other.python(SIGN_IN % edit) == [302, "/", 200]
        with pytest.raises(AssertionError, match="--replace"):
            other.manage("restore", str(archive))
        assert other.rows(PICTURES) == restored
