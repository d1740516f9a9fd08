"""Each setting that can be wrong is refused in one sentence that names it: no traceback, and no secret in it."""

import os
import sqlite3
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.accounts import AS_ROOT, OWNER, manage, run_module
from tests.installation import free_port
from tests.test_settings import loaded, settings_read

SECRET = "s3cr3t"
WRONG = {
    "API_WAIT_SECONDS": "ten minutes",
    "AWS_S3_ADDRESSING_STYLE": "host",
    "AWS_S3_ENDPOINT_URL": "s3.example.com",
    "ALLOWED_HOSTS": "https://retake.example.com",
    "API_ALLOWED_ORIGINS": "panel.example.com",
    "BASE_PATH": "https://example.com/retake",
    "CACHE_URL": f"http://:{SECRET}@redis:6379/1",
    "CELERY_BROKER_URL": f"rabbit://guest:{SECRET}@queue",
    "CSRF_TRUSTED_ORIGINS": "https://retake.example.com,retake.example.com",
    "DATABASE_POOL_SIZE": "0",
    "DATABASE_URL": f"postgres://retake:{SECRET}/@db/retake",
    "DEBUG": "perhaps",
    "EMAIL_URL": f"smtp+tls://post:{SECRET}@mail.example.com:submission",
    "FREE_DISK_MEGABYTES": "-1",
    "HSTS_SECONDS": "-1",
    "HTTPS": "https",
    "HTTPS_PROXY": f"https://retake:{SECRET}@proxy.example.com",
    "HTTP_PROXY": f"socks5://retake:{SECRET}@proxy.example.com",
    "LEASE_SECONDS": "4",
    "LOCAL_ENGINE_PORT": "70000",
    "LOG_FORMAT": "xml",
    "LOG_LEVEL": "loud",
    "METRICS_TOKEN": SECRET,
    "PORT": "65536",
    "RESULT_URL_TTL_SECONDS": "1e5",
    "REQUESTS_CA_BUNDLE": __file__,
    "SITE_URL": "retake.example.com",
    "SSL_CERT_FILE": "/nowhere/company.pem",
    "STEPFUN_BASE_URL": "api.stepfun.ai/v1",
    "STEPFUN_MAX_CONCURRENT": "0",
    "STEPFUN_MAX_PER_MINUTE": "0",
    "STEPFUN_MODEL": "step-9x-edit",
    "STEPFUN_RESULT_HOSTS": "http://gpu:80",
    "STEPFUN_TIMEOUT_SECONDS": "99999999999",
    "STOP_GRACE_SECONDS": "never",
    "SWEEP_SECONDS": "0",
    "TIME_ZONE": "Berlin",
    "TRASH_DAYS": "999999999",
    "TRUSTED_PROXIES": "one",
    "WEBHOOK_PRIVATE_HOSTS": "[::1",
    "WEB_THREADS": "many",
    "WEB_WORKERS": "0",
    "WORKER_THREADS": "0",
}
WITH_A_PASSWORD = {"CACHE_URL", "CELERY_BROKER_URL", "DATABASE_URL", "EMAIL_URL"}
"""What is advised about passwords in an address concerns these alone."""
LEFT_TO_OTHERS = {
    "AWS_ACCESS_KEY_ID",  # only the bucket knows
    "AWS_SECRET_ACCESS_KEY",
    "AWS_S3_REGION_NAME",
    "AWS_STORAGE_BUCKET_NAME",
    "DATA_DIR",  # tests/test_data_folder.py
    "EMAIL_FROM",  # only the mail server knows
    "HOST",  # below
    "NO_PROXY",  # only the network knows
    "SECRET_KEY",  # any is one; Django's own checks find a weak one
    "STATIC_ROOT",  # below
    "STEPFUN_API_KEY",  # only the provider knows
}


def test_every_setting_is_tried_or_left_to_others() -> None:
    assert WRONG.keys() | LEFT_TO_OTHERS == settings_read()
    assert not WRONG.keys() & LEFT_TO_OTHERS


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        loaded(tmp_path, **{name: WRONG[name]})
    (line,) = str(refusal.value).splitlines()
    assert line.startswith(f"{name} ")
    assert SECRET not in line
    assert ("password" in line) is (name in WITH_A_PASSWORD)


