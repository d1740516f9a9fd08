"""The canaries on a provider's page: the switch, what it costs, the chart in words, and a change to compare."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from edits.models import AuditEntry, CanaryRun, CanarySkip, Provider, ProviderModel, User
from edits.services.canary import daily_at
from edits.services.team.people import take_time_zone
from edits.views.canary import canary_context
from edits.views.canary_chart import BOTTOM, LEFT, RIGHT, TOP, chart_of
from tests.canaries import qwen, run_of, studio_gpu, thirty_days
from tests.conftest import signed_in
from tests.factories import default_model

NOW = timezone.now()


@pytest.fixture
def gpu(db: None) -> Provider:
    return studio_gpu()


@pytest.fixture
def model(gpu: Provider) -> ProviderModel:
    return qwen(gpu, canary_due_at=NOW + timedelta(hours=3))


def page(user: User, provider: Provider) -> str:
    answer = signed_in(user).get(reverse("edits:provider", args=[provider.slug]))
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def post(client: Client, provider: Provider, **fields: object) -> int:
    return client.post(reverse("edits:toggle_canary", args=[provider.slug]), fields).status_code


class TestTheSwitch:
    def test_root_switches_it_on_and_off(self, root: User, gpu: Provider) -> None:
        row, browser = qwen(gpu, canary_is_on=False), signed_in(root)
        assert post(browser, gpu, model=row.pk, on="1") == 302
        row.refresh_from_db()
        assert row.canary_is_on
        assert row.canary_due_at
        assert row.canary_due_at > NOW
        assert post(browser, gpu, model=row.pk, on="0") == 302
        row.refresh_from_db()
        assert (row.canary_is_on, row.canary_due_at) == (False, None)

    def test_it_is_off_and_says_its_price_before_it_is_on(self, root: User, gpu: Provider) -> None:
        row = qwen(gpu, canary_is_on=False)
        html = page(root, gpu)
        switch = re.search(r'<button class="switch".*?</button>', html, re.DOTALL)
        assert switch
        assert 'aria-checked="false"' in switch[0]
        assert f"Daily at {daily_at(row):%H:%M}, about $0.02" in switch[0]

    def test_its_time_is_that_of_the_reader_s_clock(self, root: User, gpu: Provider) -> None:
        row = qwen(gpu, canary_is_on=False)
        take_time_zone(user=root, name="Asia/Kolkata")
        there = datetime.combine(NOW.date(), daily_at(row)) + timedelta(hours=5, minutes=30)
        assert f"Daily at {there:%H:%M}, about $0.02" in page(root, gpu)

    @pytest.mark.parametrize(
        ("price", "words"), [(None, "; may cost one edit"), ("0", ", free"), ("0.0042", ", about $0.0042")]
    )
    def test_an_unknown_price_is_said_too(self, gpu: Provider, price: str | None, words: str) -> None:
        qwen(gpu, price=price)
        assert canary_context(gpu)["canaries"][0].terms.endswith(words)

    def test_the_practice_engine_s_is_free(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Provider, "is_practice", True)
        (canary,) = canary_context(default_model().provider)["canaries"]
        assert canary.terms.endswith(", free")

    @pytest.mark.parametrize("who", ["alice", "rita", "stranger"])
    def test_for_others_it_does_not_exist(
        self, request: pytest.FixtureRequest, who: str, gpu: Provider, model: ProviderModel
    ) -> None:
        person = request.getfixturevalue(who)
        client = person if isinstance(person, Client) else signed_in(person)
        assert post(client, gpu, model=model.pk, on="0") in (404, 302)
        model.refresh_from_db()
        assert model.canary_is_on
        assert not AuditEntry.objects.exists()

    @pytest.mark.parametrize(
        "fields", [{}, {"on": "1"}, {"model": "x", "on": "1"}, {"model": "9" * 40, "on": "1"}, {"on": "2"}]
    )
    def test_what_makes_no_sense_changes_nothing(
        self, root: User, gpu: Provider, model: ProviderModel, fields: dict[str, str]
    ) -> None:
        asked = {"model": model.pk} | fields if fields.get("on") == "2" else fields
        assert post(signed_in(root), gpu, **asked) == 404

    def test_a_model_of_another_provider_is_not_switched(self, root: User, gpu: Provider) -> None:
        assert post(signed_in(root), gpu, model=default_model().pk, on="1") == 404
        assert not ProviderModel.objects.filter(canary_is_on=True).exists()

    def test_it_is_a_post_with_a_token(self, root: User, gpu: Provider) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(root, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert post(client, gpu, model=1, on="1") == 403
        assert signed_in(root).get(reverse("edits:toggle_canary", args=[gpu.slug])).status_code == 405


class TestWhatItSays:
    def test_thirty_days_are_a_chart_and_a_table(
        self, root: User, gpu: Provider, model: ProviderModel
    ) -> None:
        thirty_days(model, now=NOW)
        html = page(root, gpu)
        assert html.count('<rect class="bar"') == 29
        assert html.count("<tr>") >= 30
        label = re.search(r'class="chart"[^>]*aria-label="([^"]+)"', html)
        assert label
        assert "29 answered, 1 failed" in label[1]
        assert "style=" not in html[html.index('id="canary"') :]

    def test_a_change_is_dated_and_can_be_compared(
        self, root: User, gpu: Provider, model: ProviderModel
    ) -> None:
        runs = thirty_days(model, now=NOW)
        (canary,) = canary_context(gpu)["canaries"]
        assert (canary.change.before, canary.change.after) == (runs[0], runs[18])
        html = page(root, gpu)
        assert canary.change.sentence in html
        for run in (runs[0], runs[18]):
            assert f'src="{run.picture}"' in html

    def test_without_a_change_there_is_none(self, gpu: Provider, model: ProviderModel) -> None:
        thirty_days(model, now=NOW, changed_on=None)
        (canary,) = canary_context(gpu)["canaries"]
        assert (canary.change, canary.chart.marks) == (None, [])

    def test_a_new_baseline_for_another_call_is_no_change(self, gpu: Provider, model: ProviderModel) -> None:
        for days in (3, 2):
            run_of(model, at=NOW - timedelta(days=days), is_baseline=True, hue=days)
        assert canary_context(gpu)["canaries"][0].change is None

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"skipped": CanarySkip.HELD, "charged": "no"}, "Skipped: the provider was on hold"),
            ({"fault": "busy", "status": 503, "charged": "no"}, "Busy (HTTP 503)"),
            ({"seconds": None, "format": "", "picture": ""}, "Cut off"),
            ({"format": "", "picture": ""}, "Stopped by the content filter"),
            ({"is_baseline": True}, "Baseline"),
            ({}, "Answered"),
        ],
    )
    def test_each_outcome_has_its_words(
        self, gpu: Provider, model: ProviderModel, fields: dict[str, Any], words: str
    ) -> None:
        run_of(model, at=NOW, **fields)
        assert canary_context(gpu)["canaries"][0].rows[0].words == words

    def test_one_that_runs_is_under_way(self, gpu: Provider, model: ProviderModel) -> None:
        run_of(model, at=NOW, seconds=None, format="", picture="")
        gpu.tested_at, gpu.test_until = NOW, timezone.now() + timedelta(minutes=3)
        gpu.save(update_fields=["tested_at", "test_until"])
        assert canary_context(gpu)["canaries"][0].rows[0].words == "In progress"

    def test_models_share_their_queries(
        self, gpu: Provider, model: ProviderModel, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        thirty_days(model, now=NOW)
        thirty_days(qwen(gpu, name="second"), now=NOW)
        with django_assert_num_queries(3):
            canary_context(gpu)

    def test_others_do_not_see_it(self, alice: User, gpu: Provider, model: ProviderModel) -> None:
        thirty_days(model, now=NOW)
        assert signed_in(alice).get(reverse("edits:provider", args=[gpu.slug])).status_code == 404


class TestTheChart:
    def runs(self, model: ProviderModel, *seconds: float, difference: float | None = 0.0) -> list[CanaryRun]:
        return [
            CanaryRun(model=model, began_at=at(back), seconds=found, format="PNG", difference=difference)
            for back, found in zip(range(len(seconds) - 1, -1, -1), seconds, strict=True)
        ]

    def test_nothing_is_no_error(self) -> None:
        chart = chart_of([], now=NOW)
        assert (chart.bars, chart.latency, chart.failed, chart.marks) == ([], "", "", [])

    def test_everything_stays_inside(self) -> None:
        runs = self.runs(ProviderModel(), *(0.4 * 1.5**day for day in range(30)), difference=1.0)
        chart = chart_of(runs, now=NOW)
        points = [tuple(map(float, point.split())) for point in chart.latency[1:].split(" L")]
        assert len(points) == 30
        assert all(LEFT < x < RIGHT and TOP <= y <= BOTTOM for x, y in points)
        assert all(
            bar.y >= TOP and bar.y + bar.height == pytest.approx(BOTTOM, abs=0.1) for bar in chart.bars
        )

    @pytest.mark.parametrize(
        ("seconds", "top"),
        [(0.04, "0.1 s"), (0.7, "1 s"), (4.6, "5 s"), (9, "10 s"), (13, "20 s"), (840, "1000 s")],
    )
    def test_scales_are_round(self, seconds: float, top: str) -> None:
        assert chart_of(self.runs(ProviderModel(), seconds), now=NOW).levels[-1].label == top

    def test_a_failure_is_a_cross_and_does_not_stretch_the_scale(self) -> None:
        failed = CanaryRun(began_at=NOW, seconds=180.0, fault="no_answer")
        chart = chart_of([*self.runs(ProviderModel(), 3.0, 4.0)[:1], failed], now=NOW)
        assert chart.failed.count("M") == 1
        assert chart.levels[-1].label == "5 s"

    def test_without_a_seed_there_are_no_bars_and_no_second_scale(self) -> None:
        chart = chart_of(self.runs(ProviderModel(), 3.0, 4.0, difference=None), now=NOW)
        assert chart.bars == []
        assert {level.right for level in chart.levels} == {""}


def at(days_back: int) -> datetime:
    return NOW - timedelta(days=days_back)
