"""What the benchmark says about its figures, without measuring anything."""

import base64
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from bench import by_api, direct, flight, one_edit, sizes
from bench.__main__ import APART, NAMES, TOGETHER
from bench.cpu import Cpu, kind_of, milliseconds
from bench.flight import Flight, Row
from bench.memory import Peak, family, kilobytes
from bench.pictures import Results, sources, tag_of
from bench.provider import AT_ONCE, Desk
from bench.report import Figure, as_markdown
from edits.images import check_result


def test_a_figure_beyond_its_limit_says_so() -> None:
    assert Figure("start", 2.6, "s", limit=2.5).row() == "| start | 2.6 s | ≤ 2.5 s | **no** |  |"


def test_a_figure_at_its_limit_holds() -> None:
    assert Figure("start", 2.5, "s", limit=2.5).holds


def test_what_could_not_be_measured_is_not_called_good() -> None:
    row = Figure("first visit", None, "kB", limit=150, note="no Chromium here").row()
    assert row == "| first visit | not measured | ≤ 150 kB |  | no Chromium here |"


def test_the_page_names_the_machine() -> None:
    page = as_markdown([Figure("start", 1.5, "s")])
    assert f"{os.cpu_count()} cores" in page
    assert page.endswith("| start | 1.5 s |  |  |  |\n")


@pytest.mark.processes
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_counted_over_children_and_their_children() -> None:
    nested = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    parent = subprocess.Popen([sys.executable, "-c", f"print(flush=True); {nested}"], stdin=-1, stdout=-1)
    try:
        assert parent.stdout
        parent.stdout.readline()
        while len(family(parent.pid)) < 2 and parent.poll() is None:  # the child is about to start
            pass
        assert all(kilobytes(pid, "Rss") >= kilobytes(pid, "Pss") > 0 for pid in family(parent.pid))
    finally:
        parent.communicate(b"\n")


def test_cpu_is_told_for_each_edit_and_kind_of_process() -> None:
    before, after = Cpu(web=100, worker=50, thumbnails=0), Cpu(web=500, worker=110, thumbnails=80)
    figures = after.figures(before, what="4 edits in flight", edits=4)
    assert [(figure.what.rpartition(" ")[2], figure.value) for figure in figures] == [
        ("web", 100.0),
        ("worker", 15.0),
        ("thumbnails", 20.0),
    ]
    assert [figure.holds for figure in figures] == [False, True, True]


def test_a_process_is_told_by_the_module_that_it_runs() -> None:
    assert kind_of("/venv/python\0-m\0gunicorn\0-c\0python:editor_site.gunicorn_conf\0") == "web"
    assert kind_of("/venv/python\0-m\0editor_site.worker\0") == "worker"
    assert kind_of("/venv/python\0-m\0editor_site.supervisor\0--program\0web\0-m gunicorn\0") == ""


def test_cpu_is_user_and_system_time_whatever_the_process_is_called() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    line = f"7 (a ) b) S 1 7 7 0 -1 4194304 1 2 3 4 {ticks} {2 * ticks} 0 0 20 0 1 0"
    assert milliseconds(line) == pytest.approx(3000)
    assert milliseconds("") == 0


def test_one_edit_is_told_in_times_of_the_sdk() -> None:
    found = one_edit.figure(ours=[0.02, 0.03, 0.9], shown=[0.2, 0.2, 0.2], alone=[0.01, 0.02, 0.03])
    assert found.value == pytest.approx(1.5)
    assert found.holds
    assert "30 ms (with its thumbnails 200 ms), the SDK 20 ms; medians of 3" in found.note


def test_an_edit_by_the_api_is_told_in_times_of_the_provider_s() -> None:
    ours = direct.Run(seconds=[0.03, 0.05, 0.04], wall_seconds=0.2, lost=1)
    found = by_api.figure_of_one(ours=ours, alone=[0.01, 0.02, 0.03])
    assert found.value == pytest.approx(2.0)
    assert "40 ms of Retake, 20 ms of the provider; medians of 3; lost 1" in found.note


MEMORY = Peak(pid=0, rss_mb=500.0, pss_mb=400.0)
ROW = Row(200, most_times_ideal=1.25, most_mb=600)
FLIGHT = Flight(
    1.5, wall_seconds=12.0, lost=0, refused=0, called_twice=0, most_at_once=200, memory=MEMORY, cpu=[]
)
ALONE = direct.Run(seconds=[10.1] * 200, wall_seconds=12.6, lost=0)


