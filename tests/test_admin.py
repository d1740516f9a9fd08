"""The admin: who sees which tables, that nothing is changed past the services, and that looks are logged."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.checks import check_admin_app
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from edits.admin import site
from edits.models import (
    ApiKey,
    Attempt,
    AuditEntry,
    Batch,
    Budget,
    BulkJob,
    Comment,
    Draft,
    EditReference,
    EditRequest,
    Invitation,
    MergedPicture,
    MergeKind,
    PastPrompt,
    PresetUse,
    PromptFilling,
    PromptPreset,
    Recipe,
    RecipeRun,
    RevealGrant,
    ReviewEvent,
    Role,
    SpentDay,
    StagedUpload,
    Star,
    Submission,
    Tag,
    Upload,
    User,
    Vote,
    Webhook,
)
from edits.services.team.inviting import invite
from tests.conftest import person, signed_in
from tests.factories import edit_of, filtered_edit_of, finished_edit_of
from tests.first_rows import make_first_rows

INDEX = {"searchtext", "searchpending"}
"""The index of words has nothing that the edits have not, but their prompts."""
TABLES = sorted({model._meta.model_name or "" for model in apps.get_app_config("edits").get_models()} - INDEX)
STEPS = [{"prompt": "a private prompt"}]
FOR_REVIEWERS = ["revealgrant", "reviewcase", "reviewevent"]


@pytest.fixture
def rows(alice: User, root: User) -> dict[str, Any]:
    """One row of every table, by the table's name."""
    now = timezone.now()
    filtered = filtered_edit_of(alice, prompt="a private prompt")
    done = finished_edit_of(alice, prompt="a private prompt")
    tag = Tag.objects.create(name="harbor")
    tag.edits.add(done)
    key = ApiKey.objects.create(
        owner=alice, name="phone", key_hash="0f" * 32, hint="rtk_abcd", created_at=now
    )
    hook = Webhook.objects.create(owner=alice, url="https://a.example/", secret="whsec_1", created_at=now)
    return {
        "apikey": key,
        "attempt": Attempt.objects.create(
            edit=done, number=1, fence=1, started_at=now, seed_sent=7, trace_id="tr-1"
        ),
        "auditentry": AuditEntry.objects.create(at=now, actor=root, action="invited"),
        "batch": Batch.objects.create(owner=alice, axes=[["prompt", ["a private prompt"]]], created_at=now),
        "bulkjob": (job := BulkJob.objects.create(owner=alice, action="star", total=1, created_at=now)),
        "bulkchunk": job.chunks.create(number=0, keys=[done.pk]),
        "canaryrun": make_first_rows().models.get(name="step-1x-edit").canary_runs.create(began_at=now),
        "comment": Comment.objects.create(edit=done, author=alice, text="a private prompt", created_at=now),
        "draft": Draft.objects.create(owner=alice, content={"prompt": "a private prompt"}, changed_at=now),
        "editreference": EditReference.objects.create(edit=done, upload=done.upload, position=1),
        "editrequest": done,
        "invitation": invite(by=root, role=Role.MEMBER, note="Carol", days=7, now=timezone.now())[0],
        "mergedpicture": MergedPicture.objects.create(edit=done, kind=MergeKind.DETAIL, created_at=now),
        "pastprompt": PastPrompt.objects.create(
            owner=alice, digest="d" * 64, text="a private prompt", uses=1, last_used_at=now
        ),
        "promptfilling": PromptFilling.objects.create(below=1),
        "promptpreset": (
            preset := PromptPreset.objects.create(
                owner=alice, name="a private prompt", prompt="a private prompt", created_at=now
            )
        ),
        "presetuse": PresetUse.objects.create(edit=done, preset=preset),
        "provider": make_first_rows(),
        "providermodel": make_first_rows().models.first(),
        "budget": Budget.objects.get_or_create(pk=1)[0],
        "returnedimage": done.result,
        "revealgrant": RevealGrant.objects.create(
            case=filtered.review, reviewer=root, picture="source", step=1, granted_at=now
        ),
        "reviewcase": filtered.review,
        "reviewevent": filtered.review.events.first()
        or ReviewEvent.objects.create(case=filtered.review, at=now, kind="opened"),
        "spentday": SpentDay.objects.create(owner=alice, day=now.date(), edits=1, calls=2),
        "stagedupload": StagedUpload.objects.create(
            owner=alice,
            upload=done.upload,
            width_px=1,
            height_px=1,
            size_bytes=1,
            created_at=now,
            used_at=now,
        ),
        "recipe": (recipe := Recipe.objects.create(owner=alice, name="a private prompt", created_at=now)),
        "recipeversion": recipe.versions.create(number=1, steps=STEPS, created_at=now),
        "reciperun": (run := RecipeRun.objects.create(owner=alice, steps=STEPS, pictures=1, created_at=now)),
        "runstep": run.rows.create(picture=1, step=1, edit=done),
        "star": Star.objects.create(user=alice, edit=done, created_at=now),
        "vote": Vote.objects.create(voter=alice, edit=done, sheet="s-1", created_at=now),
        "submission": Submission.objects.create(api_key=key, digest="d" * 64, created_at=now),
        "tag": tag,
        "upload": done.upload,
        "user": alice,
        "webhook": hook,
        "webhookdelivery": hook.deliveries.create(edit=done, created_at=now),
    }


