"""When a canary says that the model changed: two pictures that agree with each other and not with the baseline."""

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from PIL import Image, ImageDraw
from pytest_django.fixtures import Settings

from edits.model_specs import ModelSpec
from edits.models import AuditEntry, CanaryRun, Provider, ProviderModel, Role, User
from edits.providers import Answer, Unanswered
from edits.services.canary import run_due_canaries
from edits.services.canary.daily_run import Tools
from edits.services.canary.judging import CHANGED, SIDE_PX, difference, small_copy
from edits.services.site_links import absolute
from edits.services.team.people import take_time_zone
from tests.conftest import person
from tests.editors import LEASE, Editor, made, stopped

FIRST_DAY = datetime(2026, 11, 1, 7, 0, tzinfo=ZoneInfo("UTC"))
SEEDED = ModelSpec(name="m", takes_seed=True)
UNSEEDED = ModelSpec(name="m")

Days = Callable[..., list[CanaryRun]]


def drawn(hue: int, *, side_px: int = 96, format: str = "PNG", quality: int = 90) -> bytes:
    """A picture that looks like others of this hue."""
    image = Image.new("RGB", (side_px, side_px), (hue, 120, 255 - hue))
    ImageDraw.Draw(image).ellipse((10, 10, side_px // 2, side_px // 2), fill=(255 - hue, hue, 60))
    file = BytesIO()
    image.save(file, format, quality=quality)
    return file.getvalue()


A, B = drawn(20), drawn(200)


@pytest.fixture
def model(db: None, settings: Settings) -> ProviderModel:
    settings.MAIL_IS_SET_UP = True
    second = Provider.objects.create(
        name="Studio GPU", slug="gpu", preset="vllm-omni", stored_url="http://gpu.test/v1"
    )
    return second.models.create(
        name="qwen", label="Qwen", accent="vllm-omni", canary_is_on=True, canary_due_at=FIRST_DAY,
        spec_json=SEEDED.to_json(),
    )  # fmt: skip


@pytest.fixture
def days(model: ProviderModel, django_capture_on_commit_callbacks: Any) -> Days:
    """One day after the other with these answers; a picture's bytes are one.  Gives all runs."""

    def day(outcome: Answer | Exception) -> None:
        now = FIRST_DAY + timedelta(days=CanaryRun.objects.count())
        editor = Editor([outcome])
        tools = Tools(client_for=lambda _: editor, read_clock=lambda: now, beside=lambda job: job())
        with django_capture_on_commit_callbacks(execute=True):
            assert run_due_canaries(lease=LEASE, now=now, tools=tools) == 1

    def run(*answers: bytes | Answer | Exception) -> list[CanaryRun]:
        for answer in answers:
            day(made(answer) if isinstance(answer, bytes) else answer)
        return list(CanaryRun.objects.order_by("began_at"))

    return run


def changed(runs: list[CanaryRun]) -> list[int]:
    """The days on which the model changed, counted from 0."""
    return [number for number, run in enumerate(runs) if run.model_changed]


def baselines(runs: list[CanaryRun]) -> list[int]:
    return [number for number, run in enumerate(runs) if run.is_baseline]


class TestModelsWithASeed:
    def test_the_first_picture_is_the_baseline(self, days: Days) -> None:
        first, second = days(A, A)
        assert (first.is_baseline, first.difference) == (True, 0.0)
        assert (second.is_baseline, second.difference) == (False, 0.0)
        assert (second.format, second.width_px, second.height_px) == ("PNG", 96, 96)

    def test_two_other_pictures_in_a_row_are_a_change(
        self, days: Days, model: ProviderModel, root: User
    ) -> None:
        runs = days(A, A, B, B, B, B)
        assert (changed(runs), baselines(runs)) == ([2], [0, 2])
        assert [run.difference for run in runs[:2]] == [0.0, 0.0]
        assert all(run.difference and run.difference > 0.2 for run in runs[2:4])
        assert [run.difference for run in runs[4:]] == [0.0, 0.0]
        model.refresh_from_db()
        assert model.changed_at == runs[2].began_at

    def test_administrators_are_notified_once(self, days: Days, model: ProviderModel, root: User) -> None:
        days(A, A, B, B, B)
        entry = AuditEntry.objects.get()
        assert (entry.actor, entry.action, entry.subject) == (None, "saw a model change", "gpu/qwen")
        (message,) = mail.outbox
        assert (message.to, message.subject) == (["root@example.com"], "Retake: Qwen has changed")
        assert "3 November 2026" in message.body
        assert f"Open {absolute('/settings/providers/gpu/')} to compare" in message.body

    def test_each_administrator_reads_the_time_on_their_own_clock(self, days: Days, root: User) -> None:
        take_time_zone(user=person("bob", Role.ADMINISTRATOR), name="Asia/Shanghai")
        runs = days(A, A, B, B)
        began = runs[2].began_at
        texts = {message.to[0]: message.body for message in mail.outbox}
        here = began.astimezone(ZoneInfo("Asia/Shanghai"))
        assert f"{began:%H:%M} (UTC)" in texts["root@example.com"]
        assert f"{here.day} {here:%B %Y, %H:%M} (Asia/Shanghai)" in texts["bob@example.com"]

    def test_one_odd_picture_is_no_change(self, days: Days, root: User) -> None:
        runs = days(A, A, B, A, A, B, A)
        assert (changed(runs), baselines(runs)) == ([], [0])
        assert (mail.outbox, AuditEntry.objects.count()) == ([], 0)

    def test_a_day_without_a_picture_in_between_does_not_hide_it(self, days: Days) -> None:
        assert changed(days(A, B, Unanswered("no answer"), stopped(), B)) == [1]

    def test_a_model_that_never_repeats_itself_does_not_change(self, days: Days) -> None:
        runs = days(*(drawn(hue) for hue in (0, 90, 200, 40, 150, 250, 70)))
        assert changed(runs) == []
        assert all(run.difference and run.difference > CHANGED for run in runs[1:])

    def test_noise_is_no_change(self, days: Days) -> None:
        runs = days(drawn(20), drawn(21), drawn(19), drawn(22), drawn(20))
        assert changed(runs) == []
        assert max(run.difference or 0 for run in runs) < CHANGED

    def test_going_back_is_a_change_as_well(self, days: Days) -> None:
        assert changed(days(A, A, B, B, A, A)) == [2, 4]

    def test_another_size_is_a_change(self, days: Days, root: User) -> None:
        large = drawn(20, side_px=192)
        assert changed(days(A, A, large, large)) == [2]
        assert "96×96 PNG, now 192×192 PNG" in AuditEntry.objects.get().detail

    def test_another_call_begins_a_new_baseline_and_is_no_change(
        self, days: Days, model: ProviderModel
    ) -> None:
        days(A, A)
        ProviderModel.objects.update(accent="vllm-omni-true-cfg")
        runs = days(B, B, B)
        assert (changed(runs), baselines(runs)) == ([], [0, 2])


class TestModelsWithoutASeed:
    @pytest.fixture(autouse=True)
    def _takes_no_seed(self, model: ProviderModel) -> None:
        ProviderModel.objects.filter(pk=model.pk).update(spec_json=UNSEEDED.to_json())

    def test_other_pictures_are_expected(self, days: Days) -> None:
        runs = days(A, B, B, B)
        assert changed(runs) == []
        assert [run.difference for run in runs] == [None] * 4
        assert all(run.picture for run in runs)

    def test_another_format_twice_is_a_change(self, days: Days) -> None:
        webp = drawn(90, format="WEBP")
        assert changed(days(A, B, webp, A)) == []
        assert changed(days(webp, webp)) == [4]

    def test_another_size_twice_is_a_change(self, days: Days) -> None:
        assert changed(days(A, drawn(90, side_px=128), drawn(200, side_px=128))) == [1]


class TestSmallCopies:
    def test_encoding_a_picture_again_is_far_from_a_change(self) -> None:
        one, other = (drawn(20, side_px=512, format="JPEG", quality=quality) for quality in (95, 60))
        assert difference(small_copy(one), small_copy(other)) < CHANGED / 5

    @pytest.mark.parametrize("size", [(600, 300), (300, 900), (64, 64)])
    def test_they_are_small(self, size: tuple[int, int]) -> None:
        file = BytesIO()
        Image.effect_noise(size, 90).convert("RGB").save(file, "PNG")
        uri = small_copy(file.getvalue())
        assert uri.startswith("data:image/webp;base64,")
        assert len(uri) < 60_000
        assert max(size) > SIDE_PX or difference(uri, uri) == 0
