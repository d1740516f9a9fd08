"""The layers of the code, held by reading its imports; changing the table is a decision that a commit explains.

entry     urls · admin · tasks · management commands
HTTP      views · api · templatetags
shared    http
input     forms
writes    services
leaves    models · images · providers · local_engine          (import nothing of ours but the facts)
facts     model_specs · edit_call · faults · fault_words · folding · languages · time_zones  (import nothing of ours)
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAX_LINES = 300
MAX_TEST_LINES = 400
MAX_FUNCTION_LINES = 40
VAGUE = {"utils", "helpers", "common", "constants", "managers", "signals"}

FACTS = {"model_specs", "edit_call", "faults", "fault_words", "folding", "languages", "time_zones"}
LEAVES = {"models", "images", "providers", "local_engine"}
SERVICES = LEAVES | FACTS
FORMS = SERVICES | {"services"}
HTTP = FORMS | {"forms"}
PAGES = HTTP | {"http"}
ENTRY = PAGES | {"views", "api"}
MAY_IMPORT = {
    "model_specs": {"edit_call"},
    "edit_call": set[str](),
    "faults": set[str](),
    "fault_words": {"faults"},
    "folding": set[str](),
    "languages": set[str](),
    "time_zones": set[str](),
    **{leaf: FACTS for leaf in LEAVES},
    "services": SERVICES,
    "forms": FORMS,
    "http": FORMS,  # what pages and the API share: neither imports the other
    "views": PAGES,
    "api": PAGES,
    "templatetags": PAGES | {"views"},  # the words that views and templates share
    "urls": ENTRY,
    "admin": ENTRY,
    "tasks": ENTRY | {"checks"},
    "management": ENTRY,
    "accounts": FORMS,  # what allauth calls back: the adapter that opens sign-up to invited people alone
    "checks": FORMS,  # they ask services what these ask before they act: is there room?
    "apps": {"checks"},
    "migrations": {"models", "time_zones"},  # the validator of a column
}
PROJECT_MAY_IMPORT = {
    "services": {"celery", "env", "picture_folder", "shutdown"},
    "tasks": {"celery"},
    "management": {"supervisor"},
    "checks": {"data_folder"},
    "views": {"messages"},
}
"""What of editor_site each part may import: waking workers, being one, starting everything, whether it stops, which
files can be made again, whose the data folder is, and messages that can be undone."""

CLOCKS = {
    "calls/running.py": "a call takes minutes, and is recorded when the database is back",
    "provider/trial_edit.py": "a call takes minutes",
    "canary/daily_run.py": "a call takes minutes",
    "webhooks/sending.py": "it sends for as long as the process lives",
    "api/wait_for_result.py": "callers wait for minutes",
    "api/serializers.py": "links to results are as fresh as the answer they are in",
    "queue/queue_snapshot.py": "what is remembered for a second is read again",
    "pictures/renditions.py": "drawing begins some time after the answer",
}
"""Services that read a clock, and why; all others are given ``now`` as a value."""


def python_files(*folders: str) -> list[Path]:
    """Our own Python files below these folders."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def part_of(module: str) -> str:
    """The part of the app that a module belongs to: ``edits.services.calls.running`` is of ``services``."""
    return [*module.split("."), ""][1]


def module_name(path: Path) -> str:
    """``edits/services/calls/running.py`` is ``edits.services.calls.running``; a package ends with ``__init__``."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def begins_with_a_docstring(path: Path) -> bool:
    """Whether the first statement is one; parsing hundreds of files for it would take a second."""
    return path.read_text(encoding="utf-8").startswith(('"""', 'r"""'))


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    """Full names of all modules that a file imports, relative ones made absolute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = module.split(".")[: -node.level] if node.level else []
            yield from (".".join([*base, *filter(None, [node.module]), name.name]) for name in node.names)


