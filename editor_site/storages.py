"""Static files: compressed, with a hash in each name, stored next to the code."""

import os
import stat
from collections.abc import Iterator
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

WRITTEN_BY_OWNER_ONLY = stat.S_IWGRP | stat.S_IWOTH


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Also hashes the names of files that JavaScript modules import.

    All accounts may read them, unlike Retake's other files: root may collect what another account or a proxy
    serves.
    """

    support_js_module_import_aggregation = True
    directory_permissions_mode = 0o755

    def post_process(self, *words: Any, **more: Any) -> Iterator[Any]:
        """Runs only in ``collectstatic``, which creates nothing but static files."""
        os.umask(WRITTEN_BY_OWNER_ONLY)
        yield from super().post_process(*words, **more)
