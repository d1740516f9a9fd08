"""The project's settings with one more language, in which sentences are longer and in brackets: pseudo_language."""

import os
from pathlib import Path

from django.conf.locale import LANG_INFO

from editor_site.settings import *  # noqa: F403
from editor_site.settings import LANGUAGES, LOCALE_PATHS

CODE = os.environ["PSEUDO_LANGUAGE"]
LANG_INFO[CODE] = {"bidi": False, "code": CODE, "name": "Pseudo", "name_local": "Pseudo"}
LANGUAGES = [*LANGUAGES, (CODE, "Pseudo")]
LOCALE_PATHS = [*LOCALE_PATHS, Path(os.environ["PSEUDO_LOCALE"])]
