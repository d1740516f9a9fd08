"""Completeness: pages say when something was in one way only, so that no page shows two clocks."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
CODE = [
    path
    for folder in ("views", "templatetags", "forms", "services", "models")
    for path in sorted((ROOT / "edits" / folder).rglob("*.py"))
]

OTHER_WAY = re.compile(
    r"\|\s*(date|time|timesince|timeuntil|naturaltime|naturalday|localtime|utc|timezone)\b"
)
OWN_TAG = re.compile(r"<time\b|\{%\s*(now|localtime|timezone)\b")
BARE = re.compile(
    r"(?:\{\{\s*|blocktranslate\b[^}]*?\w=)(?!level\.at|day\.at|spec\.good_at)"
    r"[\w.]*(?:_at|_since|_until|\.at|\.since|\.until|last_login|date_joined)\b\s*(?:\|\s*(\w+))?"
)
"""A moment by the names that moments have here, with its filter.  Places in a chart are none."""

CLOCK = re.compile(r"strftime\(|%[-]?[HIMdBbYyjp]\b|format_date\(|date_format\(|\bctime\(")
DATES_ALONE = {
    "edits/views/days.py": "headings and ids of days, which are dates already",
    "edits/views/canary_chart.py": "labels of days, which are dates already",
    "edits/views/bulk.py": "the name of a zip",
    "edits/views/batch_page.py": "the name of a zip",
    "edits/services/budgets/periods.py": "the server's midnight, named with its zone",
    "edits/services/backups/restoring.py": "for administrators at a terminal, with its zone",
}
"""The only other places that make words of days and times."""
DEFAULT_ZONE = {
    "edits/services/budgets/periods.py": "budgets begin at the server's midnight",
    "edits/services/canary/scheduling.py": "when the server makes its calls is no person's day",
    "edits/forms/accounts.py": "the name of the first choice",
}


def test_templates_print_moments_by_the_one_filter() -> None:
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8")
        assert not OTHER_WAY.findall(text), path
        assert not OWN_TAG.findall(text), path
        assert {found or "nothing" for found in BARE.findall(text)} <= {"time_tag", "time_text"}, path


def test_the_search_finds_what_it_is_for() -> None:
    assert OTHER_WAY.search('{{ edit.created_at|date:"H:i" }}')
    assert BARE.findall("{{ edit.created_at }} {{ row.at|time_tag }} {{ a.paused_until|upper }}") == [
        "",
        "time_tag",
        "upper",
    ]
    assert BARE.findall("{% blocktranslate trimmed with n=1 day=key.used_at at=row.at|time_tag %}") == [""]
    assert CLOCK.search('f"{until:%H:%M}"')
    used = {name for path in TEMPLATES for name in BARE.findall(path.read_text(encoding="utf-8"))}
    assert used == {"time_tag", "time_text"}


def test_no_script_makes_words_of_times() -> None:
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"toLocale(Date|Time)String|new Date\(|\.dateTime\b", text), path.name
        if path.name != "time-zone.js":
            assert "Intl.DateTimeFormat" not in text, path.name


def test_sentences_take_their_times_from_the_one_function() -> None:
    other = {str(path.relative_to(ROOT)) for path in CODE if CLOCK.search(path.read_text(encoding="utf-8"))}
    assert other == {*DATES_ALONE}


def test_what_keeps_to_the_server_s_clock_is_known() -> None:
    found = {
        str(path.relative_to(ROOT))
        for path in CODE
        if "get_default_timezone" in path.read_text(encoding="utf-8")
    }
    assert found == {*DEFAULT_ZONE}
