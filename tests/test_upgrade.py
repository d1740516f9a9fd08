"""An upgrade keeps what is there: edits, what they cost, budgets and the state of the provider."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.installation import ROOT

pytestmark = pytest.mark.processes

BEFORE = "0008_spent_days"
"""The newest migration of the version that knew a single provider."""
UPGRADE = f"""
import json, uuid
from datetime import UTC, datetime
import django
django.setup()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
executor = MigrationExecutor(connection)
leaves = executor.loader.graph.leaf_nodes()
executor.migrate([("edits", "{BEFORE}"), *(node for node in leaves if node[0] != "edits")])
old = executor.loader.project_state([("edits", "{BEFORE}")]).apps.get_model
alice = old("edits", "User").objects.create(username="alice", role="member", edits_per_day=7)
old("edits", "Budget").objects.update_or_create(pk=1, defaults={{"team_per_day": 50}})
old("edits", "SpentDay").objects.create(owner=alice, day="2026-11-29", edits=3, calls=4)
old("edits", "Provider").objects.update_or_create(
    pk=1, defaults={{"held_since": NOW, "held_reason": "HTTP 402", "worker_seen_at": NOW}}
)
upload = old("edits", "Upload").objects.create(
    sha256="5" * 64, file="uploads/a.png", format="PNG", width_px=96, height_px=64, size_bytes=9, created_at=NOW
)
for model, size, steps in (("step-1x-edit", "512x512", 28), ("step-image-edit-2", "", 8)):
    for status in ("queued", "succeeded"):
        edit = old("edits", "EditRequest").objects.create(
            owner=alice, upload=upload, submission_key=uuid.uuid4(), source_width_px=96, source_height_px=64,
            prompt=f"{{model}} {{status}}", model=model, seed=77120, steps=steps, cfg_scale=2.5, size=size,
            status=status, created_at=NOW, queued_at=NOW, attempts_made=1, fence=1,
            **({{"started_at": NOW, "finished_at": NOW}} if status == "succeeded" else {{}}),
        )
        if status == "succeeded":
            old("edits", "Attempt").objects.create(
                edit=edit, number=1, fence=1, started_at=NOW, ended_at=NOW, seed_sent=77120, charged="yes",
                provider_id="edit-1",
            )
executor = MigrationExecutor(connection)
executor.migrate(leaves)

from edits.models import Attempt, Budget, EditRequest, Provider, ProviderModel, SpentDay, User
from edits.services.budgets.budgeting import use_of, use_of_team
from edits.services.queue.backlog import backlog_entries
from edits.services.queue.submitting import model_of

provider = Provider.objects.get()
day, _ = use_of(User.objects.get(), budget=Budget.objects.get(), now=NOW)
calls, _ = use_of_team(budget=Budget.objects.get(), now=NOW)
print(json.dumps({{
    "edits": sorted(EditRequest.objects.values_list("prompt", "model", "provider__slug", "seed", "steps")),
    "attempts": list(Attempt.objects.values_list("account__slug", "provider_id", "charged")),
    "provider": [provider.from_settings, provider.held_reason, provider.worker_seen_at == NOW],
    "models": list(ProviderModel.objects.values_list("name", flat=True)),
    "default": ProviderModel.objects.default().full_id,
    "repeatable": all(model_of(edit) for edit in EditRequest.objects.all()),
    "sendable": sum(line.count for line in backlog_entries(Provider.objects.all(), now=NOW)),
    "used": [day.used, day.limit, calls.used, calls.limit, float(SpentDay.objects.get().cost)],
}}))
"""


def upgraded(folder: Path) -> dict[str, Any]:
    """What is there once an installation of before was upgraded."""
    settings = {
        "DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "editor_site.settings",
        "LOG_LEVEL": "ERROR",
    }
    done = subprocess.run(
        [sys.executable, "-c", UPGRADE],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]} | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_nothing_is_lost_when_providers_become_rows(tmp_path: Path) -> None:
    assert upgraded(tmp_path) == {
        "edits": [
            ["step-1x-edit queued", "step-1x-edit", "stepfun", 77120, 28],
            ["step-1x-edit succeeded", "step-1x-edit", "stepfun", 77120, 28],
            ["step-image-edit-2 queued", "step-image-edit-2", "stepfun", 77120, 8],
            ["step-image-edit-2 succeeded", "step-image-edit-2", "stepfun", 77120, 8],
        ],
        "attempts": [["stepfun", "edit-1", "yes"], ["stepfun", "edit-1", "yes"]],
        "provider": [True, "HTTP 402", True],
        "models": ["step-1x-edit", "step-image-edit-2"],
        "default": "stepfun/step-1x-edit",
        "repeatable": True,
        "sendable": 2,
        "used": [4, 7, 2, 50, 0.0],
    }
