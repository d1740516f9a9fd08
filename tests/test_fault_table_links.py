"""The table of faults, end to end: pictures that are paid for and lie behind a link.  The last test holds all
tables together: every fault that the provider can play has its row.
"""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edits.models import Reason, Status, User
from edits.services.calls import spooling
from edits.services.calls.fetching import LINKS_LIVE_FOR, fetch_linked
from tests.editors import LEASE, NOW
from tests.fault_table import Row, check, good, played, useless
from tests.provider_client import client_of
from tests.provider_faults import FAULTS
from tests.provider_links import UNSAFE
from tests.test_fault_table_answers import ANSWERS, EITHER
from tests.test_fault_table_connections import CONNECTIONS
from tests.test_fault_table_refusals import REFUSALS

STEERED = {"hang_while_held"}
"""Faults for tests of the worker, which end as others of this table do."""
IMPATIENT = {"download_seconds": 0.6, "download_read_seconds": 0.2}


def lost(fault: str, **client: Any) -> Row:
    """The download is tried again, the edit is not."""
    return Row(
        fault,
        calls=1,
        status=Status.FAILED,
        reason=Reason.RESULT_LOST,
        charged="yes",
        card="The picture was made but could not be fetched",
        client=client,
    )


def late(fault: str, **client: Any) -> Row:
    """It may still come: the link is followed again for as long as it lives."""
    return Row(
        fault,
        calls=1,
        status=Status.SAVING,
        charged="yes",
        card="Done, fetching the picture",
        detail="The service does not deliver the picture yet.",
        client=client,
    )


REDIRECTED = [f"url_redirect_{name}" for name in ("private", "metadata", "file", "loop", "many")]
LATE = [
    *[late(fault) for fault in ("url_500", "url_flaky:9")],
    *[
        late(fault, **IMPATIENT)
        for fault in ("url_reset_mid", "url_truncated", "url_slow:0.05", "url_hang", "url_no_dns")
    ],
]
LINKED = [
    *[good(fault) for fault in ("url_relative", "url_flaky:2", "url_redirect_once")],
    *[lost(fault) for fault in ("url_403", "url_404", "url_410", "url_expired:0")],
    *LATE,
    *[useless(fault) for fault in ("url_html", "url_html_as_png", "url_empty_body", "url_gzip")],
    *[
        useless(fault, download_seconds=60.0, download_read_seconds=60.0)
        for fault in ("url_bomb", "url_endless", "url_huge")
    ],
    *[useless(fault) for fault in (*REDIRECTED, *UNSAFE)],
]


@pytest.mark.parametrize("row", LINKED, ids=str)
def test_a_link_ends_as_the_table_says(row: Row, alice: User, caplog: Any) -> None:
    with caplog.at_level(logging.WARNING, "edits.security"), played(row, alice) as outcome:
        check(row, outcome)
        assert len(outcome.there.downloads) <= 5
        logged = [each.getMessage() for each in caplog.records if each.name == "edits.security"]
        assert len(logged) == (row.fault in (*REDIRECTED, *UNSAFE))
        recorded = " ".join([*logged, outcome.edit.attempts.get().detail, outcome.card.sentence])
        for place in (outcome.elsewhere.host, "169.254", "10.0.0.1", "passwd", "localhost"):
            assert place not in recorded
        if row.fault in UNSAFE:
            assert outcome.there.downloads == []


@pytest.mark.parametrize("row", LATE, ids=str)
def test_a_late_link_brings_its_picture_or_is_lost_in_the_end_and_nothing_is_bought_again(
    row: Row, alice: User
) -> None:
    with played(row, alice) as outcome:
        client = client_of(outcome.there, **row.client)
        while outcome.edit.status == Status.SAVING:
            outcome.at += LINKS_LIVE_FOR / 8
            fetch_linked(lease=LEASE, now=outcome.at, client_for=lambda _: client)
            outcome.edit.refresh_from_db()
        assert outcome.at - NOW <= LINKS_LIVE_FOR
        outcome.at += timedelta(minutes=1)  # by then it is prepared to be shown
        check(good(row.fault) if row.fault == "url_flaky:9" else lost(row.fault), outcome)
        assert spooling.count() == 0


def test_every_fault_that_the_provider_can_play_has_its_row() -> None:
    rows = [*REFUSALS, *CONNECTIONS, *ANSWERS, *LINKED]
    shown = {fault.partition(":")[0] for row in rows for fault in row.fault.split()} | set(EITHER)
    openai = Path(__file__).with_name("test_fault_table_openai.py").read_text(encoding="utf-8")
    shown |= {fault for fault in FAULTS if f'"{fault}"' in openai}  # what only servers of that dialect say
    assert set(FAULTS) - shown == STEERED & set(FAULTS)
