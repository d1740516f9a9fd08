"""Packs results into one zip to take away.  The pictures are packed as they are: they do not get smaller."""

import tempfile
from collections.abc import Iterable
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone
from django.utils.text import slugify

from edits.models import EditRequest
from edits.services.pictures.storing import EXTENSIONS, picture_bytes

MAX_NAME_CHARS = 48
IN_MEMORY_BYTES = 8_000_000  # what is larger waits in a file that vanishes when it is closed


def bundle(edits: Iterable[EditRequest]) -> IO[bytes]:
    """A zip with the results of these edits (with ``result``), to be read from its start.

    A picture that the storage cannot give is named in a text beside the others, so that nobody misses it unknowingly.
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  the response closes it
    missing = []
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for number, edit in enumerate(edits, start=1):
            try:
                data = picture_bytes(edit.result.file)
            except OSError:
                missing.append(f"{edit.public_id}  {edit.prompt}")
                continue
            archive.writestr(_entry(edit, number=number), data)
        if missing:
            archive.writestr("not-included.txt", "These pictures could not be read:\n" + "\n".join(missing))
    file.seek(0)
    return file


def _entry(edit: EditRequest, *, number: int) -> ZipInfo:
    words = slugify(edit.prompt)[:MAX_NAME_CHARS].strip("-") or "edit"
    name = f"{number:03d}-{words}-{edit.seed_to_repeat}.{EXTENSIONS[edit.result.format]}"
    made = timezone.localtime(edit.finished_at or edit.created_at)
    return ZipInfo(name, date_time=made.timetuple()[:6])
