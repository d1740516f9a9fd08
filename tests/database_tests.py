"""A plug-in of pytest that leaves out what uses neither the database nor pictures: ``-p tests.database_tests``."""

import pytest

DATABASE = {"db", "transactional_db", "live_server"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that would behave differently on another database, cache or storage."""
    left_out = [item for item in items if not uses_database(item)]
    items[:] = [item for item in items if uses_database(item)]
    config.hook.pytest_deselected(items=left_out)


def uses_database(item: pytest.Item) -> bool:
    """Whether the test or one of its fixtures asks for the database."""
    return bool(
        item.get_closest_marker("django_db") or DATABASE.intersection(getattr(item, "fixturenames", ()))
    )
