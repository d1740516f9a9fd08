"""The way behind the pages: a process inside the installation that plays the scenes a test asks for.

It is started once and answers within milliseconds, where a command of its own for each wish would take a second.
A wish is a line of JSON ``[name, arguments]``, an answer a line of JSON.
"""

import json
import subprocess
import sys
from typing import Any

from tests.installation import ROOT

LEAD = "import django; django.setup(); from tests.browser.scenes import serve; serve()"


class Backstage:
    """``backstage("cast")`` is ``scenes.cast()``, done inside the installation."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", LEAD],
            cwd=ROOT,
            env={"DJANGO_SETTINGS_MODULE": "editor_site.settings"} | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __call__(self, scene: str, /, **arguments: Any) -> Any:
        """What the scene of this name answers."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([scene, arguments]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        assert answer, f"{scene} failed; the traceback is among what was printed"
        return json.loads(answer)

    def close(self) -> None:
        """End the process."""
        self._process.communicate()
