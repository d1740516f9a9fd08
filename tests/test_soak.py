"""The promises of reliability, held while programs are killed; ``make soak`` runs longer."""

from pathlib import Path

import pytest

from tests.soak.plan import CHANCES, Plan
from tests.soak.running import soak

pytestmark = [pytest.mark.soak, pytest.mark.processes]


MOMENTS = ("in a call", "after an answer", "at any moment", "with all pages open", "stopped")
"""How programs end in a soak."""


def test_no_edit_is_lost_or_paid_twice_however_often_programs_are_killed(tmp_path: Path) -> None:
    # As small as can be with each kind of end and each fault of the provider in it, which is what this seed draws.
    # A minute on two cores; a slow machine is no broken promise.
    outcome = soak(Plan(edits=60, kills=12, storm=4, stop_each=6, seed=163, minutes=25), tmp_path)
    print(outcome)
    assert not outcome.broken, str(outcome)
    ends = {end.how for end in outcome.evidence.ends}
    assert [moment for moment in MOMENTS if not any(moment in how for how in ends)] == []
    played = {entry.fault for entry in outcome.evidence.upstream.diary}
    assert {"ok", *CHANCES} <= played
