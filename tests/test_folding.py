"""The folded form: one for all spellings of a text, and no more alike than people think them."""

import sys
import unicodedata
import uuid

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from edits.folding import fold
from edits.models import EditRequest, Tag, User
from edits.models.folded import FoldedField, fold_rows
from edits.services.curating.tagging import tag_edits
from edits.services.folding import fold_new_rows
from edits.services.team.people import save_profile
from tests.callers import caller_of
from tests.factories import edit_of, finished_edit_of, upload_of
from tests.test_gallery_filters import filters, found

SPELLINGS = [
    ("Кошка на крыше", "КОШКА"),
    ("Ajoute un Éclair façon crème", "éclair"),
    ("Ajoute un Éclair façon crème", "FAÇON"),
    ("Ajoute un Éclair façon crème", "creme"),
    ("straße in BERLIN", "STRASSE"),
    ("STRASSE in Berlin", "straße"),
    ("İstanbul sunset", "istanbul"),
    ("ISPARTA roses", "ısparta"),
    ("ısparta roses", "isparta"),
    ("e\u0301clair nfd", "éclair"),
    ("éclair nfc", "e\u0301clair"),
    ("ΟΔΟΣ by night", "οδος"),
    ("ο δρόμος", "ΔΡΟΜΟΣ"),
    ("ｶﾞﾗｽ の 猫", "ガラス"),
    ("ＦＵＬＬ width", "full"),
    ("שָׁלוֹם", "שלום"),
    ("مُحَمَّد", "محمد"),
    ("soft\u00adhyphen", "softhyphen"),
    ("a ❤\ufe0f", "❤"),
    ("把猫变成英短", "变成"),
    ("한국어", "한국"),
]
"""What a prompt says, and what somebody looks for."""


