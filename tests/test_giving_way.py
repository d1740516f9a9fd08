"""Giving way: what can wait does, but not for ever."""

import threading

from edits.services.pictures.giving_way import give_way, urgent

PATIENCE_SECONDS = 60.0


def test_nobody_waits_where_nothing_is_urgent() -> None:
    assert give_way(seconds=0)


def test_what_is_urgent_is_waited_for_but_not_for_ever() -> None:
    with urgent():
        assert not give_way(seconds=0)
        assert not give_way(seconds=0.01)
    assert give_way(seconds=0)


def test_it_goes_on_as_soon_as_the_last_urgent_thing_is_done() -> None:
    calm: list[bool] = []
    with urgent():
        waiting = threading.Thread(target=lambda: calm.append(give_way(seconds=PATIENCE_SECONDS)))
        waiting.start()
        with urgent():
            assert not calm
        assert not calm
    waiting.join(PATIENCE_SECONDS)
    assert calm == [True]


def test_a_failure_does_not_keep_others_waiting() -> None:
    try:
        with urgent():
            raise ValueError
    except ValueError:
        pass
    assert give_way(seconds=0)
