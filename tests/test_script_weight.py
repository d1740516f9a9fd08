"""What the scripts of pages weigh as browsers get them: those in the HTML, with all that they import at once."""

import re
from functools import cache
from pathlib import Path

import brotli
import pytest
from django.test import Client

from editor_site.storages import without_comments
from edits.models import EditRequest, User
from tests.conftest import signed_in
from tests.factories import filtered_edit_of, finished_edit_of

MOST_BYTES = 40_000
STATIC = Path(__file__).resolve().parent.parent / "static"
IN_PAGE = re.compile(r'<script[^>]*\ssrc="/static/([^"]+)"')
HASH = re.compile(r"\.[0-9a-f]{12}(?=\.js$)")
AT_ONCE = re.compile(r'^(?:import|export) (?:[^;"]*? from )?"\./([^"]+)";', re.MULTILINE)
LATER = re.compile(r'\bimport\("\./([^"]+)"\)')


@cache
def weight(name: str) -> int:
    """Bytes of this script as it is sent."""
    script = (STATIC / name).read_bytes()
    return len(brotli.compress(without_comments(script) if name.startswith("js/") else script))


def imported(name: str, pattern: re.Pattern[str] = AT_ONCE) -> list[str]:
    return [f"js/{other}" for other in pattern.findall((STATIC / name).read_text())]


def loaded(html: str) -> set[str]:
    """The scripts that a browser loads with this page, without those that come with their first use."""
    found: set[str] = set()
    names = [HASH.sub("", name) for name in IN_PAGE.findall(html)]
    while names:
        name = names.pop()
        if name not in found:
            found.add(name)
            names += imported(name)
    return found


def assert_light(client: Client, path: str, *, without: str = "") -> None:
    answer = client.get(path)
    assert answer.status_code == 200, path
    scripts = loaded(answer.content.decode())
    assert {"js/base.js", "vendor/htmx/htmx.min.js"} <= scripts
    assert without not in scripts
    assert sum(map(weight, scripts)) <= MOST_BYTES, {name: weight(name) for name in sorted(scripts)}


@pytest.fixture
def edit(alice: User) -> EditRequest:
    """A result of Alice's."""
    return finished_edit_of(alice)


@pytest.mark.parametrize(
    "path", ["/", "/history/", "/team/", "/trash/", "/settings/", "/settings/providers/"]
)
def test_a_page_loads_at_most_forty_kilobytes_of_script(root: User, path: str) -> None:
    finished_edit_of(root)
    assert_light(signed_in(root), path)


def test_the_studio_stays_as_light_with_a_result_on_its_stage(alice: User, edit: EditRequest) -> None:
    assert_light(signed_in(alice), f"/?show={edit.public_id}", without="js/zoom.js")


def test_pages_to_look_closely_are_as_light(alice: User, rita: User, edit: EditRequest) -> None:
    client, other = signed_in(alice), finished_edit_of(alice)
    assert_light(client, f"/edits/{edit.public_id}/")
    assert_light(client, f"/compare/{edit.public_id}/{other.public_id}/")
    assert_light(signed_in(rita), f"/review/{filtered_edit_of(alice).public_id}/")


def test_scripts_that_load_each_other_in_a_circle_would_have_no_hash() -> None:
    """Each name holds the hash of what is inside, with the names of what it loads."""
    known: set[str] = set()

    def visit(name: str, above: tuple[str, ...] = ()) -> None:
        assert name not in above, f"{name} loads itself"
        if name not in known:
            for other in imported(name) + imported(name, LATER):
                visit(other, (*above, name))
            known.add(name)

    for path in STATIC.glob("js/*.js"):
        visit(f"js/{path.name}")
    assert "js/studio-batch.js" in known


def test_only_lines_that_are_comments_are_left_out() -> None:
    assert without_comments(b'// why\nlet a = "//"; // here\n  // there\n') == b'let a = "//"; // here\n'
    for path in STATIC.glob("js/*.js"):
        for line in path.read_text().splitlines():
            assert line.count("`") % 2 == 0, f"{path.name}: the lines of this string may look like comments"
