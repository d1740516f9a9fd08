"""Which pictures the storage holds during a test, be it a folder or a bucket."""

import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage


def stored(under: str = "") -> list[str]:
    """The names of all files that lie below this folder of the storage, sorted."""
    if settings.AWS_STORAGE_BUCKET_NAME:
        found = [item.key for item in default_storage.bucket.objects.all()]  # type: ignore[attr-defined]
    else:
        root = Path(settings.MEDIA_ROOT)
        found = [str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()]
    return sorted(name for name in found if name.startswith(f"{under}/" if under else ""))


def forget() -> None:
    """Throw all of them away."""
    if settings.AWS_STORAGE_BUCKET_NAME:
        default_storage.bucket.objects.all().delete()  # type: ignore[attr-defined]
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)
