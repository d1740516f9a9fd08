"""Where galleries and trash offer all of a list for a bulk action, and what their forms carry."""

import html as entities
import re

import pytest
from django.utils import timezone

from edits.models import EditRequest, Status, User
from edits.services.curating.trashing import trash_edits
from edits.views import cursors, listing
from tests.conftest import signed_in
from tests.factories import edit_of, finished_edit_of
from tests.galleries import page
from tests.test_bulk_whole_lists import many, said


class TestThePage:
    @pytest.fixture(autouse=True)
    def _short_pages(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(listing, "PAGE_LENGTH", 3)

    def test_it_offers_all_where_the_list_goes_on(self, alice: User) -> None:
        for number in range(4):
            finished_edit_of(alice, shared=True, prompt=("red", "blue")[number == 0])
        client = signed_in(alice)
        assert ">Select all 4</label>" in page(client, "/history/")
        assert ">Select all 4</label>" in page(client, "/team/")
        assert 'name="all"' not in page(client, "/history/?q=red")
        finished_edit_of(alice, prompt="red")
        html = page(client, "/history/?q=red&is=done")
        assert ">Select all that match</label>" in html
        assert 'name="filter" value="is=done&amp;q=red"' in html

    def test_what_it_sends_is_what_it_showed(self, alice: User) -> None:
        many(alice, 5, prompt="red & blue+")
        other = finished_edit_of(alice, prompt="green")
        client = signed_in(alice)
        html = page(client, "/history/?q=%26+blue%2B&is=failed&sort=oldest&density=2")
        fields = {name: hidden(html, name) for name in ("filter", "shown", "list")}
        later = edit_of(alice, status=Status.FAILED, prompt="red & blue+")
        response = client.post("/edits/bulk/", {"action": "trash", "all": "1"} | fields)
        assert said(response)[0] == "Moved 5 edits to the trash."
        assert set(EditRequest.objects.not_trashed()) == {other, later}

    def test_the_trash_offers_it_too(self, alice: User) -> None:
        many(alice, 4)
        client = signed_in(alice)
        trash_edits(owner=alice, edits=EditRequest.objects.all(), now=timezone.now())
        html = page(client, "/trash/")
        assert "Restore all 4</button>" in " ".join(html.split())
        sent = {"action": "restore", "all": "1", "list": "trash", "shown": hidden(html, "shown")}
        assert said(client.post("/edits/bulk/", sent))[0] == "Restored 4 edits."
        assert "Restore all" not in page(client, "/trash/")

    def test_with_script_the_page_is_loaded_again(self, alice: User) -> None:
        many(alice, 4)
        client = signed_in(alice)
        sent = {
            "action": "trash",
            "all": "1",
            "list": "history",
            "shown": cursors.encode(timezone.now()),
            "next": "/history/?q=a",
        }
        response = client.post("/edits/bulk/", sent, headers={"HX-Request": "true"})
        assert (response.content, response.headers["HX-Redirect"]) == (b"", "/history/?q=a")
        assert "Moved 4 edits to the trash." in page(client, "/history/")


def hidden(html: str, name: str) -> str:
    """What the hidden field of this name carries."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found
    return entities.unescape(found[1])
