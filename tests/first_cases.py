"""A plug-in of pytest for ``make quick``: of a test with the database only the first case.

    without the database    every case: a thousandth of a second each
    with it                 the first: the others go the same way with other values, and ``make test`` tries them

``-p tests.first_cases`` turns it on.
"""

from collections.abc import Iterable

import pytest

from tests.database_tests import uses_the_database


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep those."""
    kept = first_cases(items)
    names = {item.nodeid for item in kept}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in names])
    items[:] = kept


def first_cases(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """What a quick run tries, in its order."""
    kept: list[pytest.Item] = []
    begun: set[str] = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test not in begun or not uses_the_database(item):
            kept.append(item)
        begun.add(test)
    return kept
