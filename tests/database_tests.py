"""A plug-in of pytest that keeps what may behave differently on another database, cache or storage.

    uses none of them          left out
    its module is in ONCE      left out: its few rows any database has
    its module is in EACH      every case: they are different statements, constraints, locks or files
    any other                  the first case of each test: the others send the same statements with other words

``-p tests.database_tests`` turns it on.
"""

from collections.abc import Iterable

import pytest

DATABASE = {"db", "transactional_db", "live_server"}
ONCE = {
    "test_api_errors",
    "test_api_images_edits_pictures",
    "test_api_models",
    "test_api_openapi",
    "test_api_openapi_page",
    "test_body_size",
    "test_filter_links",
    "test_api_serializers",
    "test_edit_form",
    "test_edit_tags",
    "test_errors",
    "test_log_sinks",
    "test_moody_bucket",
    "test_attempt_history",
    "test_reviewing_words",
    "test_source_check",
    "test_edit_status",
    "test_up",
}
"""Modules about words, limits of input or servers of their own."""
EACH = {
    "test_api_edit_list",
    "test_backing_up",
    "test_budgeting",
    "test_budgeting_races",
    "test_bulk_whole_lists",
    "test_claiming",
    "test_folding",
    "test_gallery",
    "test_gallery_filters",
    "test_fsck",
    "test_metrics",
    "test_migrating",
    "test_migrations",
    "test_missing_pictures",
    "test_models",
    "test_pictures",
    "test_provider_constraints",
    "test_reader_days",
    "test_restoring",
    "test_restoring_providers",
    "test_restoring_under_way",
    "test_result_links",
    "test_saving",
    "test_search",
    "test_search_cost",
    "test_spending",
    "test_storing",
    "test_idempotency",
    "test_time_zones",
    "test_usernames",
}
"""Modules of constraints, migrations, searches, filters by day, budgets, claiming, storage and backups."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep those."""
    kept = repeated(items)
    names = {item.nodeid for item in kept}
    left_out = [item for item in items if item.nodeid not in names]
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


def repeated(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The tests to repeat, in their order."""
    kept: list[pytest.Item] = []
    begun: set[str] = set()
    for item in items:
        test = item.nodeid.partition("[")[0]
        if differs(item) and (item.path.stem in EACH or test not in begun):
            kept.append(item)
        begun.add(test)
    return kept


def differs(item: pytest.Item) -> bool:
    """Whether the test or one of its fixtures asks for the database, and its subject may depend on which it is."""
    return item.path.stem not in ONCE and uses_the_database(item)


def uses_the_database(item: pytest.Item) -> bool:
    """Whether the test or one of its fixtures asks for it."""
    asked = DATABASE.intersection(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or asked)
