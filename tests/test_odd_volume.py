"""Retake on a volume without hard links, nameless files and pipes: everything works, only less elegantly."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import ROOT, eventually, installed
from tests.test_worker_process import SUBMIT, states

ODD = f"{ROOT}/tests/odd_volume:{ROOT}"
MAKE_SECRET = (
    "import sys, pathlib as p, editor_site.env as e; print(e.kept_secret('NAME', p.Path(sys.argv[1])))"
)


@pytest.mark.processes
def test_an_edit_is_taken_in_carried_out_and_stored(tmp_path: Path) -> None:
    with installed(tmp_path, PYTHONPATH=ODD, SECRET_KEY="") as retake:
        retake.start_all()
        retake.python(SUBMIT.format(count=2))
        eventually(lambda: states(retake) == ["succeeded"] * 2)
        # Thumbnails follow the result; while one is written it is a .part.
        eventually(
            lambda: retake.rows("SELECT count(*) FROM edits_returnedimage WHERE thumb_1024 != ''") == [(2,)]
        )
        stored = [path for path in (tmp_path / "pictures").rglob("*") if path.is_file()]
        assert retake.rows("SELECT count(*) FROM edits_returnedimage") == [(2,)]
        assert len([path for path in stored if path.parts[-3] == "results" and path.suffix == ".png"]) == 2
        assert not [path for path in stored if path.suffix == ".part"]
        assert len((tmp_path / "secret_key").read_text()) >= 64
        assert "Traceback" not in retake.log("up")


@pytest.mark.processes
def test_processes_that_make_the_secret_at_once_agree(tmp_path: Path) -> None:
    makers = [
        subprocess.Popen(
            [sys.executable, "-c", MAKE_SECRET, str(tmp_path)],
            env=os.environ | {"PYTHONPATH": ODD},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    secrets = {maker.communicate(timeout=60)[0].strip() for maker in makers}
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 64
    assert [path.name for path in tmp_path.iterdir()] == ["name"]
