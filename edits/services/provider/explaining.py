"""Says to administrators in plain words what went wrong with a call to the provider, and what to do about it."""

from edits.models import Provider
from edits.providers import NotAuthorized, ProviderError, Unreachable

MOST_CHARS = 300

OF_STATUS = {
    401: "The service refused the key. Check {key}",
    402: "The balance of the account is used up. Top it up",
    403: "The account may not use this model, or the service may not be used from this place",
    404: "The service knows no such address or model. Check {url} and {model}",
    405: "The service takes no edits at this address. Check {url}",
    429: "The service says that these are too many calls. Compare the account's limits with those of Retake",
    500: "The service had an error and did not do it",
}
STATUS_OF_BLAME = {"key": 401, "balance": 402, "model": 404}
"""Some servers say these in the text of an answer with another status."""
OF_CAUSE = {
    "tls": "No safe connection came about: the certificate of the service is not trusted, or it speaks no TLS",
    "address": "{url} is no address that can be called",
    "private": "Its URL leads to a private network, which is not allowed for this provider",
    "name": "The name of the service is not known. Check {url} and the machine's DNS",
    "refused": "The service takes no connections. Check {url} and the firewall",
    "timeout": "The service did not take the connection in time. Check the network and the firewall",
}
OF_FAULT = {
    "S": "Our own storage did not give the picture to send, so nothing was sent",
    "A": "The service could not be reached",
    "B": "The service is overloaded and did not do it",
    "B'": "A gateway before the service gave no answer",
    "C": "No answer arrived in time",
    "D": "The service sent something that cannot be read as a picture",
    "E": "The service refused the request",
    "F": "The service refused the account",
    "G": "The picture was made, but could not be fetched from where the service put it",
}


def explain(error: ProviderError, *, provider: Provider) -> str:
    """One line of at most 300 characters without a full stop, with status and trace id where there are any."""
    words = OF_STATUS.get(error.status or 0) or OF_FAULT[error.fault]
    if isinstance(error, NotAuthorized) and error.blames:
        words = OF_STATUS[STATUS_OF_BLAME[error.blames]]
    if isinstance(error, Unreachable):
        words = OF_CAUSE.get(error.cause, words)
    elif error.fault == "F" and error.status is None:
        words = f"The key cannot be used: {error}"
    words = words.replace("{key}", "STEPFUN_API_KEY" if provider.from_settings else "its key")
    words = words.replace("{model}", "STEPFUN_MODEL" if provider.from_settings else "the model")
    words = words.replace("{url}", "STEPFUN_BASE_URL" if provider.from_settings else "its URL")
    facts = [f"HTTP {error.status}"] if error.status else []
    facts += [f"trace {error.trace_id}"] if error.trace_id else []
    return f"{words} ({', '.join(facts)})"[:MOST_CHARS] if facts else words[:MOST_CHARS]
