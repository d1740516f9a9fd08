"""How settings are read from the environment."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http.request import split_domain_port, validate_host

from editor_site import env


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment, put back afterwards."""
    for name in ("NAME", "NAME_FILE", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_a_blank_setting_is_an_absent_one(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", "  ")
    assert env.text("NAME", "default") == "default"
    assert env.integer("NAME", 7) == 7
    assert env.flag("NAME") is False
    assert env.words("NAME", "a, b,,") == ["a", "b"]


def test_a_file_named_by_name_file_holds_the_value(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_text("$ecret\n")
    given.setenv("NAME_FILE", str(tmp_path / "key"))
    assert env.text("NAME") == "$ecret"


def test_a_file_that_is_not_there_is_named_without_its_path(
    given: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given.setenv("NAME_FILE", str(tmp_path / "missing"))
    with pytest.raises(ImproperlyConfigured, match="NAME_FILE cannot be read: No such file"):
        env.text("NAME")


def test_a_file_that_is_no_text_is_named_without_what_is_in_it(
    given: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_bytes(b"\xff\xfe")
    given.setenv("NAME_FILE", str(tmp_path / "key"))
    with pytest.raises(ImproperlyConfigured, match="NAME_FILE cannot be read: it is not text"):
        env.text("NAME")
    with pytest.raises(ImproperlyConfigured, match="key cannot be read: it is not a text file"):
        env.read_file(tmp_path / "key")


def test_a_file_of_settings_that_is_not_there_is_none(tmp_path: Path) -> None:
    env.read_file(tmp_path / ".env")


@pytest.mark.parametrize("value", ["0", "-3"])
def test_a_number_that_would_stop_everything_is_refused(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured, match=f"NAME must be at least 1, not {value}"):
        env.integer("NAME", 5)
    assert env.integer("NAME", 5, least=-9) == int(value)


def test_a_number_beyond_what_can_be_is_refused(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", "65536")
    with pytest.raises(ImproperlyConfigured, match="NAME must be at most 65535, not 65536"):
        env.port("NAME", 8000)


def test_a_list_of_nothing_is_a_mistake(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", " , ,")
    with pytest.raises(ImproperlyConfigured, match="NAME must name something"):
        env.words("NAME")


@pytest.mark.parametrize("value", ["json", "JSON", "Json"])
def test_a_word_may_be_capitalized_in_any_way(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    assert env.choice("NAME", "text", "text", "json") == "json"
    assert env.choice("OTHER_NAME", "text", "text", "json") == "text"


@pytest.mark.parametrize(
    "value",
    [
        "gpu",
        "ftp://gpu/v1",
        "http://",
        "http://[::1/v1",
        "http://gpu:eighty",
        "http://gpu:99999",
        "https:gpu",
    ],
)
def test_an_address_that_leads_nowhere_is_not_repeated(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    with pytest.raises(
        ImproperlyConfigured, match="NAME must be an address that begins with https://"
    ) as raised:
        env.address("NAME")
    assert "gpu" not in str(raised.value)


@pytest.mark.parametrize("value", ["http://gpu:80/v1", "https://[::1]:9/v1", "https://*.example.com"])
def test_an_address_is_taken_as_it_is(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    assert env.address("NAME") == value
    assert env.addresses("NAME") == [value]


def test_an_origin_ends_with_host_or_port(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", "https://a.example/,https://*.b.example:8443")
    assert env.origins("NAME") == ["https://a.example", "https://*.b.example:8443"]
    given.setenv("NAME", "https://a.example/retake")
    with pytest.raises(ImproperlyConfigured, match="NAME must be sites as https:"):
        env.origins("NAME")


def test_several_servers_of_one_queue_are_each_looked_at(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", "amqp://one:5672;amqp://two:5672//")
    found = env.addresses("NAME", schemes=["amqp", "memory"], between=";")
    assert found == ["amqp://one:5672", "amqp://two:5672//"]
    given.setenv("NAME", "memory://")
    assert env.addresses("NAME", schemes=["amqp", "memory"], between=";") == ["memory://"]


def test_hosts_may_have_a_port(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", "files.example.com, gpu:80, [::1]:9000")
    assert env.hosts("NAME") == ["files.example.com", "gpu:80", "[::1]:9000"]


@pytest.mark.parametrize("value", ["[::1", "gpu:eighty", "http://gpu:80", "gpu/path", ":80"])
def test_what_is_no_host_is_refused(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured, match="NAME must be hosts as host:port"):
        env.hosts("NAME")


@pytest.mark.parametrize(
    "wrong",
    ["https://a.example", "a.example:8000", "[::1]:8000", "a.example/", "a.example/retake", "*.a.example", "::1",
     "a.example.", "user@a.example", "a b.example", "a_b.example"],
)  # fmt: skip
def test_a_host_that_no_request_can_name_is_refused(given: pytest.MonkeyPatch, wrong: str) -> None:
    given.setenv("NAME", f"localhost,{wrong}")
    assert not validate_host(split_domain_port(wrong)[0], [wrong])
    with pytest.raises(ImproperlyConfigured, match=r"^NAME must be names or addresses of hosts") as raised:
        env.host_names("NAME", "")
    assert str(raised.value).endswith(f", not {wrong!r}")


@pytest.mark.parametrize("value", ["*", ".a.example", "Retake.a.example", "[::1]", "10.0.0.1", "localhost"])
def test_a_host_that_a_request_can_name_is_taken(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    assert env.host_names("NAME", "") == [value]


class TestTimeZone:
    @pytest.mark.parametrize("value", ["Berlin", "UTC+2", "Europe", "/etc/localtime", "../UTC", "zone.tab"])
    def test_a_name_that_nobody_knows_is_refused(self, given: pytest.MonkeyPatch, value: str) -> None:
        given.setenv("NAME", value)
        with pytest.raises(ImproperlyConfigured, match="NAME must be a name of the tz database"):
            env.time_zone("NAME")

    @pytest.mark.parametrize(
        "common", ["Asia/Shanghai", ":Asia/Shanghai", "/usr/share/zoneinfo/Asia/Shanghai"]
    )
    def test_the_one_of_the_container_counts_where_none_is_set(
        self, given: pytest.MonkeyPatch, common: str
    ) -> None:
        given.setenv("TZ", common)
        assert env.time_zone("NAME") == "Asia/Shanghai"
        given.setenv("NAME", "Europe/Berlin")
        assert env.time_zone("NAME") == "Europe/Berlin"

    @pytest.mark.parametrize("common", ["", "CET-1CEST,M3.5.0,M10.5.0/3", "Berlin"])
    def test_one_that_is_for_other_programs_is_utc(self, given: pytest.MonkeyPatch, common: str) -> None:
        given.setenv("TZ", common)
        assert env.time_zone("NAME") == "UTC"


@pytest.mark.parametrize("value", ["eighty", "8.5", "0x50", "80 81"])
def test_a_bad_number_says_which_setting_it_is(given: pytest.MonkeyPatch, value: str) -> None:
    given.setenv("NAME", value)
    with pytest.raises(ImproperlyConfigured, match="NAME must be a whole number"):
        env.integer("NAME", 1)


@pytest.mark.parametrize(
    ("value", "meant"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("FALSE", False)]
)
def test_a_flag_is_said_in_the_usual_ways(given: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    given.setenv("NAME", value)
    assert env.flag("NAME", default=not meant) is meant


def test_a_flag_that_is_neither_says_which_setting_it_is(given: pytest.MonkeyPatch) -> None:
    given.setenv("NAME", "maybe")
    with pytest.raises(ImproperlyConfigured, match="NAME must be true or false"):
        env.flag("NAME")


def test_a_database_address_may_hold_an_encoded_password(given: pytest.MonkeyPatch) -> None:
    given.setenv("DATABASE_URL", "postgres://retake:p%40ss@db:5433/retake?sslmode=require")
    database = env.database("sqlite:///unused")
    assert (database["ENGINE"], database["PASSWORD"]) == ("django.db.backends.postgresql", "p@ss")
    assert (database["HOST"], database["PORT"]) == ("db", 5433)


@pytest.mark.parametrize(
    "value",
    [
        "nonsense",
        "/srv/retake.sqlite3",
        "postgres://",
        "postgres://retake:secret@db",
        "postgres://retake:secret@db:port/retake",
        "postgres://retake:secret/@db/retake",
        "postgres://[::1/retake",
        "mysql://retake:secret@db/retake",
        "oracle://retake:secret@db/retake",
        "sqlite://",
        "sqlite:///",
        "sqlite://:memory:",
    ],
)
def test_a_database_that_cannot_be_is_not_repeated(
    given: pytest.MonkeyPatch, value: str, recwarn: pytest.WarningsRecorder
) -> None:
    given.setenv("DATABASE_URL", value)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must be postgres://user") as raised:
        env.database("sqlite:///unused")
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert not recwarn


def test_a_secret_is_made_once_and_kept_for_its_owner_alone(
    given: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = env.kept_secret("NAME", tmp_path)
    assert len(first) >= 64
    assert env.kept_secret("NAME", tmp_path) == first
    assert stat.S_IMODE((tmp_path / "name").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["name"]


@pytest.mark.processes
def test_processes_that_make_the_secret_at_once_agree(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib as p, editor_site.env as e; print(e.kept_secret('NAME', p.Path(sys.argv[1])))"
    )
    makers = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    secrets = {maker.communicate(timeout=60)[0].strip() for maker in makers}
    assert len(secrets) == 1
    assert len(secrets.pop()) >= 64


def test_a_given_secret_is_used_and_not_written_down(given: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given.setenv("NAME", "given")
    assert env.kept_secret("NAME", tmp_path) == "given"
    assert not any(tmp_path.iterdir())
