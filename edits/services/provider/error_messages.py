"""Says to administrators in plain words what went wrong with a call to the provider, and what to do about it.

Rows and logs hold it in English, as ``explain`` says it; pages show it in the reader's language, by ``reason_words``.
"""

import re

from django.utils.translation import gettext, gettext_noop

from edits.fault_words import words_of
from edits.faults import Fault
from edits.languages import in_english
from edits.models import Provider
from edits.providers import NotAuthorized, ProviderError, Unreachable

MOST_CHARS = 300

OF_STATUS = {
    401: (
        gettext_noop("The service refused the key. Check STEPFUN_API_KEY"),
        gettext_noop("The service refused the key. Check its key"),
    ),
    402: (gettext_noop("The account has no balance left. Top it up"),) * 2,
    403: (gettext_noop("The account may not use this model, or the service is not available from here"),) * 2,
    404: (
        gettext_noop("The URL or the model was not found. Check STEPFUN_BASE_URL and STEPFUN_MODEL"),
        gettext_noop("The URL or the model was not found. Check its URL and the model"),
    ),
    405: (
        gettext_noop("The service does not accept edits at this URL. Check STEPFUN_BASE_URL"),
        gettext_noop("The service does not accept edits at this URL. Check its URL"),
    ),
    429: (gettext_noop("The service received too many calls. Compare the account's limits with Retake's"),)
    * 2,
    500: (gettext_noop("The service had an error and did not make the edit"),) * 2,
}
"""For the provider of the settings, and for one that administrators added.  Both are whole sentences."""
STATUS_OF_BLAME = {"key": 401, "balance": 402, "model": 404}
"""Some servers say these in the text of an answer with another status."""
OF_CAUSE = {
    "tls": (gettext_noop("TLS error: the service's certificate is not trusted, or it does not use TLS"),) * 2,
    "address": (gettext_noop("STEPFUN_BASE_URL is not a valid URL"), gettext_noop("Its URL is not valid")),
    "private": (gettext_noop("Its URL leads to a private network, which is not allowed for this provider"),)
    * 2,
    "name": (
        gettext_noop("The host name was not found. Check STEPFUN_BASE_URL and the machine's DNS"),
        gettext_noop("The host name was not found. Check its URL and the machine's DNS"),
    ),
    "refused": (
        gettext_noop("Connection refused. Check STEPFUN_BASE_URL and the firewall"),
        gettext_noop("Connection refused. Check its URL and the firewall"),
    ),
    "proxy": (
        gettext_noop("The proxy did not let the call through. Check HTTPS_PROXY, NO_PROXY and the proxy"),
    )
    * 2,
    "timeout": (gettext_noop("The connection timed out. Check the network and the firewall"),) * 2,
}
UNUSABLE_KEY = "The key cannot be used: "
FACTS = re.compile(r" \((?P<facts>(?:HTTP \d+)?(?:, )?(?:trace [^()]*)?)\)$")
"""How ``explain`` ends."""


def explain(error: ProviderError, *, provider: Provider) -> str:
    """One line in English, at most 300 characters without a full stop; status and trace id at its end, if any."""
    words = _words(error, of_settings=provider.from_settings)
    facts = [f"HTTP {error.status}"] if error.status else []
    facts += [f"trace {error.trace_id}"] if error.trace_id else []
    return f"{words} ({', '.join(facts)})"[:MOST_CHARS] if facts else words[:MOST_CHARS]


def reason_words(reason: str) -> str:
    """What ``explain`` said, as a sentence in the reader's language; unchanged where an older version said it."""
    found = FACTS.search(reason)
    words = reason[: found.start()] if found else reason
    if words.startswith(UNUSABLE_KEY):
        why = gettext(words.removeprefix(UNUSABLE_KEY))
        words = gettext("The key cannot be used: %(why)s") % {"why": why}
    else:
        words = gettext(words)
    if found:
        return gettext("%(reason)s (%(facts)s).") % {"reason": words, "facts": found["facts"]}
    return gettext("%(reason)s.") % {"reason": words}


def _words(error: ProviderError, *, of_settings: bool) -> str:
    pair = OF_STATUS.get(error.status or 0)
    if isinstance(error, NotAuthorized) and error.blames:
        pair = OF_STATUS[STATUS_OF_BLAME[error.blames]]
    if isinstance(error, Unreachable):
        pair = OF_CAUSE.get(error.cause, pair)
    elif error.fault == Fault.ACCOUNT and error.status is None:
        return f"{UNUSABLE_KEY}{error}"
    if pair:
        return pair[0] if of_settings else pair[1]
    with in_english():
        return str(words_of(error.fault).advice)
