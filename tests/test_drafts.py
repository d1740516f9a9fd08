"""Drafts: what is entered in the studio is kept on the server, filled in again, and never overwritten in silence."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from edits.forms.sources import Chosen
from edits.model_specs import STEP_1X_EDIT
from edits.models import Draft, StagedUpload, User
from edits.services.drafts import StaleDraft, bring_back_draft, clear_draft, save_draft
from edits.services.pictures.staging import forget_stale_uploads
from edits.services.team.people import deactivate
from edits.views.batch_fields import Picture, pictures_of_batch
from tests.conftest import signed_in
from tests.editors import LEASE
from tests.factories import edit_of, finished_edit_of
from tests.offers import QWEN, model
from tests.pictures import photo

NOW = timezone.now()


def save(client: Client, *, revision: int = 0, **values: Any) -> Any:
    data = {"prompt": "a sketch", "revision": revision} | values
    return client.post(
        "/draft/", urlencode(data, doseq=True), content_type="application/x-www-form-urlencoded"
    )


def uploaded(client: Client, name: str = "harbor.jpg", *, data: bytes = b"") -> StagedUpload:
    client.post("/source/", {"image": SimpleUploadedFile(name, data or photo(seed=len(name)))})
    return StagedUpload.objects.order_by("-pk")[0]


def page(client: Client, query: str = "") -> str:
    return str(client.get(f"/{query}").content.decode())


class TestService:
    """One for each person, with a revision that grows."""

    def test_each_save_has_the_next_revision(self, alice: User) -> None:
        first = save_draft(owner=alice, content={"prompt": ["a"]}, uploads=[], seen=0, now=NOW)
        second = save_draft(owner=alice, content={"prompt": ["b"]}, uploads=[], seen=first, now=NOW)
        assert (first, second) == (1, 2)
        assert Draft.objects.get().content == {"prompt": ["b"]}

    @pytest.mark.parametrize("seen", [0, 1, 3])
    def test_a_tab_that_has_not_seen_the_latest_overwrites_nothing(self, alice: User, seen: int) -> None:
        Draft.objects.create(owner=alice, content={"prompt": ["a"]}, revision=2, changed_at=NOW)
        with pytest.raises(StaleDraft) as refused:
            save_draft(owner=alice, content={"prompt": ["b"]}, uploads=[], seen=seen, now=NOW)
        assert refused.value.revision == 2
        assert Draft.objects.get().content == {"prompt": ["a"]}

    def test_a_tab_goes_on_from_what_it_saved_itself_without_an_answer(self, alice: User) -> None:
        for number, text in ((1, "a"), (2, "b"), (3, "c")):
            save_draft(
                owner=alice, content={"prompt": [text]}, uploads=[], seen=0, tab="one", at=number, now=NOW
            )
        assert Draft.objects.get().content["prompt"] == ["c"]
        with pytest.raises(StaleDraft):
            save_draft(owner=alice, content={"prompt": ["d"]}, uploads=[], seen=0, tab="two", at=9, now=NOW)

    def test_what_arrives_late_overwrites_nothing(self, alice: User) -> None:
        for number, text in ((2, "new"), (1, "old")):
            save_draft(
                owner=alice, content={"prompt": [text]}, uploads=[], seen=0, tab="one", at=number, now=NOW
            )
        assert Draft.objects.get().content["prompt"] == ["new"]

    def test_the_same_again_is_no_conflict(self, alice: User) -> None:
        Draft.objects.create(owner=alice, content={"prompt": ["a"]}, revision=2, changed_at=NOW)
        assert save_draft(owner=alice, content={"prompt": ["a"]}, uploads=[], seen=1, now=NOW) == 2

    def test_an_empty_one_gives_way_to_any_tab(self, alice: User) -> None:
        Draft.objects.create(owner=alice, content={}, revision=7, changed_at=NOW)
        assert save_draft(owner=alice, content={"prompt": ["a"]}, uploads=[], seen=3, now=NOW) == 8

    def test_the_uploads_that_it_names_are_kept(self, alice: User, bob: User) -> None:
        mine, his = uploaded(signed_in(alice)), uploaded(signed_in(bob), "b.jpg")
        ids = [str(mine.public_id), str(his.public_id)]
        revision = save_draft(owner=alice, content={"source": ["x"]}, uploads=ids, seen=0, now=NOW)
        later = NOW + timedelta(days=2)
        forget_stale_uploads(lease=LEASE, now=later)
        assert list(StagedUpload.objects.all()) == [mine]
        save_draft(owner=alice, content={"prompt": ["x"]}, uploads=[], seen=revision, now=later)
        forget_stale_uploads(lease=LEASE, now=later + timedelta(days=2))
        assert not StagedUpload.objects.exists()

    def test_clearing_can_be_undone_until_something_else_is_entered(self, alice: User) -> None:
        assert not clear_draft(owner=alice, now=NOW)
        save_draft(owner=alice, content={"prompt": ["a"]}, uploads=[], seen=0, now=NOW)
        assert clear_draft(owner=alice, now=NOW)
        assert not clear_draft(owner=alice, now=NOW)
        assert bring_back_draft(owner=alice, now=NOW)
        assert Draft.objects.get().content == {"prompt": ["a"]}
        assert not bring_back_draft(owner=alice, now=NOW)

    def test_it_goes_with_the_account(self, alice: User, root: User) -> None:
        save_draft(owner=alice, content={"prompt": ["a"]}, uploads=[], seen=0, now=NOW)
        deactivate(user=alice, by=root, now=NOW)
        assert not Draft.objects.exists()

    def test_a_deleted_person_leaves_no_draft_and_no_upload(self, alice: User) -> None:
        staged = uploaded(signed_in(alice))
        save_draft(owner=alice, content={}, uploads=[staged.public_id], seen=0, now=NOW)
        alice.delete()
        assert not Draft.objects.exists()
        assert not StagedUpload.objects.exists()


class TestSaving:
    """The address that the page posts to."""

    def test_only_fields_of_the_form_are_kept(self, alice: User) -> None:
        response = save(signed_in(alice), steps="12", csrfmiddlewaretoken="secret", before="x", seed="")
        assert response.json() == {"revision": 1}
        assert Draft.objects.get().content == {"prompt": ["a sketch"], "steps": ["12"]}

    def test_a_stale_tab_is_told_the_latest_revision(self, alice: User) -> None:
        client = signed_in(alice)
        save(client)
        response = save(client, prompt="other")
        assert (response.status_code, response.json()) == (409, {"revision": 1})

    @pytest.mark.parametrize("revision", ["", "-1", "x", "9" * 40])
    def test_a_revision_that_is_none_counts_as_none(self, alice: User, revision: str) -> None:
        assert save(signed_in(alice), revision=revision).status_code == 200  # type: ignore[arg-type]

    def test_what_is_far_too_long_is_not_kept(self, alice: User) -> None:
        assert save(signed_in(alice), prompt="a" * 200_001).status_code == 413
        assert not Draft.objects.exists()

    def test_it_must_be_posted_by_somebody(self, alice: User, stranger: Client) -> None:
        assert signed_in(alice).get("/draft/").status_code == 405
        assert save(stranger).status_code == 302
        assert not Draft.objects.exists()


class TestFillingIn:
    """Reload, another tab, another device, the next day."""

    def test_everything_that_was_entered_is_there_again(self, alice: User) -> None:
        client, target = signed_in(alice), model(QWEN)
        source, scarf = uploaded(client), uploaded(client, "scarf.jpg")
        references = [f"upload:{scarf.public_id}"]
        save(
            client,
            source=f"upload:{source.public_id}",
            reference_source=references,
            model=target.full_id,
            lock="on",
        )
        shown = page(signed_in(alice))
        assert "a sketch" in shown
        assert f'name="source" value="upload:{source.public_id}"' in shown
        assert f'name="reference_source" value="upload:{scarf.public_id}"' in shown
        assert f"/uploads/{source.public_id}/320/" in shown
        assert 'data-revision="1"' in shown

    def test_a_list_of_pictures_is_there_again_and_says_what_does_not_fit(self, alice: User) -> None:
        client = signed_in(alice)
        fits, strip = uploaded(client), uploaded(client, "strip.jpg", data=photo(width=400, height=100))
        references = [f"upload:{row.public_id}" for row in (fits, strip)]
        save(client, source=references[0], picture=[*references, f"upload:{uuid4()}"], variations="4")
        assert set(Draft.objects.get().staged.all()) == {fits, strip}
        context = client.get("/").context
        assert context["pictures"] == [
            Picture(references[0], "harbor.jpg", f"/uploads/{fits.public_id}/320/", fits=True),
            Picture(references[1], "strip.jpg", f"/uploads/{strip.public_id}/320/", fits=False),
        ]
        assert context["batch"].variations == "4"

    def test_a_list_takes_one_query(self, alice: User, django_assert_num_queries: Any) -> None:
        client = signed_in(alice)
        rows = [uploaded(client, f"{'x' * number}.jpg") for number in range(1, 5)]
        choices = [Chosen("upload", str(row.public_id)) for row in rows]
        with django_assert_num_queries(1):
            assert len(pictures_of_batch(choices, owner=alice, spec=STEP_1X_EDIT)) == 4

    def test_nobody_else_sees_it(self, alice: User, bob: User, root: User) -> None:
        save(signed_in(alice))
        for user in (bob, root):
            assert "a sketch" not in page(signed_in(user))

    @pytest.mark.parametrize("query", ["?sample=cat", "?model=stepfun/step-1x-edit"])
    def test_an_address_that_asks_for_something_wins(self, alice: User, query: str) -> None:
        client = signed_in(alice)
        save(client)
        assert "a sketch" not in page(client, query)

    def test_an_address_of_an_edit_to_go_on_from_wins(self, alice: User) -> None:
        client, edit = signed_in(alice), finished_edit_of(alice)
        save(client)
        assert "a sketch" not in page(client, f"?from={edit.public_id}&use=prompt")

    def test_what_was_not_sent_stays_beside_whatever_is_on_the_stage(self, alice: User) -> None:
        client, edit = signed_in(alice), finished_edit_of(alice)
        save(client)
        assert "a sketch" in page(client, f"?show={edit.public_id}")

    def test_what_was_sent_gives_way_to_another_edit_on_the_stage(self, alice: User) -> None:
        client, first, second = signed_in(alice), finished_edit_of(alice), finished_edit_of(alice)
        save(client, sent="1", show=str(first.public_id))
        assert "a sketch" in page(client)
        assert "a sketch" in page(client, f"?show={first.public_id}")
        assert "a sketch" not in page(client, f"?show={second.public_id}")

    def test_after_clearing_it_the_form_is_empty_until_that_is_undone(self, alice: User) -> None:
        client = signed_in(alice)
        save(client)
        assert client.post("/draft/clear/").status_code == 302
        shown = page(client)
        assert "a sketch" not in shown
        assert "/draft/bring-back/" in shown
        client.post("/draft/bring-back/")
        assert "a sketch" in page(client)

    def test_it_costs_one_query_and_one_for_its_picture(
        self, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        client = signed_in(alice)
        staged = uploaded(client)
        with CaptureQueriesContext(connection) as without:
            page(client)
        queries = len(without)
        save(client, source=f"upload:{staged.public_id}")
        with django_assert_max_num_queries(queries + 1):
            page(client)


class TestLost:
    """What a draft names may be gone; the rest of it stays."""

    @pytest.mark.parametrize("kind", ["upload", "source", "result"])
    def test_a_picture_that_is_gone_is_said(self, alice: User, kind: str) -> None:
        client = signed_in(alice)
        save(client, source=f"{kind}:{uuid4()}")
        shown = page(client)
        assert "That picture no longer exists." in shown
        assert "a sketch" in shown

    def test_somebody_elses_is_gone_too(self, alice: User, bob: User) -> None:
        staged = uploaded(signed_in(bob))
        save(signed_in(alice), source=f"upload:{staged.public_id}")
        assert "That picture no longer exists." in page(signed_in(alice))
        assert not Draft.objects.get().staged.exists()

    def test_a_reference_that_is_gone_is_said(self, alice: User) -> None:
        client, edit = signed_in(alice), edit_of(alice)
        save(client, model=model(QWEN).full_id, reference_source=[f"reference:{edit.public_id}:1"])
        assert "Reference 1: That picture no longer exists." in page(client)

    @pytest.mark.parametrize(
        "content", [{"prompt": ["x"], "model": ["gone/gone"]}, {"source": ["nonsense"]}, {"kept": ["{"]}]
    )
    def test_nonsense_breaks_nothing(self, alice: User, content: dict[str, list[str]]) -> None:
        Draft.objects.create(owner=alice, content=content, changed_at=NOW)
        assert signed_in(alice).get("/").status_code == 200
        assert Draft.objects.get().content == content
