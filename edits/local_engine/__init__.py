"""The practice engine: our own server on loopback that implements StepFun's contract and edits with Pillow.

It replaces the AI model if there is no key, and in tests.  It knows nothing of Django.
"""

from .editing import edit_picture
from .instructions import EXAMPLES
from .server import LocalEngineServer, make_server
from .words import FILTER_WORDS, REFUSED_WORDS

__all__ = ["EXAMPLES", "FILTER_WORDS", "REFUSED_WORDS", "LocalEngineServer", "edit_picture", "make_server"]
