"""Django's makemessages with this project's options: one catalog per language, for all sentences of the app.

Needs GNU gettext (apt-get install gettext); Retake itself does not.
"""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.commands import makemessages
from django.utils.translation import to_locale

IGNORED = ("tests/*", "bench/*", "docs/*", "staticfiles/*", "var/*", "requirements*.txt", "static/*")
"""Files whose texts no page shows.  Sentences of scripts are in templates: see CONTRIBUTING."""


class Command(makemessages.Command):
    """Writes stable files: without line numbers and dates, so that a catalog changes only with its sentences.

    Makes no fuzzy guesses from similar sentences, and removes sentences that are no longer in the code.
    """

    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args: Any, **options: Any) -> None:
        ours = [to_locale(code) for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
        super().handle(
            *args,
            **options
            | {
                "locale": options["locale"] or ours,
                "ignore_patterns": [*options["ignore_patterns"], *IGNORED],
                "extensions": ["html", "txt", "py"],
                "no_wrap": True,
                "no_obsolete": True,
                "add_location": "file",
            },
        )

    def write_po_file(self, potfile: str, locale: str) -> None:
        super().write_po_file(potfile, locale)
        catalog = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        text = catalog.read_text(encoding="utf-8")
        catalog.write_text(re.sub(r'"POT-Creation-Date:.*\\n"\n', "", text), encoding="utf-8")
