"""Links to results: how long they live, and how many."""

from edits.local_engine.links import LIFETIME_SECONDS, Links


class Clock:
    """A clock that moves only when it is set."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def test_a_picture_is_there_for_two_hours_and_not_longer() -> None:
    clock = Clock()
    links = Links(now=clock)
    token = links.keep(b"png")
    clock.seconds += LIFETIME_SECONDS - 1
    assert links.picture(token) == b"png"
    clock.seconds += 1
    assert links.picture(token) is None
    assert LIFETIME_SECONDS == 7200


def test_tokens_cannot_be_guessed_and_do_not_repeat() -> None:
    links = Links(now=Clock())
    tokens = {links.keep(b"same") for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) >= 32 for token in tokens)
    assert links.picture("") is None
    assert links.picture("../x") is None


def test_the_oldest_goes_when_memory_is_full() -> None:
    links = Links(now=Clock(), most_bytes=10)
    first, second, third = (links.keep(b"xxxx") for _ in range(3))
    assert links.picture(first) is None
    assert links.picture(second) == links.picture(third) == b"xxxx"


def test_the_newest_stays_even_when_it_alone_is_too_large() -> None:
    links = Links(now=Clock(), most_bytes=10)
    small = links.keep(b"x")
    large = links.keep(b"x" * 50)
    assert links.picture(small) is None
    assert links.picture(large) == b"x" * 50


def test_what_is_over_gives_its_memory_back() -> None:
    clock = Clock()
    links = Links(now=clock, most_bytes=10)
    links.keep(b"x" * 9)
    clock.seconds += LIFETIME_SECONDS
    kept = [links.keep(b"x" * 5) for _ in range(2)]
    assert [links.picture(token) for token in kept] == [b"x" * 5] * 2
