"""Review of edits of any model: the same cases for each dialect's verdicts, and provider and references shown."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from edits.models import (
    AuditEntry,
    EditReference,
    EditRequest,
    ProviderModel,
    ReturnedImage,
    ReviewCase,
    Status,
    User,
)
from edits.services import reviewing
from edits.services.pictures.storing import picture_bytes
from tests.canaries import qwen, studio_gpu
from tests.conftest import signed_in
from tests.editors import NOW, Editor, run, stopped
from tests.factories import default_model, edit_of, filtered_edit_of, picture, upload_of
from tests.reviews import SOON, address, kinds, opened, released, uncovered


@pytest.fixture(params=["stepfun", "openai"])
def model(request: pytest.FixtureRequest, db: None) -> ProviderModel:
    """The model of the settings, or one of a server of one's own."""
    return default_model() if request.param == "stepfun" else qwen(studio_gpu(), canary_is_on=False)


def of(model: ProviderModel, **fields: Any) -> dict[str, Any]:
    return {"provider_id": model.provider_id, "model": model.name} | fields


@pytest.mark.parametrize("stage", ["request", "result"])
@pytest.mark.parametrize("with_picture", [True, False])
def test_each_dialect_s_verdict_opens_the_same_case(
    alice: User, model: ProviderModel, *, stage: str, with_picture: bool
) -> None:
    edit = edit_of(alice, **of(model))
    editor = Editor([stopped(stage=stage, data=picture() if with_picture else None)])
    run(edit, editor, at=NOW)
    assert (edit.status, edit.filtered_at_stage, len(editor.calls)) == (Status.FILTERED, stage, 1)
    case = ReviewCase.objects.get(edit=edit)
    assert kinds(case) == ["stopped"]
    assert ReturnedImage.objects.filter(edit=edit, withheld=True).exists() is with_picture
    assert not ReturnedImage.objects.filter(withheld=False).exists()


class TestThePage:
    def test_it_names_provider_and_model(self, alice: User, rita: User) -> None:
        model = qwen(studio_gpu())
        case = filtered_edit_of(alice, **of(model, seed=None, steps=None, cfg_scale=None, size="auto")).review
        html = signed_in(rita).get(address(case)).content.decode()
        assert "Studio GPU" in html
        assert "Qwen-Image-Edit-2511" in html
        assert "no seed" in html
        assert "None" not in html

    def test_a_model_that_is_gone_is_named_by_its_id(self, alice: User, rita: User) -> None:
        case = filtered_edit_of(alice, model="step-9").review
        assert "step-9" in signed_in(rita).get(address(case)).content.decode()


class TestReferences:
    @pytest.fixture
    def case(self, alice: User) -> ReviewCase:
        edit = filtered_edit_of(alice)
        for position in (1, 2):
            EditReference.objects.create(edit=edit, upload=upload_of(), position=position)
        return edit.review

    @pytest.fixture
    def browser(self, rita: User) -> Client:
        return signed_in(rita)

    def test_they_are_shown_veiled_like_the_source(
        self, case: ReviewCase, rita: User, browser: Client
    ) -> None:
        opened(case, rita, now=timezone.now())
        html = browser.get(address(case)).content.decode()
        for position in (1, 2):
            assert f'src="{address(case)}picture/reference-{position}/0/"' in html
            assert "reference/" not in html

    @pytest.mark.parametrize("step", [0, 1, 2, 3])
    def test_each_look_is_in_the_timeline(
        self, case: ReviewCase, rita: User, browser: Client, step: int
    ) -> None:
        uncovered(case, rita, "reference-2", step, now=timezone.now())
        answer = browser.get(f"{address(case)}picture/reference-2/{step}/")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        line = case.events.last()
        assert line
        assert line.text.startswith("reference 2, ")
        assert (answer.content == picture_bytes(case.edit.references.get(position=2).upload.file)) is (
            step == 3
        )
        assert AuditEntry.objects.filter(action="review.reveal").exists() is (step == 3)

    def test_a_step_is_revealed_in_place_and_without_a_script(
        self, case: ReviewCase, rita: User, browser: Client
    ) -> None:
        uncovered(case, rita, "reference-1", 1, now=timezone.now())
        fields = {"which": "reference-1", "step": "2"}
        part = browser.post(f"{address(case)}reveal/", fields, headers={"hx-request": "true"})
        whole = browser.post(f"{address(case)}reveal/", fields)
        for answer in (part, whole):
            assert f"{address(case)}picture/reference-1/2/" in answer.content.decode()

    @pytest.mark.parametrize(
        "which", ["reference-0", "reference-3", "reference-", "reference-01", "mask", "x"]
    )
    def test_others_do_not_exist(self, case: ReviewCase, browser: Client, which: str) -> None:
        before = kinds(case)
        assert browser.get(f"{address(case)}picture/{which}/0/").status_code == 404
        assert kinds(case) == before

    def test_for_others_they_do_not_exist(
        self, case: ReviewCase, alice: User, bob: User, stranger: Client
    ) -> None:
        for client in (signed_in(alice), signed_in(bob), stranger):
            assert client.get(f"{address(case)}picture/reference-1/0/").status_code == 404

    def test_once_released_they_are_the_author_s_alone(self, case: ReviewCase, rita: User) -> None:
        released(case, rita)
        assert reviewing.look(case=case, reviewer=rita, which="reference-1", step=0, now=SOON) is None
        assert EditRequest.objects.get(pk=case.edit_id).references.count() == 2
