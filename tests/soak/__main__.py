"""``python -m tests.soak``: one soak, with a seed that is drawn and printed unless it is given."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from random import SystemRandom

from tests.soak.plan import Plan
from tests.soak.running import soak


def main() -> int:
    """Exit code 1 when a promise was broken; the folder is kept then."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    parser.add_argument("--minutes", type=float, default=10, help="longer than this is a failure")
    options = parser.parse_args()
    plan = Plan(edits=options.edits, kills=options.kills, seed=options.seed, minutes=options.minutes)
    folder = Path(tempfile.mkdtemp(prefix="retake-soak-"))
    print(f"seed {plan.seed}, in {folder}", flush=True)
    outcome = soak(plan, folder)
    print(outcome)
    if not outcome.broken:
        shutil.rmtree(folder)
    return 1 if outcome.broken else 0


if __name__ == "__main__":
    sys.exit(main())