@pytest.mark.parametrize(("said", "asked"), SPELLINGS)
def test_a_text_is_found_however_it_is_typed(alice: User, said: str, asked: str) -> None:
    edit = finished_edit_of(alice, prompt=said)
    finished_edit_of(alice, prompt="something else")
    assert found(f"q={asked}", alice) == {edit}
    listed = caller_of(alice).get("/v1/edits", {"q": asked}).json()["data"]
    assert [one["id"] for one in listed] == [str(edit.public_id)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("かき", "かぎ"),
        ("はは", "ぱぱ"),
        ("मरा", "मेरा"),
        ("คา", "ค่า"),
        ("猫", "犬"),
        ("a b", "ab"),
        ("l", "1"),
    ],
)
def test_letters_that_differ_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_composition_does_not_count(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == fold(text)


def test_case_does_not_count_for_any_letter() -> None:
    """But for the Greek iota below: capitals write it as a letter, and most people leave it out."""
    letters = [x for x in map(chr, range(sys.maxunicode + 1)) if not x == x.upper() == x.lower() == x.title()]
    assert len(letters) > 2000
    differ = [x for x in letters if len({fold(x), fold(x.upper()), fold(x.lower()), fold(x.title())}) > 1]
    assert all("\u0345" in unicodedata.normalize("NFD", letter) for letter in differ)


class TestColumns:
    """Every way of writing a row also writes what is searched."""

    def test_each_is_of_a_column_of_its_table(self) -> None:
        found = {
            (model._meta.model_name, column.name, model._meta.get_field(column.of).name)
            for model in apps.get_app_config("edits").get_models()
            for column in model._meta.concrete_fields
            if isinstance(column, FoldedField)
        }
        assert found == {
            ("editrequest", "prompt_folded", "prompt"),
            ("pastprompt", "text_folded", "text"),
            ("tag", "name_folded", "name"),
            ("user", "first_name_folded", "first_name"),
            ("user", "last_name_folded", "last_name"),
            ("user", "username_folded", "username"),
        }

    def test_rows_that_are_made_in_one_go_are_folded(self, alice: User) -> None:
        edit = edit_of(alice, prompt="ÉTÉ")
        edit.pk, edit.public_id, edit.submission_key = None, uuid.uuid4(), uuid.uuid4()
        edit.prompt = "HÔTEL"
        EditRequest.objects.bulk_create([edit])
        assert set(EditRequest.objects.values_list("prompt_folded", flat=True)) == {"ete", "hotel"}

    def test_a_new_name_in_the_profile_is_folded(self, alice: User) -> None:
        save_profile(user=alice, name="Éloïse", email="", shortcuts=True, now=timezone.now())
        assert User.objects.get(first_name_folded="eloise", last_name_folded="") == alice

    def test_a_tag_is_found_in_every_spelling(self, alice: User) -> None:
        edit = finished_edit_of(alice)
        tag_edits(owner=alice, edits=EditRequest.objects.all(), names=["été à nice"])
        for asked in ("été-à-nice", '"ETE A NICE"', "e\u0301te\u0301-a\u0300-nice"):
            assert found(f"q=tag:{asked}", alice) == {edit}
        assert Tag.objects.get().name == "été à nice"


class TestPeople:
    def test_by_finds_a_name_that_begins_with_an_accent(self, alice: User, bob: User) -> None:
        save_profile(user=bob, name="Éric", email="", shortcuts=True, now=timezone.now())
        his = finished_edit_of(bob, shared=True)
        finished_edit_of(alice, shared=True)
        for asked in ("by:Éric", "by:éric", "by:E\u0301RIC", "by:eric", "Éric", "ÉRIC"):
            assert found(f"q={asked}", alice, of_team=True) == {his}, asked

    def test_a_name_of_which_nothing_is_left_is_nobodys(self, alice: User) -> None:
        finished_edit_of(alice, shared=True)
        asked = filters("by=\u0301", of_team=True)
        assert (asked.values, len(asked.ignored)) == ({}, 1)


class TestAnUpgrade:
    """Programs of the version before know no folded columns: they leave NULL, also during the upgrade."""

    def test_what_they_saved_is_folded_in_the_next_round(self, alice: User) -> None:
        edit = finished_edit_of(alice, prompt="Été")
        tag_edits(owner=alice, edits=EditRequest.objects.all(), names=["été"])
        for model in (EditRequest, Tag):
            folded = [
                column.name for column in model._meta.concrete_fields if isinstance(column, FoldedField)
            ]
            model._base_manager.update(**dict.fromkeys(folded))
        User.objects.update(username_folded=None, first_name_folded=None, last_name_folded=None)
        assert found("q=ete", alice) == set()
        fold_new_rows()
        assert found("q=ete", alice) == found("q=tag:ete", alice) == {edit}
        assert User.objects.get(username_folded="alice", first_name_folded="", last_name_folded="") == alice

    def test_many_rows_are_folded_a_batch_at_a_time(self, alice: User) -> None:
        upload = upload_of()
        for _ in range(3):
            edit_of(alice, upload=upload)
        EditRequest.objects.update(prompt_folded=None)
        assert [fold_rows(EditRequest, most=2) for _ in range(3)] == [2, 1, 0]

    def test_a_round_with_nothing_to_fold_writes_nothing(self, alice: User) -> None:
        edit_of(alice)
        with CaptureQueriesContext(connection) as asked:
            fold_new_rows()
        assert all(query["sql"].startswith("SELECT") for query in asked.captured_queries)

    def test_who_has_the_name_of_an_earlier_account_keeps_it(self, alice: User) -> None:
        for name in ("ÉRIC", "éric", "eric"):
            User.objects.bulk_create([User(username=name, is_namesake=True)])
        User.objects.update(username_folded=None, is_namesake=False)
        fold_new_rows()
        kept = User.objects.order_by("pk").values_list("username", "username_folded", "is_namesake")
        assert list(kept) == [
            ("alice", "alice", False),
            ("ÉRIC", "eric", False),
            ("éric", "eric", True),
            ("eric", "eric", True),
        ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_rows_of_before_the_upgrade_are_found_after_it() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([("edits", "0010_providers")])
    try:
        before = executor.loader.project_state([("edits", "0010_providers")]).apps.get_model
        owner = before("edits", "User").objects.create(username="Zoë", first_name="Éva", role="member")
        before("edits", "Tag").objects.create(name="été")
        before("edits", "User").objects.create(username="zoe", role="member")
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes("edits"))
    assert User.objects.get(username_folded="zoe", first_name_folded="eva", is_namesake=False).pk == owner.pk
    assert User.objects.get(username="zoe").is_namesake
    assert Tag.objects.get(name_folded="ete").name == "été"
