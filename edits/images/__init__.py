"""Pictures: checked, made fit to send, verified when they come back, shrunk and compared.

Knows Pillow and the model profiles; knows nothing of Django.
"""

from edits.images.errors import BadImage, Offer
from edits.images.fitting import fit

__all__ = [
    "BadImage",
    "Offer",
    "fit",
]