def list_of(table: str) -> str:
    """Address of a table's list."""
    return reverse(f"admin:edits_{table}_changelist")


def page_of(table: str, row: Any) -> str:
    """Address of a row's page."""
    return reverse(f"admin:edits_{table}_change", args=[row.pk])


def pages_of(rows: dict[str, Any], *tables: str) -> list[str]:
    """Addresses of the list of each table and of one row in it."""
    return [address for table in tables for address in (list_of(table), page_of(table, rows[table]))]


def statuses(client: Client, addresses: list[str]) -> dict[str, int]:
    """What each address answers."""
    return {address: client.get(address, follow=True).status_code for address in addresses}


class TestTables:
    def test_every_table_is_there(self) -> None:
        assert sorted(model._meta.model_name or "" for model in site._registry) == TABLES

    def test_administrators_see_every_table(self, root: User, rows: dict[str, Any]) -> None:
        pages = pages_of(rows, *TABLES)
        assert statuses(signed_in(root), pages) == dict.fromkeys(pages, 200)

    def test_they_can_be_searched(self, root: User, rows: dict[str, Any]) -> None:
        client = signed_in(root)
        for table in set(TABLES) - {"provider", "budget"}:
            answer = client.get(list_of(table), {"q": "no such thing"})
            assert answer.status_code == 200, table
            page = answer.content.decode()
            assert "0 results" in page or "0 selected" in page, table

    def test_an_edit_is_found_by_its_id(self, root: User, rows: dict[str, Any]) -> None:
        public_id = str(rows["editrequest"].public_id)
        page = signed_in(root).get(list_of("editrequest"), {"q": public_id}).content.decode()
        assert public_id in page

    def test_people_and_what_is_theirs_are_found_in_every_spelling(self, root: User) -> None:
        eric = User.objects.create_user("éric", first_name="Éloi")
        Comment.objects.create(edit=edit_of(eric), author=eric, text="Été", created_at=timezone.now())
        for table, asked in (("user", "ÉRIC"), ("user", "eloi"), ("comment", "E\u0301ric")):
            page = signed_in(root).get(list_of(table), {"q": asked}).content.decode()
            assert "1 result" in page or "1 selected" in page, asked
        assert not User.objects.filter(username="eric").exists()

    def test_calls_are_found_by_fault_price_worker_and_day(self, root: User, rows: dict[str, Any]) -> None:
        attempt = rows["attempt"]
        Attempt.objects.filter(pk=attempt.pk).update(fault="no_answer", worker="studio-7", answer_bytes=4711)
        day = timezone.localtime(attempt.started_at)
        on_the_day = {f"started_at__{part}": str(getattr(day, part)) for part in ("year", "month", "day")}
        client = signed_in(root)
        for asked in ({"fault": "no_answer"}, {"charged": "maybe"}, {"q": "studio-7"}, on_the_day):
            page = client.get(list_of("attempt"), asked).content.decode()
            assert "studio-7" in page
            assert "4711" in page
        assert "studio-7" not in client.get(list_of("attempt"), {"fault": "not_sent"}).content.decode()
        assert (
            "studio-7"
            not in client.get(list_of("attempt"), on_the_day | {"started_at__year": "1999"}).content.decode()
        )

    def test_reviewers_see_the_review_and_no_other_table(self, rita: User, rows: dict[str, Any]) -> None:
        client, others = signed_in(rita), [table for table in TABLES if table not in FOR_REVIEWERS]
        for tables, status in ((FOR_REVIEWERS, 200), (others, 403)):
            pages = pages_of(rows, *tables)
            assert statuses(client, pages) == dict.fromkeys(pages, status)
        index = client.get("/admin/").content.decode()
        assert [table for table in TABLES if list_of(table) in index] == FOR_REVIEWERS

    def test_members_see_none(self, bob: User, rows: dict[str, Any]) -> None:
        pages = pages_of(rows, *TABLES)
        assert statuses(signed_in(bob), pages) == dict.fromkeys(pages, 403)

    def test_strangers_sign_in_first(self, stranger: Client, rows: dict[str, Any]) -> None:
        for address in pages_of(rows, *TABLES):
            assert "/accounts/login/" in stranger.get(address, follow=True).redirect_chain[-1][0], address

    def test_who_is_deactivated_is_a_stranger(self, root: User, rows: dict[str, Any]) -> None:
        client = signed_in(root)
        person("rosa", Role.ADMINISTRATOR)
        User.objects.filter(pk=root.pk).update(is_active=False)
        assert "/accounts/login/" in client.get("/admin/", follow=True).redirect_chain[-1][0]

    def test_as_many_queries_with_fifty_rows_as_with_five(
        self, root: User, alice: User, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(50):
            Attempt.objects.create(
                edit=edit_of(alice), number=1, fence=number, started_at=timezone.now(), seed_sent=1
            )
        client = signed_in(root)
        client.get(list_of("attempt"))
        with django_assert_max_num_queries(10):
            client.get(list_of("attempt"))


class TestReadOnly:
    def test_nothing_is_added_or_deleted(self, root: User, rows: dict[str, Any]) -> None:
        client = signed_in(root)
        for table in TABLES:
            row = rows[table]
            before = type(row).objects.count()
            assert client.post(reverse(f"admin:edits_{table}_add"), {}).status_code == 403, table
            delete = reverse(f"admin:edits_{table}_delete", args=[row.pk])
            assert client.post(delete, {"post": "yes"}).status_code == 403, table
            several = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
            client.post(list_of(table), several)
            assert type(row).objects.filter(pk=row.pk).exists(), table
            if table != "auditentry":  # looks at rows are written down
                assert type(row).objects.count() == before, table

    def test_nothing_is_changed(self, root: User, rows: dict[str, Any]) -> None:
        client, pages = signed_in(root), [page_of(table, rows[table]) for table in TABLES if table != "user"]
        found = {page: client.post(page, {"status": "failed"}).status_code for page in pages}
        assert found == dict.fromkeys(pages, 403)

    def test_reviewers_change_nothing(self, rita: User, rows: dict[str, Any]) -> None:
        case = rows["reviewcase"]
        answer = signed_in(rita).post(page_of("reviewcase", case), {"decision": "released", "reason": "fine"})
        assert answer.status_code == 403
        case.refresh_from_db()
        assert case.decision == ""


class TestSecrets:
    def test_no_hash_of_a_token_or_password_is_shown(self, root: User, rows: dict[str, Any]) -> None:
        client = signed_in(root)
        secrets = {
            "invitation": rows["invitation"].token_hash,
            "user": rows["user"].password,
            "apikey": rows["apikey"].key_hash,
            "webhook": rows["webhook"].secret,
        }
        for table, secret in secrets.items():
            pages = client.get(list_of(table)), client.get(page_of(table, rows[table]))
            assert not any(secret in page.content.decode() for page in pages)

    def test_lists_show_no_prompt(self, root: User, rows: dict[str, Any]) -> None:
        client = signed_in(root)
        lists = {table: client.get(list_of(table)).content.decode() for table in TABLES}
        assert not [table for table, page in lists.items() if "a private prompt" in page]

    @pytest.mark.parametrize("table", ["returnedimage", "upload", "reviewcase"])
    def test_no_link_leads_to_a_picture(self, root: User, rows: dict[str, Any], table: str) -> None:
        page = signed_in(root).get(page_of(table, rows[table])).content.decode()
        for upload in Upload.objects.all():
            assert str(upload.file) not in page
        assert rows["returnedimage"].file.name not in page

    def test_prompts_cannot_be_guessed_by_searching(self, root: User, rows: dict[str, Any]) -> None:
        page = signed_in(root).get(list_of("editrequest"), {"q": "a private prompt"}).content.decode()
        assert str(rows["editrequest"].public_id) not in page


class TestLooks:
    def test_a_look_at_its_history_is_logged_too(self, root: User, alice: User, rows: dict[str, Any]) -> None:
        AuditEntry.objects.all().delete()
        address = page_of("editrequest", rows["editrequest"]).replace("/change/", "/history/")
        assert signed_in(root).get(address).status_code == 200
        assert AuditEntry.objects.get().action == "looked at an edit"

    @pytest.mark.parametrize(
        "table",
        [
            "editrequest",
            "returnedimage",
            "mergedpicture",
            "attempt",
            "revealgrant",
            "reviewcase",
            "reviewevent",
            "star",
            "vote",
            "comment",
            "webhookdelivery",
        ],
    )
    def test_a_look_at_anothers_private_edit_is_logged(
        self, root: User, alice: User, rows: dict[str, Any], table: str
    ) -> None:
        AuditEntry.objects.all().delete()
        signed_in(root).get(page_of(table, rows[table]))
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action) == (root, "looked at an edit")
        assert EditRequest.objects.get(public_id=entry.subject).owner == alice
        assert "alice" in entry.detail

    def test_ones_own_and_shared_edits_are_not(self, root: User, alice: User) -> None:
        client = signed_in(root)
        for edit in (finished_edit_of(root), finished_edit_of(alice, shared=True)):
            client.get(page_of("editrequest", edit))
        assert not AuditEntry.objects.exists()

    def test_who_may_not_look_leaves_no_trace(self, rita: User, rows: dict[str, Any]) -> None:
        AuditEntry.objects.all().delete()
        signed_in(rita).get(page_of("editrequest", rows["editrequest"]))
        assert not AuditEntry.objects.exists()


