"""Says to administrators in plain words what went wrong with a call to the provider, and what to do about it."""

from edits.providers import ProviderError, Unreachable

MOST_CHARS = 300

OF_STATUS = {
    401: "The service refused the key. Check STEPFUN_API_KEY",
    402: "The balance of the account is used up. Top it up",
    403: "The account may not use this model, or the service may not be used from this place",
    404: "The service knows no such address or model. Check STEPFUN_BASE_URL and STEPFUN_MODEL",
    405: "The service takes no edits at this address. Check STEPFUN_BASE_URL",
    429: "The service says that these are too many calls. Compare the account's limits with those of Retake",
}
OF_CAUSE = {
    "tls": "No safe connection came about: the certificate of the service is not trusted, or it speaks no TLS",
    "address": "STEPFUN_BASE_URL is no address that can be called",
    "name": "The name of the service is not known. Check STEPFUN_BASE_URL and the machine's DNS",
    "refused": "The service takes no connections. Check STEPFUN_BASE_URL and the firewall",
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


def explain(error: ProviderError) -> str:
    """One line of at most 300 characters without a full stop, with status and trace id where there are any."""
    words = OF_STATUS.get(error.status or 0) or OF_FAULT[error.fault]
    if isinstance(error, Unreachable):
        words = OF_CAUSE.get(error.cause, words)
    elif error.fault == "F" and error.status is None:
        words = f"The key cannot be sent: {error}"
    facts = [f"HTTP {error.status}"] if error.status else []
    facts += [f"trace {error.trace_id}"] if error.trace_id else []
    return f"{words} ({', '.join(facts)})"[:MOST_CHARS] if facts else words[:MOST_CHARS]
