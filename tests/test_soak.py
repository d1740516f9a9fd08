"""The promises of reliability, held while programs are killed; ``make soak`` goes on for longer."""

from pathlib import Path

import pytest

from tests.soak.plan import Plan
from tests.soak.running import soak

pytestmark = [pytest.mark.soak, pytest.mark.processes]


def test_no_edit_is_lost_or_paid_twice_however_often_programs_are_killed(tmp_path: Path) -> None:
    # Four minutes on two cores; a slow machine is no broken promise.
    outcome = soak(Plan(edits=300, kills=50, seed=1, minutes=25), tmp_path)
    print(outcome)
    assert not outcome.broken, str(outcome)
