"""A plug-in of pytest that leaves out what uses neither the database nor pictures: ``-p tests.database_tests``."""

import pytest

DATABASE = {"db", "transactional_db", "live_server"}
ONCE = {
    "test_api_errors",
    "test_api_images_edits_pictures",
    "test_api_models",
    "test_api_openapi",
    "test_api_openapi_page",
    "test_body_size",
    "test_chips",
    "test_describing",
    "test_edit_form",
    "test_edit_words",
    "test_errors",
    "test_log_sinks",
    "test_moody_bucket",
    "test_particulars",
    "test_reviewing_words",
    "test_source_check",
    "test_sqlite_in_turn",
    "test_standing",
    "test_up",
}
"""Modules about words, limits of input or servers of their own: the few rows that they need any database has."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that would behave differently on another database, cache or storage."""
    left_out = [item for item in items if not differs(item)]
    items[:] = [item for item in items if differs(item)]
    config.hook.pytest_deselected(items=left_out)


def differs(item: pytest.Item) -> bool:
    """Whether the test or one of its fixtures asks for the database, and its subject may depend on which it is."""
    asked = DATABASE.intersection(getattr(item, "fixturenames", ()))
    return item.path.stem not in ONCE and bool(item.get_closest_marker("django_db") or asked)