def wrong_imports(module: str, tree: ast.AST) -> list[str]:
    """What this module of the app imports although its layer may not."""
    part = part_of(module)
    wrong = []
    for name in imports(module, tree):
        top, target = name.split(".")[0], part_of(name)
        if top == "edits" and target not in {part, *MAY_IMPORT[part]}:
            wrong.append(f"{module} imports {name}")
        if top == "editor_site" and target not in PROJECT_MAY_IMPORT.get(part, set()):
            wrong.append(f"{module} imports {name}")
        if top == "tests":
            wrong.append(f"{module} imports {name}")
    return wrong


def imports_in_functions(tree: ast.AST) -> list[int]:
    """Lines of imports inside functions."""
    return [
        statement.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in ast.walk(node)
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]


APP = [path for path in python_files("edits") if path.parent.name != "edits" or path.stem != "__init__"]
CODE = [path for path in python_files("edits", "editor_site", "bench") if "migrations" not in path.parts]
ALL = [*CODE, *python_files("tests")]


def test_arrows_go_down_only() -> None:
    assert [line for path in APP for line in wrong_imports(module_name(path), tree_of(path))] == []


def test_services_are_given_the_time_as_a_value() -> None:
    services = ROOT / "edits" / "services"
    reading = {
        path.relative_to(services).as_posix()
        for path in python_files("edits/services")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "timezone.now"
    }
    assert reading == CLOCKS.keys()


def test_imports_stand_at_the_top() -> None:
    assert [f"{path}:{line}" for path in CODE for line in imports_in_functions(tree_of(path))] == []


def test_each_file_says_what_it_knows() -> None:
    assert [path for path in ALL if path.stat().st_size and not begins_with_a_docstring(path)] == []


def test_no_file_grows_too_long() -> None:
    most = {path: MAX_LINES if path in CODE else MAX_TEST_LINES for path in ALL}
    assert [path for path in ALL if path.read_text(encoding="utf-8").count("\n") > most[path]] == []


def test_no_function_grows_too_long() -> None:
    functions = [
        (f"{path.name}: {node.name}", (node.end_lineno or 0) - node.lineno + 1)
        for path in CODE
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef)
    ]
    assert [function for function in functions if function[1] > MAX_FUNCTION_LINES] == []


def test_no_module_has_a_vague_name() -> None:
    assert [path for path in ALL if path.stem in VAGUE or path.parent.name in VAGUE] == []


def test_every_part_of_the_app_has_a_place_in_the_table() -> None:
    parts = {part_of(module_name(path)) for path in APP}
    assert parts <= MAY_IMPORT.keys()


@pytest.mark.parametrize(
    ("module", "text"),
    [
        ("edits.models.uploads", "from edits.services import storing"),
        ("edits.images.fitting", "import django\nimport edits.models"),
        ("edits.services.calls.running", "from edits.views.history import history"),
        ("edits.services.calls.running", "from editor_site import settings"),
        ("edits.forms.editing", "from edits.views import errors"),
        ("edits.views.history", "from edits import tasks"),
        ("edits.views.history", "from edits.api import errors"),
        ("edits.api.errors", "from edits.views import errors"),
        ("edits.http.errors", "from edits.views import errors"),
        ("edits.model_specs", "from edits import models"),
        ("edits.services.reviewing.deciding", "from ...views import history"),
        ("edits.services.calls.running", "from tests.pictures import draw"),
    ],
)
def test_an_arrow_upward_would_be_noticed(module: str, text: str) -> None:
    assert len(wrong_imports(module, ast.parse(text))) == 1


@pytest.mark.parametrize("part", ["images", "providers", "local_engine"])
def test_these_leaves_know_nothing_of_django(part: str) -> None:
    files = python_files(f"edits/{part}")
    names = {name for path in files for name in imports(module_name(path), tree_of(path))}
    assert [name for name in names if name.split(".")[0] == "django"] == []


def test_an_import_inside_a_function_would_be_noticed() -> None:
    assert imports_in_functions(ast.parse("def f():\n    import os\n")) == [2]
