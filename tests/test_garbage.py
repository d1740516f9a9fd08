"""Tests are not slowed down by what is collected of them."""

import gc

from tests.garbage import SELDOM


def test_what_stays_until_the_end_is_looked_through_no_more() -> None:
    assert gc.get_threshold() == SELDOM
    assert gc.get_freeze_count() > 0
