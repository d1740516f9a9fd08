"""What is repeated on PostgreSQL, Redis and S3: each test that may differ there, and each case where cases may."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.database_tests import EACH, ONCE, repeated
from tests.first_cases import first_cases

HERE = Path(__file__).parent


@dataclass
class Item:
    """As much of a collected test as matters."""

    nodeid: str
    fixturenames: list[str] = field(default_factory=lambda: ["db"])
    marked: bool = False

    @property
    def path(self) -> Path:
        return HERE / self.nodeid.partition("::")[0]

    def get_closest_marker(self, name: str) -> object | None:
        return object() if self.marked and name == "django_db" else None


def names(*items: Any) -> list[str]:
    """Of what is repeated."""
    return [item.nodeid for item in repeated(items)]


def test_one_case_of_each_test_is_repeated() -> None:
    items = [
        Item("test_status.py::test_a[1]"),
        Item("test_status.py::test_a[2]"),
        Item("test_status.py::test_b"),
    ]
    assert names(*items) == ["test_status.py::test_a[1]", "test_status.py::test_b"]


def test_each_case_is_where_cases_are_other_statements() -> None:
    items = [Item("test_models.py::test_a[1]"), Item("test_models.py::test_a[2]")]
    assert names(*items) == ["test_models.py::test_a[1]", "test_models.py::test_a[2]"]


@pytest.mark.parametrize(
    "item",
    [Item("test_status.py::test_a", fixturenames=[]), Item("test_errors.py::test_a")],
    ids=["bare", "once"],
)
def test_what_cannot_differ_is_left_out(item: Item) -> None:
    assert names(item) == []


def test_a_mark_asks_for_the_database_too() -> None:
    item = Item("test_status.py::test_a", fixturenames=[], marked=True)
    assert names(item) == [item.nodeid]


def test_both_lists_name_modules_that_exist_and_none_twice() -> None:
    assert {name for name in ONCE | EACH if not (HERE / f"{name}.py").exists()} == set()
    assert set() == ONCE & EACH


def test_a_quick_run_tries_the_first_case_with_the_database_and_every_one_without() -> None:
    items: list[Any] = [
        Item("test_models.py::test_a[1]"),
        Item("test_models.py::test_a[2]"),
        Item("test_env.py::test_b[1]", fixturenames=[]),
        Item("test_env.py::test_b[2]", fixturenames=[]),
    ]
    assert first_cases(items) == [items[0], *items[2:]]
