"""Pictures: checked, made fit to send, verified when they come back, shrunk and compared.

Knows Pillow and the model profiles; knows nothing of Django.
"""

from edits.images.checking import CheckedImage, check_image
from edits.images.errors import BadImage, Offer
from edits.images.fitting import fit
from edits.images.renditions import placeholder, thumbnail, veil
from edits.images.results import ResultImage, check_result

__all__ = [
    "BadImage",
    "CheckedImage",
    "Offer",
    "ResultImage",
    "check_image",
    "check_result",
    "fit",
    "placeholder",
    "thumbnail",
    "veil",
]
