"""The table of transitions: what its drawing shows, what moves nothing, and that nobody else writes a status."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from edits.models import EditRequest, Status, User, WebhookDelivery
from edits.services import transitions
from edits.services.transitions import TRANSITIONS, Effect, Event, apply_event, apply_to_all
from tests.editors import NOW
from tests.factories import edit_of
from tests.hooks import hook_of

APP = Path(transitions.__file__).parent.parent
ARROW = re.compile(r"((?:[A-Z]+, )*[A-Z]+)\s+──(\w+)──▶\s+([A-Z]+)$", re.MULTILINE)
NOT_EXPECTED = [
    (event, status) for event, move in TRANSITIONS.items() for status in Status if status not in move.sources
]


def arrows(text: str) -> set[tuple[frozenset[str], str, str]]:
    """Of a drawing: (from, event, to)."""
    return {(frozenset(sources.split(", ")), event, to) for sources, event, to in ARROW.findall(text)}


def is_a_status(node: ast.AST) -> bool:
    """``Status.QUEUED`` and its like, not ``Status.values``."""
    return (
        isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Status" and node.attr.isupper()
    )


def writes_of_status(tree: ast.AST) -> list[int]:
    """Lines in which a status is written into a row: by name in an UPDATE, or into columns that go into one."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            keywords = {word.arg for word in node.keywords}
            constants = {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant)}
            if (node.func.attr == "update" and "status" in keywords) or (
                node.func.attr in ("save", "bulk_update") and "status" in constants
            ):
                found.append(node.lineno)
        if isinstance(node, ast.Dict):
            values = [
                value
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant) and key.value == "status"
            ]
            if any(is_a_status(leaf) for value in values for leaf in ast.walk(value)):
                found.append(node.lineno)
    return found


def test_the_drawing_and_the_table_have_the_same_arrows() -> None:
    table = {
        (frozenset(source.name for source in move.sources), event.value, move.to.name)
        for event, move in TRANSITIONS.items()
    }
    assert arrows(transitions.__doc__ or "") == table


def test_each_arrow_of_the_drawing_is_read() -> None:
    assert (transitions.__doc__ or "").count("──▶") == len(Event) == len(TRANSITIONS)


def test_each_status_can_be_reached_and_left() -> None:
    assert {move.to for move in TRANSITIONS.values()} == set(Status)
    assert {source for move in TRANSITIONS.values() for source in move.sources} == set(Status)


def test_webhooks_hear_of_each_end_of_an_edit_that_waited_or_ran() -> None:
    ends = {event for event, move in TRANSITIONS.items() if Effect.WEBHOOKS in move.effects}
    assert ends == {
        Event.SUCCEED,
        Event.FILTER,
        Event.FAIL,
        Event.CANCEL,
        Event.CANCEL_WITH_OWNER,
        Event.RELEASE,
    }


@pytest.mark.parametrize(("event", "status"), NOT_EXPECTED, ids=lambda value: value.value)
def test_an_event_leaves_an_edit_alone_that_it_does_not_expect(
    alice: User, event: Event, status: Status
) -> None:
    hook_of(alice)
    edit = edit_of(alice, status=status, now=NOW)
    before = EditRequest.objects.values().get()
    assert not apply_event(edit, event, now=NOW + timedelta(minutes=1), then=pytest.fail)
    assert apply_to_all(EditRequest.objects.all(), event, now=NOW + timedelta(minutes=1)) == 0
    assert EditRequest.objects.values().get() == before
    assert not WebhookDelivery.objects.exists()


@pytest.mark.parametrize("event", [event for event, move in TRANSITIONS.items() if move.is_of_call])
def test_what_comes_for_an_earlier_claim_moves_nothing(alice: User, event: Event) -> None:
    edit = edit_of(alice, status=Status.RUNNING, fence=2)
    edit.fence = 1
    assert not apply_event(edit, event, now=NOW)
    assert EditRequest.objects.get().status == Status.RUNNING


def test_nothing_else_writes_the_status_of_an_edit() -> None:
    others = [
        path
        for path in APP.rglob("*.py")
        if "migrations" not in path.parts and path != Path(transitions.__file__)
    ]
    found = [
        f"{path.relative_to(APP)}:{line}"
        for path in others
        for line in writes_of_status(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "mine.update(status=Status.FAILED)",
        "mine.update(**{'status': Status.FAILED})",
        "columns = {'status': Status.FILTERED if stopped else Status.SUCCEEDED}",
        "edit.save(update_fields=['status'])",
        "EditRequest.objects.bulk_update(edits, ['status'])",
    ],
)
def test_another_place_that_writes_it_would_be_noticed(text: str) -> None:
    assert writes_of_status(ast.parse(text)) == [1]
