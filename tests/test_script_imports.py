"""Each script takes from another only what that one gives: a browser loads neither of them otherwise."""

import re
from pathlib import Path

import pytest

SCRIPTS = sorted((Path(__file__).resolve().parent.parent / "static" / "js").glob("*.js"))
GIVEN = re.compile(r"^export (?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)
TAKEN = re.compile(r'^import \{([^}]*)\} from "\./([^"]+)";', re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.name))
def test_it_takes_only_what_there_is(script: Path) -> None:
    for names, other in TAKEN.findall(script.read_text()):
        taken = {name.split(" as ")[0].strip() for name in names.split(",")}
        assert taken <= set(GIVEN.findall(script.with_name(other).read_text())), other


def test_the_pattern_finds_what_scripts_give_and_take() -> None:
    texts = [script.read_text() for script in SCRIPTS]
    assert sum(len(GIVEN.findall(text)) for text in texts) > 30
    assert sum(len(TAKEN.findall(text)) for text in texts) > 20
