"""Where the results of two edits differ, drawn when asked for: no worker knows beforehand which two."""

from edits.images import change_map, shrunk
from edits.models import MergedPicture, ReturnedImage
from edits.services.pictures.storing import picture_bytes

WIDTH_PX = 1024
Face = ReturnedImage | MergedPicture


def difference_between(one: Face, other: Face) -> tuple[bytes, float]:
    """A WebP overlay on ``other`` and the share of pixels that differ, 0 to 1.

    Reads the renditions where there are any.  Raises OSError if one cannot be read, BadImage if it is no picture.
    """
    first, second = (picture_bytes(row.thumb_1024 or row.file) for row in (one, other))
    return change_map(shrunk(first, width_px=WIDTH_PX), shrunk(second, width_px=WIDTH_PX))