def test_a_flight_is_told_in_times_of_the_providers_own() -> None:
    lost, time, memory = flight.figures(ROW, flight=FLIGHT, alone=ALONE)
    assert (lost.value, time.value, memory.value) == (0, pytest.approx(1.2), 500.0)
    assert all(figure.holds for figure in (lost, time, memory))
    assert "the openai SDK alone 1.26" in time.note


def test_callers_that_wait_are_told_alike() -> None:
    ours = direct.Run(seconds=[10.4] * 199, wall_seconds=12.4, lost=1)
    lost, time, memory = by_api.figures(ROW, ours=ours, alone=ALONE, called_twice=0, memory=MEMORY)
    assert (lost.value, time.value, memory.value) == (1, pytest.approx(1.24), 500.0)
    assert [figure.holds for figure in (lost, time, memory)] == [False, True, True]


def test_a_flight_that_lost_an_edit_does_not_hold() -> None:
    lost, time, _ = flight.figures(ROW, flight=replace(FLIGHT, lost=1, wall_seconds=12.6), alone=ALONE)
    assert not lost.holds
    assert not time.holds


def test_memory_that_cannot_be_seen_is_not_called_good() -> None:
    *_, memory = flight.figures(ROW, flight=replace(FLIGHT, memory=Peak(pid=0)), alone=ALONE)
    assert "not measured" in memory.row()


def test_an_edit_with_the_picture_of_another_one_is_lost() -> None:
    done = [["flight: 0", "succeeded", "flight: 0"], ["flight: 1", "succeeded", "flight: 0"]]
    assert flight.lost(done, count=2) == 1
    assert flight.lost([["flight: 0", "failed", ""]], count=2) == 2
    assert flight.lost(done[:1], count=1) == 0


def test_no_more_files_are_asked_for_than_there_are() -> None:
    had = flight.allow_open_files(1)
    assert had >= 1
    assert flight.allow_open_files(had) == had


def test_a_result_carries_its_tag_and_is_kept_as_it_is() -> None:
    png = Results().png("flight: 17")
    assert tag_of(png) == "flight: 17"
    checked = check_result(png)
    assert (checked.data == png, checked.width_px, checked.height_px) == (True, 512, 512)


def test_no_two_sources_are_the_same() -> None:
    assert len(set(sources(40, first=240))) == 40


def test_the_provider_counts_calls_and_answers_with_the_tag() -> None:
    desk = Desk(latency_seconds=10)
    body = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nflight: 3\r\n--x\r\n'
    assert [desk.edit(body)[0], desk.edit(body.replace(b"flight", AT_ONCE.encode()))[0]] == [10, 0]
    assert json.loads(desk.counts()) == {"calls": {"flight: 3": 1, "at once: 3": 1}, "most_at_once": 2}
    result = json.loads(desk.edit(body)[1])["data"][0]
    assert tag_of(base64.b64decode(result["b64_json"])) == "flight: 3"
    assert desk.calls["flight: 3"] == 2


def test_each_measurement_can_be_asked_for() -> None:
    assert set(NAMES) == {*APART, *TOGETHER}
    assert len(NAMES) == len(APART) + len(TOGETHER)


def test_sizes_are_told_as_ratios_of_one_run() -> None:
    small, large = {"cpu_ms": 10.0, "work": 9, "queries": 4}, {"cpu_ms": 12.5, "work": 9, "queries": 4}
    first = {"cpu_ms": 5.0, "work": 9, "queries": 4}
    page = sizes.Cost("history", sizes.PAGE, small, large, first=large)
    narrow = sizes.Cost("history, a tag", sizes.FILTER, small, large, first=first)
    write = sizes.Cost("star", sizes.WRITE, small, small, first=small)
    rounds = sizes.Cost("rounds", sizes.ROUND, small, large, first=large)
    assert [cost.ratio for cost in (page, narrow, write)] == pytest.approx([1.25, 2.5, 1.0])
    found = sizes.figures([page, narrow, write, rounds], (100.0, 125.0), few=1_000, many=1_000_000)
    assert [figure.holds for figure in found] == [False, False, True, True, True]
    assert found[3].value == pytest.approx(12.5 / 30), "12.5 ms of every 3 s, in percent"
    assert "0 of 1 within it; highest: history 1.2" in found[0].note
