"""The practice engine: a server of ours on loopback that keeps StepFun's contract and edits with Pillow.

It stands in for the AI model when there is no key, and in tests.  It knows nothing of Django.
"""

from .editing import edit_picture
from .instructions import EXAMPLES
from .server import LocalEngineServer, make_server
from .words import FILTER_WORDS, REFUSED_WORDS

__all__ = ["EXAMPLES", "FILTER_WORDS", "REFUSED_WORDS", "LocalEngineServer", "edit_picture", "make_server"]
