"""The forecast keeps the rules of claiming: fair between people, within each provider's limits, after each pause."""

from collections.abc import Iterable
from math import inf

import pytest

from edits.services.queue import forecast as module
from edits.services.queue.forecast import Account, CallUnderWay, Turn, Waiting, forecast

ALICE, BOB, CAROL = 1, 2, 3
STEPFUN, OWN = 1, 2
TEN = 10.0


def waits(pk: float, owner: int, *, account: int = STEPFUN, due_in: float = 0.0) -> Waiting:
    return Waiting(pk, account, owner, TEN, due_in)


def order(turns: dict[float, Turn]) -> list[float]:
    return sorted(turns, key=lambda pk: turns[pk].position)


def one(concurrent: int = 1, per_minute: int = 100, **fields: object) -> dict[int, Account]:
    return {STEPFUN: Account(concurrent, per_minute, **fields)}  # type: ignore[arg-type]


def of(owner: int, pks: Iterable[int]) -> list[Waiting]:
    return [waits(pk, owner) for pk in pks]


def test_somebody_with_nothing_running_is_next_though_hundreds_wait() -> None:
    turns = forecast(
        one(2),
        [CallUnderWay(STEPFUN, ALICE, 4.0), CallUnderWay(STEPFUN, ALICE, 8.0)],
        [*of(ALICE, range(300)), waits(900, BOB)],
    )
    assert turns[900] == Turn(position=1, others_ahead=0, wait_seconds=4.0)


def test_who_has_the_fewest_running_comes_first_then_who_waited_longest() -> None:
    turns = forecast(
        one(10),
        [CallUnderWay(STEPFUN, ALICE, TEN)],
        [waits(1, ALICE), waits(2, BOB), waits(3, CAROL), waits(4, BOB)],
    )
    assert order(turns) == [2, 3, 1, 4]


def test_a_call_that_ends_gives_its_owner_the_next_turn_back() -> None:
    under_way = [CallUnderWay(STEPFUN, ALICE, 1.0), CallUnderWay(STEPFUN, ALICE, 2.0)]
    turns = forecast(one(2), under_way, of(ALICE, (1, 2)) + of(BOB, (3, 4, 5)))
    assert order(turns) == [3, 1, 4, 2, 5]


def test_ones_own_edits_are_not_ahead_of_one() -> None:
    turns = forecast(one(2), [], [*of(ALICE, (1, 2, 3)), waits(4, BOB)])
    assert [turns[pk].others_ahead for pk in (1, 2, 3)] == [0, 1, 1]
    assert turns[3].position == 4


def test_what_runs_anywhere_counts_but_another_providers_queue_keeps_nobody_waiting() -> None:
    accounts = one(1) | {OWN: Account(1, 100)}
    edits = [*of(ALICE, range(1, 20)), waits(50, ALICE, account=OWN), waits(60, BOB, account=OWN)]
    turns = forecast(accounts, [CallUnderWay(STEPFUN, ALICE, TEN)], edits)
    assert (turns[60].position, turns[60].wait_seconds) == (1, 0.0)
    assert (turns[50].position, turns[50].wait_seconds) == (2, TEN)


def test_the_wait_follows_from_the_calls_at_once_and_the_usual_time() -> None:
    turns = forecast(one(2), [], of(ALICE, range(1, 6)))
    assert [turns[pk].wait_seconds for pk in range(1, 6)] == [0.0, 0.0, TEN, TEN, 2 * TEN]


def test_the_wait_follows_from_the_calls_of_the_last_minute() -> None:
    turns = forecast(one(9, per_minute=2, begun=(50.0,)), [], of(ALICE, (1, 2, 3, 4)))
    assert [turns[pk].wait_seconds for pk in (1, 2, 3, 4)] == [0.0, 10.0, 60.0, 70.0]


def test_a_pause_is_part_of_the_wait() -> None:
    turns = forecast(one(1, opens_in=20.0), [], of(ALICE, (1, 2)))
    assert [turns[pk].wait_seconds for pk in (1, 2)] == [20.0, 30.0]


def test_an_edit_that_backs_off_lets_others_go_first() -> None:
    turns = forecast(one(1), [], [waits(1, ALICE, due_in=25.0), waits(2, BOB), waits(3, BOB)])
    assert (order(turns), turns[1].wait_seconds) == ([2, 3, 1], 25.0)


def test_nobody_knows_when_a_held_provider_sends_and_it_keeps_no_other_waiting() -> None:
    accounts = one(1, opens_in=None) | {OWN: Account(1, 100)}
    turns = forecast(accounts, [], [waits(1, ALICE), waits(2, BOB), waits(3, ALICE, account=OWN)])
    assert turns[1] == Turn(1, 0, None)
    assert turns[2] == Turn(2, 1, None)
    assert turns[3] == Turn(1, 0, 0.0)


def test_an_edit_whose_model_is_gone_is_behind_all_others() -> None:
    turns = forecast(one(1), [], [waits(1, ALICE, due_in=inf), waits(2, BOB)])
    assert turns[1] == Turn(2, 1, None)


def test_calls_of_nobody_take_a_place_and_make_nobody_wait_longer_than_others() -> None:
    turns = forecast(one(1), [CallUnderWay(STEPFUN, 0, 3.0)], of(ALICE, (1,)))
    assert turns[1] == Turn(1, 0, 3.0)


def test_those_behind_the_most_that_are_played_keep_the_order_and_the_pace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_PLAYED", 10)
    edits = of(ALICE, range(1, 41)) + of(BOB, range(101, 103))
    turns = forecast(one(2), [], edits)
    assert order(turns) == [1, 101, 2, 102, *range(3, 41)]
    assert turns[40].wait_seconds == pytest.approx(20 * TEN, rel=0.25)


def test_every_edit_has_a_turn_and_no_two_have_the_same() -> None:
    accounts = one(3, per_minute=7) | {OWN: Account(2, 5, opens_in=40.0)}
    edits = [
        waits(pk, owner=pk % 4 + 1, account=STEPFUN if pk % 3 else OWN, due_in=float(pk % 7))
        for pk in range(200)
    ]
    turns = forecast(accounts, [CallUnderWay(STEPFUN, ALICE, 5.0)], edits)
    for account in accounts:
        mine = [turns[edit.pk] for edit in edits if edit.account == account]
        assert sorted(turn.position for turn in mine) == list(range(1, len(mine) + 1))
        in_order = [turn.wait_seconds or 0.0 for turn in sorted(mine, key=lambda turn: turn.position)]
        assert in_order == sorted(in_order)