@pytest.mark.processes
def test_every_command_says_that_sentence_and_nothing_else(tmp_path: Path) -> None:
    for words in ("up", "check"):
        done = manage(words, DATA_DIR=str(tmp_path), CACHE_URL=WRONG["CACHE_URL"])
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith("Retake cannot start: CACHE_URL ")
        assert SECRET not in line


@pytest.mark.processes
def test_who_wants_the_traceback_asks_for_it(tmp_path: Path) -> None:
    done = manage("check", "--traceback", DATA_DIR=str(tmp_path), TIME_ZONE="Berlin")
    assert "Traceback" in done.stderr


@pytest.mark.processes
@pytest.mark.parametrize(
    "command",
    [
        ("gunicorn", "-c", "python:editor_site.gunicorn_conf"),
        ("gunicorn", "-c", "editor_site/gunicorn_conf.py"),
        ("celery", "-A", "editor_site.celery", "worker"),
        ("editor_site.worker",),
    ],
    ids=" ".join,
)
def test_programs_that_start_without_manage_say_the_same_sentence(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = run_module(*command, DATA_DIR=str(tmp_path), TIME_ZONE="Berlin")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Retake cannot start: TIME_ZONE ")


@pytest.mark.processes
@pytest.mark.parametrize("host", ["203.0.113.7", "no such host", "..", "http://0.0.0.0"])
def test_a_host_that_is_not_of_this_machine_is_refused(tmp_path: Path, host: str) -> None:
    done = manage("up", DATA_DIR=str(tmp_path), HOST=host, PORT=str(free_port()))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert (
        f"HOST must be an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them, not {host!r}"
        in (done.stderr)
    )


@pytest.mark.processes
class TestTheDatabase:
    def refused(self, folder: Path, *words: str, url: str) -> str:
        done = manage(*words, DATA_DIR=str(folder), DATABASE_URL=url, PORT=str(free_port()))
        assert done.returncode == 1
        assert "Traceback" not in done.stderr
        assert SECRET not in done.stderr
        return done.stderr.splitlines()[-1]

    @pytest.mark.parametrize("words", [("up",), ("migrate",), ("check", "--database", "default")])
    def test_a_file_where_no_folder_is(self, tmp_path: Path, words: tuple[str, ...]) -> None:
        line = self.refused(tmp_path, *words, url=f"sqlite:///{tmp_path}/none/db.sqlite3")
        assert "The database cannot be used" in line

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("not a database, but long enough to be taken for one" * 40)
        line = self.refused(tmp_path, "up", url=f"sqlite:///{tmp_path}/notes.txt")
        assert "The database cannot be used" in line

    def test_a_server_that_is_not_there(self, tmp_path: Path) -> None:
        url = f"postgres://retake:{SECRET}@127.0.0.1:{free_port()}/retake"
        assert "The database cannot be used" in self.refused(tmp_path, "up", url=url)

    def test_an_option_that_nobody_knows(self, tmp_path: Path) -> None:
        url = f"postgres://retake:{SECRET}@127.0.0.1:{free_port()}/retake?colour=red"
        assert "The database cannot be used" in self.refused(tmp_path, "up", url=url)

    @AS_ROOT
    def test_a_file_of_another_account(self, tmp_path: Path) -> None:
        path = tmp_path / "retake.sqlite3"
        sqlite3.connect(path).close()
        path.touch()
        path.chmod(0o600)
        os.chown(path, OWNER, OWNER)
        line = self.refused(tmp_path, "up", url=f"sqlite:///{path}")
        assert f"{path} belongs to the account {OWNER} (mode 0600), but root runs Retake" in line


@pytest.mark.processes
def test_a_folder_in_which_static_files_cannot_be_collected_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = str(tmp_path / "file" / "static")
    done = manage("collectstatic", "--noinput", DATA_DIR=str(tmp_path), STATIC_ROOT=place)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert f"STATIC_ROOT, {place}, cannot be written" in line
