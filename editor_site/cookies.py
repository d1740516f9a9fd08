"""Cookie names that no other site on the same host uses, not even a second Retake: cookies ignore ports."""

from django.utils.crypto import salted_hmac

SALT = "retake.cookies"
MARK_CHARS = 8


def named(kind: str, secret_key: str) -> str:
    """The name of this kind of cookie, the same in all processes and on all machines of an installation.

    Derived from the secret key, which it does not reveal, and not from the port, because one installation may be
    reachable on several.
    """
    mark = salted_hmac(SALT, "name", secret=secret_key, algorithm="sha256").hexdigest()[:MARK_CHARS]
    return f"retake_{kind}_{mark}"
