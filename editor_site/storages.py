"""Static files: compressed, with a hash in each name, stored next to the code."""

import os
import re
import stat
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile, File
from whitenoise.storage import CompressedManifestStaticFilesStorage

WRITTEN_BY_OWNER_ONLY = stat.S_IWGRP | stat.S_IWOTH
OUR_SCRIPTS = re.compile(r"js/[^/]+\.js")
COMMENT_LINE = re.compile(rb"^[ \t]*//.*\n", re.MULTILINE)


def without_comments(script: bytes) -> bytes:
    """The script without the lines that only comment: a tenth of what the studio would load.

    It knows nothing of JavaScript, so no string of ours goes over several lines (``tests/test_script_weight.py``).
    """
    return COMMENT_LINE.sub(b"", script)


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Also hashes the names of files that JavaScript modules import.

    All accounts may read them, unlike Retake's other files: root may collect what another account or a proxy
    serves.
    """

    support_js_module_import_aggregation = True
    directory_permissions_mode = 0o755

    def _save(self, name: str, content: File) -> str:
        """Our own scripts leave their comments here; names of collected files have slashes on every system."""
        if OUR_SCRIPTS.fullmatch(name):
            content = ContentFile(without_comments(b"".join(content.chunks())))
        return str(super()._save(name, content))

    def post_process(self, *words: Any, **more: Any) -> Iterator[Any]:
        """Runs only in ``collectstatic``, which creates nothing but static files."""
        os.umask(WRITTEN_BY_OWNER_ONLY)
        yield from super().post_process(*words, **more)
