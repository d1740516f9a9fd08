"""Packs results into a zip for download.  Pictures are stored uncompressed, because they do not get smaller."""

import tempfile
from collections.abc import Iterable
from typing import IO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone

from edits.models import EditRequest
from edits.services.pictures.faces import face_of, ready_merge_of
from edits.services.pictures.file_names import result_stem
from edits.services.pictures.marking import marked
from edits.services.pictures.storing import EXTENSIONS, picture_bytes

MOST_BYTES = 2_000_000_000  # a merged picture may have 100 MB, and all lie on the disk until they are sent
IN_MEMORY_BYTES = 8_000_000  # larger archives go to a file that is deleted when it is closed


def is_too_large(edits: Iterable[EditRequest]) -> bool:
    """Whether their pictures have more than 2 GB together; edits as ``bundle`` takes them."""
    return sum(face_of(edit).size_bytes or 0 for edit in edits) > MOST_BYTES


def bundle(edits: Iterable[EditRequest], *, with_recipe: bool) -> IO[bytes]:
    """A zip with the pictures that stand for these edits, positioned at its start.

    The edits come with ``result``, ``merged`` and ``provider``.

    A picture that the storage cannot provide is listed in a text file in the zip, so that its absence is
    noticed.
    """
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  the response closes it
    missing = []
    with ZipFile(file, "w", ZIP_STORED) as archive:
        for number, edit in enumerate(edits, start=1):
            try:
                data = picture_bytes(face_of(edit).file)
            except OSError:
                missing.append(f"{edit.public_id}  {edit.prompt}")
                continue
            data = marked(data, edit=edit, format_name=_format_of(edit), with_recipe=with_recipe)
            archive.writestr(_entry(edit, number=number), data)
        if missing:
            archive.writestr("not-included.txt", "These pictures could not be read:\n" + "\n".join(missing))
    file.seek(0)
    return file


def _entry(edit: EditRequest, *, number: int) -> ZipInfo:
    name = f"{result_stem(edit, number=number)}.{EXTENSIONS[_format_of(edit)]}"
    made = timezone.localtime(edit.finished_at or edit.created_at)
    return ZipInfo(name, date_time=made.timetuple()[:6])


def _format_of(edit: EditRequest) -> str:
    return "PNG" if ready_merge_of(edit) else edit.result.format