class TestPeople:
    def test_role_and_access_are_changed_by_the_services(self, root: User, alice: User) -> None:
        alices = signed_in(alice)
        client = signed_in(root)
        assert client.post(page_of("user", alice), {"role": "reviewer", "is_active": "on"}).status_code == 302
        assert User.objects.get(pk=alice.pk).is_reviewer
        client.post(page_of("user", alice), {"role": "reviewer"})
        assert alices.get("/settings/").status_code == 302
        client.post(page_of("user", alice), {"role": "reviewer", "is_active": "on"})
        assert User.objects.get(pk=alice.pk).is_active
        actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
        assert actions == ["changed a role", "deactivated", "reactivated"]

    @pytest.mark.parametrize("form", [{"role": "member", "is_active": "on"}, {"role": "administrator"}])
    def test_the_last_administrator_stays(self, root: User, form: dict[str, str]) -> None:
        page = signed_in(root).post(page_of("user", root), form).content.decode()
        assert "Make somebody else administrator first" in page
        assert User.objects.get(pk=root.pk).is_administrator

    def test_nothing_else_can_be_sent_along(self, root: User, alice: User) -> None:
        more = {
            "password": "x",
            "is_superuser": "on",
            "is_staff": "on",
            "username": "mallory",
            "email": "m@e.com",
        }
        signed_in(root).post(page_of("user", alice), {"role": "member", "is_active": "on"} | more)
        fresh = User.objects.get(pk=alice.pk)
        assert fresh.username == "alice"
        assert fresh.password == alice.password
        assert not fresh.is_superuser

    def test_there_is_one_page_for_passwords(self, root: User, alice: User) -> None:
        client = signed_in(root)
        assert client.get("/admin/password_change/").headers["Location"] == "/accounts/password/change/"
        assert client.get(f"/admin/edits/user/{alice.pk}/password/", follow=True).status_code in (
            302,
            404,
            200,
        )
        assert not re.search(
            "password", client.get(page_of("user", alice)).content.decode().split("<form")[-1]
        )

    def test_an_old_invitation_is_still_listed(self, root: User) -> None:
        invite(by=root, role=Role.MEMBER, note="Carol", days=1, now=timezone.now() - timedelta(days=9))
        assert Invitation.objects.count() == 1
        assert "Carol" in signed_in(root).get(list_of("invitation")).content.decode()


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize("page", ["index", "edits_editrequest_changelist"])
def test_its_pages_take_no_other_methods(root: User, page: str, method: str) -> None:
    assert signed_in(root).generic(method, reverse(f"admin:{page}")).status_code == 405


def test_django_finds_no_fault_in_any_of_its_pages() -> None:
    assert site.is_registered(EditRequest)
    assert check_admin_app(app_configs=None) == []
