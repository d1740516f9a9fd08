"""The project's settings with a throw-away data folder, quick hashing and a memory broker.

``tests.on_servers`` names servers in TEST_* to be used instead; each process that tests has its own part of them.
"""

import atexit
import os
import shutil
import tempfile

from tests.bucket_settings import settings_of

MEMORY = "/dev/shm"
ROOM_BYTES = 512 * 2**20


def _quick_folder() -> str | None:
    """Files in memory, where the system has room for that: half of a test's time would be waiting for the disk."""
    has_room = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    return MEMORY if has_room else None


_folder = tempfile.mkdtemp(prefix="retake-tests-", dir=_quick_folder())
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
OUTGOING = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")
for _name in [
    name for name in os.environ if name.startswith(("STEPFUN_", "AWS_")) or name.upper() in OUTGOING
]:
    del os.environ[_name]
os.environ.update(
    DATA_DIR=_folder,
    SECRET_KEY="only-for-tests-" + "x" * 50,
    STEPFUN_BASE_URL="http://127.0.0.1:1/v1",
    STEPFUN_API_KEY="test-key",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", f"sqlite:///{_folder}/tests.sqlite3"),
    CELERY_BROKER_URL=os.environ.get("TEST_BROKER_URL", "memory://"),
    CACHE_URL="",
)
_worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
if "TEST_CACHE_URL" in os.environ:
    os.environ["CACHE_URL"] = f"{os.environ['TEST_CACHE_URL']}/{int(_worker.removeprefix('gw')) + 1}"
if "TEST_BUCKET_URL" in os.environ:
    os.environ.update(settings_of(os.environ["TEST_BUCKET_URL"], f"pictures-{_worker}"))

from editor_site.settings import *  # noqa: E402, F403
from editor_site.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
if DATABASES["default"]["ENGINE"] == "editor_site.sqlite_serialized":
    # A file, not memory: threads of a test then lock each other out as real processes do.
    DATABASES["default"]["TEST"] = {"NAME": f"{_folder}/tests.sqlite3"}
# Each test client would read the whole folder of static files: twice the time of most tests.
WHITENOISE_AUTOREFRESH = True
