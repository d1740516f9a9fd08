"""A library of 50,000 edits costs what a small one costs: by the steps of SQLite's virtual machine, never by time.

A step or more for each edit means that a plan has degraded: all edits, or all of one person, were read for one page.
"""

import json

import pytest
from django.db import connection
from django.utils import timezone

from bench.asked import Library
from bench.library import fill
from bench.meter import work_of
from bench.served import claim_nothing, run_rounds
from edits.services.query_statistics import Statistics
from edits.services.search_index import index_pending
from tests.editors import LEASE

EDITS = 50_000
MOST_STEPS = 150_000
"""Less than reading a column of all edits takes.  Most pages take a third of it."""
READS_A_WEEK = "API list, team, a week"
"""In the order of being shared, but asked for by when it was made: the edits of the week are sorted."""

only_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="counts the steps of SQLite")


@pytest.mark.slow
@only_sqlite
@pytest.mark.django_db
def test_no_page_filter_or_round_reads_all_edits() -> None:
    fill(EDITS, block=2_000)
    while index_pending(most=5_000):
        pass
    Statistics().keep(lease=LEASE, now=timezone.now())
    run_rounds()  # counts the rates of models, which the next rounds find fresh
    library = Library()
    acts = {name: asked.ask for name, asked in library.asked().items()}
    acts |= {"a worker's rounds": run_rounds, "a claim when nothing waits": claim_nothing}
    steps = {name: work_of(act).done for name, act in acts.items()}
    too_many = {name: count for name, count in steps.items() if count > MOST_STEPS and name != READS_A_WEEK}
    assert not too_many, json.dumps(too_many, indent=1)
    assert len(steps) > 100, "it was asked for"
