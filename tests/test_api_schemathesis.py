"""What schemathesis makes of the API's document, sent to a running installation: no answer that it does not know.

The same calls each time: they are derived from the document, not drawn.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from edits.api.openapi import document_of
from tests.factories import picture, unsaved_model
from tests.installation import PATIENCE_SECONDS, installed

pytestmark = pytest.mark.processes
MODEL = "step-1x-edit"
EXAMPLES = 15
MAKE_KEY = """
from django.utils import timezone
from edits.models import User
from edits.services.api.api_keys import make_api_key
alice = User.objects.create_user("alice", "alice@example.com", "open sesame 7")
answer(make_api_key(owner=alice, name="schemathesis", per_minute=60_000, now=timezone.now())[1])
"""
MAKE_RECIPE = """
from django.utils import timezone
from edits.models import User
from edits.edit_call import EditOptions
from edits.services.recipes.recipe_book import save_recipe
from edits.services.recipes.steps import RecipeStep
alice, now = User.objects.get(), timezone.now()
recipe = save_recipe(owner=alice, name="Old photo", steps=[RecipeStep(EditOptions("sepia"))], now=now)
version = recipe.versions.get()
run = alice.recipe_runs.create(version=version, steps=version.steps, pictures=1, created_at=now)
run.rows.create(picture=1, step=1, edit=alice.edits.first())
answer([str(recipe.public_id), str(run.public_id)])
"""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
          response_schema_conformance]  # fmt: skip
FILES = [picture(format="PNG", mark=1), picture(format="JPEG", mark=2), picture(format="WEBP", mark=3),
         picture(width_px=2000, height_px=1200, mark=4), picture(width_px=400, mark=5),
         picture(width_px=63, height_px=63, mark=6), b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40]  # fmt: skip
"""Those that are taken, too large, too long, too small, and no pictures."""
INLINE = [
    *(head + base64.b64encode(file).decode() for head in ("", "data:image/png;base64,") for file in FILES),
    "https://example.com/cat.png",
    "file-abc",
]
"""The same as text in JSON, and what is not loaded."""
schemathesis.openapi.format("binary", st.sampled_from(FILES))
schemathesis.openapi.format("byte", st.sampled_from(INLINE))

OPERATIONS = schemathesis.openapi.from_dict(document_of([unsaved_model(MODEL)], address="http://127.0.0.1"))
CALLS = [(method, path) for path, methods in OPERATIONS.items() for method in methods]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
"""What the document allows, and what it does not."""
DERIVED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Caller:
    """A running installation, a key of Alice's for it, and an edit, a batch, a recipe and a run that she made."""

    url: str
    key: str
    edit: str = ""
    batch: str = ""
    recipe: str = ""
    run: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def sends(self, case: schemathesis.Case) -> int:
        """Send it and judge the answer; gives its status."""
        response = case.call(base_url=self.url, headers=self.headers, timeout=PATIENCE_SECONDS)
        case.validate_response(response, checks=CHECKS)
        return response.status_code


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    """With a practice engine that answers at once."""
    with installed(tmp_path_factory.mktemp("retake")) as retake:
        retake.migrate()
        retake.start_all()
        key = retake.python(MAKE_KEY)
        alice = Caller(retake.url, key)
        form = {"model": MODEL, "prompt": "black and white"}
        made = requests.post(f"{alice.url}/v1/images/edits", data=form, files={"image": FILES[0]},
                             headers=alice.headers, timeout=PATIENCE_SECONDS)  # fmt: skip
        alice.edit = made.json()["id"]
        edits = {
            "prompt": "sepia",
            "edits": [{"source_edit": alice.edit}, {"source_edit": alice.edit, "seed": 7}],
        }
        batch = requests.post(f"{alice.url}/v1/batches", json=edits, headers=alice.headers,
                              timeout=PATIENCE_SECONDS)  # fmt: skip
        alice.batch = batch.json()["id"]
        alice.recipe, alice.run = retake.python(MAKE_RECIPE)
        yield alice


@pytest.mark.parametrize("mode", MODES, ids=["allowed", "not allowed"])
@pytest.mark.parametrize(("method", "path"), CALLS, ids=[" ".join(call) for call in CALLS])
def test_every_answer_is_one_of_the_documented(
    method: str, path: str, mode: GenerationMode, caller: Caller
) -> None:
    seen: set[int] = set()

    @DERIVED
    @given(case=OPERATIONS[path][method].as_strategy(generation_mode=mode))
    def judge(case: schemathesis.Case) -> None:
        seen.add(caller.sends(case))
        if "{id}" in path:
            known = {"/edits/": caller.edit, "/batches/": caller.batch}
            known |= {"/recipes/": caller.recipe, "/recipe-runs/": caller.run}
            case.path_parameters["id"] = next((id for part, id in known.items() if part in path), MODEL)
            seen.add(caller.sends(case))

    judge()
    if path in (
        "/v1/batches",
        "/v1/recipes/{id}/runs",
    ):  # the edits that it asks for name pictures that do not exist
        return
    if mode == GenerationMode.POSITIVE and path != "/v1/edits/{id}/cancel":  # the one edit there is has ended
        assert seen & {200, 201}


def test_the_document_is_the_one_that_is_served(caller: Caller) -> None:
    served = requests.get(f"{caller.url}/v1/openapi.json", timeout=PATIENCE_SECONDS).json()
    assert served == document_of([unsaved_model(MODEL)], address=caller.url)
