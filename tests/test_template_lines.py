"""The check that no line of a template is too long."""

from pathlib import Path

from tests.template_lines import MOST_CHARS, too_long


def test_a_line_is_reported_with_its_place_only_when_it_is_too_long(tmp_path: Path) -> None:
    (tmp_path / "trash").mkdir()
    (tmp_path / "trash" / "trash.html").write_text("x" * MOST_CHARS + "\n" + "x" * (MOST_CHARS + 1))
    (tmp_path / "base.html").write_text("x" * 500)
    assert [found.partition(" ")[0] for found in too_long(tmp_path)] == [
        "templates/base.html:1:",
        "templates/trash/trash.html:2:",
    ]
