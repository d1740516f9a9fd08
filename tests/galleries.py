"""Reading galleries in tests: the cards of a page, the link to the next, all pages in a row."""

import re
from itertools import chain

from django.test import Client

from edits.forms.gallery import Filters
from edits.models import EditRequest, User
from edits.models.edit_lookups import EditRequestQuerySet

CARD = re.compile(r'id="card-([0-9a-f-]{36})"')
OLDER = re.compile(r'class="more">\s*<a class="btn" href="\?([^"]+)"')
IN_PLACE = {"HX-Request": "true"}


def page(client: Client, address: str, headers: dict[str, str] | None = None) -> str:
    """The page behind the address."""
    response = client.get(address, headers=headers or {})
    assert response.status_code == 200
    return response.content.decode()


def cards(html: str) -> list[str]:
    """Public ids of the cards, in their order."""
    return CARD.findall(html)


def ids(edits: list[EditRequest]) -> list[str]:
    """Public ids as a page writes them."""
    return [str(edit.public_id) for edit in edits]


def older(html: str) -> str:
    """The query of the link to the next page, blank where there is none."""
    match = OLDER.search(html)
    return match[1].replace("&amp;", "&") if match else ""


def all_pages(client: Client, address: str, query: str = "") -> list[list[str]]:
    """The cards of every page, following the link as a browser without script does."""
    pages = []
    while True:
        html = page(client, f"{address}?{query}")
        pages.append(cards(html))
        query = older(html)
        if not query:
            return pages


def joined(pages: list[list[str]]) -> list[str]:
    """The cards of all pages in a row."""
    return list(chain.from_iterable(pages))


def narrowed(
    filters: Filters, edits: EditRequestQuerySet, *, viewer: User, moment: str = "created_at"
) -> EditRequestQuerySet:
    """What these filters leave of a list, in its order."""
    for rule in filters.rules(edits, viewer=viewer, moment=moment):
        edits = edits.filter(rule)
    if search := filters.search(viewer):
        edits = edits.filter(search.rows())
    return edits.order_by(f"-{moment}", "-pk")
