"""Pictures: check uploads, fit them to a model, verify results, make thumbnails, compare.

Knows Pillow and the model specs; knows nothing of Django.
"""

from edits.images.comparing import Comparison, change_map, compare
from edits.images.errors import BadImage, Offer
from edits.images.fitting import fit, is_taken
from edits.images.masks import MASK_MAX_BYTES, BadMask, check_mask, resized_mask
from edits.images.results import ResultImage, check_result
from edits.images.thumbnails import medium, narrowed, placeholder, shrunk, thumbnail, veil
from edits.images.upload_check import CheckedImage, check_image

__all__ = [
    "MASK_MAX_BYTES",
    "BadImage",
    "BadMask",
    "CheckedImage",
    "Comparison",
    "Offer",
    "ResultImage",
    "change_map",
    "check_image",
    "check_mask",
    "check_result",
    "compare",
    "fit",
    "is_taken",
    "medium",
    "narrowed",
    "placeholder",
    "resized_mask",
    "shrunk",
    "thumbnail",
    "veil",
]
