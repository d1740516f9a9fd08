"""The pages and filters of a library of any size.  Runs inside an installation that bench.library filled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.library import ADMINISTRATOR, REVIEWER
from edits.forms.gallery import Filters
from edits.models import EditRequest, ReviewCase, Status, User
from edits.services.api.api_keys import make_api_key
from edits.views.listing import Listing, Name

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGE, FILTER = "page", "filter"
HISTORY, TEAM = "history, first", "team, first"
"""The pages to which filters are compared."""


@dataclass(frozen=True)
class Asked:
    """A page or filter: what asks for it once, and the name of the first page that it belongs to."""

    kind: str
    ask: Callable[[], object]
    first: str = HISTORY


class Library:
    """The people of a library, signed in, and the addresses that are asked for."""

    def __init__(self) -> None:
        self.people = list(User.objects.filter(username__startswith="person").order_by("pk"))
        self.heavy, self.light = self.people[0], self.people[-1]
        self.clients = {person.pk: self._signed_in(person) for person in self.people}
        self.now = timezone.now()

    def asked(self) -> dict[str, Asked]:
        """All of it by name."""
        return {**self._pages(), **self._filters(), **self._api()}

    def get(self, person: User, address: str, **headers: str) -> Callable[[], object]:
        """What loads a page as this person.  Raises AssertionError for anything but a page."""

        def ask() -> None:
            answer = self.clients[person.pk].get(address, headers=headers or None)
            assert answer.status_code in (200, 302), (address, answer.status_code)
            b"".join(answer) if answer.streaming else answer.content

        return ask

    def _signed_in(self, person: User) -> Client:
        client = Client(SERVER_NAME="localhost")
        client.force_login(person, backend=BACKEND)
        return client

    def _pages(self) -> dict[str, Asked]:
        me, newest = self.heavy, EditRequest.objects.of(self.heavy).not_trashed()
        with_most = EditRequest.objects.filter(parent__isnull=False).order_by().values("parent")
        parent: Any = with_most.annotate(number=Count("pk")).order_by("-number")[:1].get()["parent"]
        edits = {
            "new": newest.order_by("-pk")[0],
            "in the middle": newest.filter(pk__lte=self._middle, status=Status.SUCCEEDED).order_by("-pk")[0],
            "with many children": EditRequest.objects.get(pk=parent),
        }
        shared = EditRequest.objects.shared().filter(pk__lte=self._middle).order_by("-pk")[0]
        polled = "&".join(f"id={edit.public_id}&was=running" for edit in newest.order_by("-pk")[:20])
        pages = {
            HISTORY: (me, "/history/"),
            "history, middle": (me, self._deep("history", me, part=2)),
            "history, deepest": (me, self._deep("history", me)),
            "history, oldest first": (me, "/history/?sort=oldest"),
            "history of somebody else": (self.light, "/history/"),
            TEAM: (me, "/team/"),
            "team, middle": (me, self._deep("team", me, part=2)),
            "team, deepest": (me, self._deep("team", me)),
            "trash": (me, "/trash/"),
            "studio": (me, "/"),
            "studio from a past edit": (me, f"/?from={edits['in the middle'].public_id}&use=all"),
            "viewer from team": (self.light, f"/edits/{shared.public_id}/?from=team"),
            "status poll, 20 edits": (me, f"/status/?as=card&{polled}"),
            "settings": (me, "/settings/"),
            **{f"viewer, {name}": (edit.owner, f"/edits/{edit.public_id}/") for name, edit in edits.items()},
            **self._of_reviewers(),
            **self._of_administrators(),
        }
        return {name: Asked(PAGE, self.get(*page)) for name, page in pages.items()}

    def _of_reviewers(self) -> dict[str, tuple[User, str]]:
        reviewer, waiting = self.people[REVIEWER], ReviewCase.objects.waiting().order_by("pk")
        cases = {"first": waiting[0], "last": waiting.reverse()[0]}
        decided = ReviewCase.objects.present().decided()
        return {
            "review queue": (reviewer, "/review/"),
            **{
                f"review, {name} case": (reviewer, f"/review/{case.edit.public_id}/")
                for name, case in cases.items()
            },
            "review, decided": (reviewer, "/review/?show=decided"),
            "review, decided, deepest": (reviewer, f"/review/?show=decided&before={decided.reverse()[0].pk}"),
            "review, mine": (reviewer, "/review/?show=mine"),
            "review, with authors": (reviewer, "/review/?show=asked"),
        }

    def _of_administrators(self) -> dict[str, tuple[User, str]]:
        root, admin = self.people[ADMINISTRATOR], "/admin/edits"
        lists = (
            "editrequest", "attempt", "returnedimage", "reviewcase", "star", "upload", "tag", "comment",
        )  # fmt: skip
        return {
            "administrator's history": (root, "/history/"),
            "administrator's team": (root, "/team/"),
            "administrator's settings": (root, "/settings/"),
            "provider": (root, reverse("edits:providers")),
            "metrics": (root, "/metrics"),
            **{f"admin, {name}": (root, f"{admin}/{name}/") for name in lists},
            "admin, edits, page 20": (root, f"{admin}/editrequest/?p=20"),
            "admin, edits that failed": (root, f"{admin}/editrequest/?status__exact=failed"),
            "admin, edits of a person": (root, f"{admin}/editrequest/?owner__id__exact={self.light.pk}"),
            "admin, search a person": (root, f"{admin}/editrequest/?q={self.light.username}"),
            "admin, search an id": (
                root,
                f"{admin}/editrequest/?q={EditRequest.objects.latest('pk').public_id}",
            ),
            "admin, search nobody": (root, f"{admin}/attempt/?q=zzzz"),
        }

    def _filters(self) -> dict[str, Asked]:
        begins = EditRequest.objects.get(pk=self._middle).created_at
        week = f"after={begins:%Y-%m-%d}&before={begins + timedelta(days=7):%Y-%m-%d}"
        both = {
            "tag (5 %)": "tag=night", "tag (12)": "tag=rare", "tag of none": "tag=unheard",
            "last 7 days": f"after={self.now - timedelta(days=7):%Y-%m-%d}",
            "a week in the middle": week, "before the first": "before=1999",
            "starred (5 %)": "is=starred", "size (30 %)": "size=1024x1024", "size (12)": "size=768x768",
            "seed of none": "seed=77120", "word common": "q=harbor",
        }  # fmt: skip
        mine = {
            state: f"is={state}" for state in ("running", "done", "failed", "filtered", "canceled", "shared")
        }
        mine |= {"failed or canceled": "is=failed&is=canceled", "starred and shared": "is=starred&is=shared"}
        team = {
            f"by {name}": f"by={name}" for name in ("me", self.heavy.username, self.light.username, "nobody")
        }
        found = {f"history, {name}": (HISTORY, f"/history/?{query}") for name, query in (both | mine).items()}
        found |= {f"team, {name}": (TEAM, f"/team/?{query}") for name, query in (both | team).items()}
        edit = (
            EditRequest.objects.of(self.heavy).not_trashed().filter(pk__lte=self._middle).order_by("-pk")[0]
        )
        inside = {
            "tag (12)": "tag=rare",
            "starred": "is=starred",
            "a week": week,
            "size (12)": "size=768x768",
        }
        viewer, list_name = f"/edits/{edit.public_id}/", "viewer, in the middle"
        for name, query in (inside | {"canceled": "is=canceled"}).items():
            found[f"viewer inside {name}"] = (list_name, f"{viewer}?{query}")
        shared = EditRequest.objects.shared().filter(pk__lte=self._middle).order_by("-pk")[0]
        for name, query in (inside | {"by another": f"by={self.light.username}"}).items():
            found[f"viewer inside team, {name}"] = (
                "viewer from team",
                f"/edits/{shared.public_id}/?from=team&{query}",
            )
        return {name: Asked(FILTER, self.get(self.heavy, url), first) for name, (first, url) in found.items()}

    def _api(self) -> dict[str, Asked]:
        _, key = make_api_key(owner=self.heavy, name="bench", per_minute=6000, now=self.now)
        oldest = EditRequest.objects.of(self.heavy).not_trashed().order_by("pk")[30]
        shared = EditRequest.objects.shared().order_by("shared_at", "pk")[30]
        begins = int(EditRequest.objects.get(pk=self._middle).created_at.timestamp())
        first = "API list, first"
        pages = {
            first: "", "API list, deepest": f"after={oldest.public_id}", "API list, team": "scope=team",
            "API list, team, deepest": f"scope=team&after={shared.public_id}",
        }  # fmt: skip
        filters = {
            "failed": "status=failed", "canceled": "status=canceled", "queued": "status=queued",
            "starred": "starred=true", "not starred": "starred=false", "shared": "shared=true",
            "a week in the middle": f"created_after={begins}&created_before={begins + 7 * 86400}",
            "made of an edit": f"source_edit={oldest.public_id}", "repeating an edit": f"rerun_of={oldest.public_id}",
            "team, a week": f"scope=team&created_after={begins}&created_before={begins + 7 * 86400}",
            "team, starred": "scope=team&starred=true",
        }  # fmt: skip
        caller = {"Authorization": f"Bearer {key}"}

        def asked(kind: str, query: str) -> Asked:
            return Asked(kind, self.get(self.heavy, f"/v1/edits?{query}", **caller), first)

        found = {name: asked(PAGE, query) for name, query in pages.items()}
        return found | {f"API list, {name}": asked(FILTER, query) for name, query in filters.items()}

    @cached_property
    def _middle(self) -> int:
        """The key of an edit of half the library's age."""
        last: Any = EditRequest.objects.latest("pk").pk
        return int(EditRequest.objects.filter(pk__lte=last // 2).order_by("-pk")[0].pk)

    def _deep(self, name: Name, person: User, *, part: int = 1) -> str:
        """The address of the last page of a list, or with ``part`` 2 of the one half-way."""
        listing = Listing(name, person, Filters.read(QueryDict(""), of_team=name == "team"))
        edits = listing.edits().filter(pk__lte=self._middle) if part == 2 else listing.edits()
        order = (listing.moment, "pk")
        edit = (
            edits.order_by(*(f"-{column}" for column in order))[0]
            if part == 2
            else edits.order_by(*order)[51]
        )
        return f"/{name}/?older={listing.place_of(edit)}"
