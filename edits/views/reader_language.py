"""Switches a request to the language of the account behind it."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from edits.languages import known_language
from edits.models import User


def use_account_language(request: HttpRequest) -> None:
    """From now on the language of the person who is signed in, where they have one.

    Reads the session and the person, so it is for requests that show a page; ``LanguageMiddleware`` ends it.
    """
    user = getattr(request, "user", None)
    if settings.SESSION_COOKIE_NAME in request.COOKIES and isinstance(user, User):
        code = known_language(user.language)
        if code:
            translation.activate(code)
