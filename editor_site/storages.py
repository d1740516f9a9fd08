"""Where files live: hashed static files beside the code, pictures in a folder or an S3 bucket."""

import threading
from typing import Any

from storages.backends.s3 import S3Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStatic(CompressedManifestStaticFilesStorage):
    """Compressed static files with a hash in each name, those that a module imports included."""

    support_js_module_import_aggregation = True


class PictureBucket(S3Storage):
    """Pictures in an S3 bucket, never public, never overwritten, over one connection a process.

    The parent keeps a boto3 resource for each thread: some 11 MB and 0.3 s each, too much for many threads.
    """

    default_acl = None
    querystring_auth = True
    querystring_expire = 60
    file_overwrite = False
    _lock = threading.Lock()
    _shared: Any = None

    @property
    def connection(self) -> Any:
        cls = type(self)
        if cls._shared is None:
            with cls._lock:
                if cls._shared is None:
                    cls._shared = super().connection
        return cls._shared
