"""Giving way: what can wait does, but not for ever."""

import threading

from edits.services.pictures.priority import foreground, yield_to_foreground

PATIENCE_SECONDS = 60.0


def test_nobody_waits_where_nothing_is_urgent() -> None:
    assert yield_to_foreground(seconds=0)


def test_what_is_urgent_is_waited_for_but_not_for_ever() -> None:
    with foreground():
        assert not yield_to_foreground(seconds=0)
        assert not yield_to_foreground(seconds=0.01)
    assert yield_to_foreground(seconds=0)


def test_it_goes_on_as_soon_as_the_last_urgent_thing_is_done() -> None:
    calm: list[bool] = []
    with foreground():
        waiting = threading.Thread(target=lambda: calm.append(yield_to_foreground(seconds=PATIENCE_SECONDS)))
        waiting.start()
        with foreground():
            assert not calm
        assert not calm
    waiting.join(PATIENCE_SECONDS)
    assert calm == [True]


def test_a_failure_does_not_keep_others_waiting() -> None:
    try:
        with foreground():
            raise ValueError
    except ValueError:
        pass
    assert yield_to_foreground(seconds=0)
