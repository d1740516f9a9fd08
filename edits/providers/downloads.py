"""Fetches the picture that an answer links to.

The name is resolved once, every address is checked, and the connection goes to a checked address, so that a name
that changes its address in between has no effect.  Sends no key and no cookies.
"""

import logging
from dataclasses import dataclass

import requests

from edits.providers.answers import looks_like_picture
from edits.providers.connections import ExchangeLimits, NoAnswer, RawAnswer, exchange
from edits.providers.deadline import Deadline
from edits.providers.errors import ResultLost, UnsafeLink, Unusable
from edits.providers.links import LinkRules

TRIES = 5
_MOST_REDIRECTS = 2
_REDIRECTS = (301, 302, 303, 307, 308)
_GONE = (403, 404, 410)
_security_log = logging.getLogger("edits.security")


@dataclass(frozen=True)
class Downloader:
    """Fetches result links within a total time, in seconds, for all tries together."""

    rules: LinkRules
    limits: ExchangeLimits
    total_seconds: float
    pause_seconds: float
    """Before the second try; doubles with each further one."""
    tries: int = TRIES

    def fetch(self, link: str) -> bytes:
        """The picture behind a link; a relative link is resolved against the base URL.

        Raises UnsafeLink, ResultLost if no try succeeded, and Unusable if the content is not a picture.
        """
        trouble, is_gone = "no time left", False
        with Deadline(self.total_seconds) as deadline:
            for attempt in range(self.tries):
                if attempt:
                    deadline.wait(self.pause_seconds * 2 ** (attempt - 1))
                if deadline.passed:
                    break
                try:
                    answer = self._follow(link, deadline=deadline, attempt=attempt)
                except UnsafeLink as error:
                    _security_log.warning("Did not follow a link: %s", error)
                    raise
                except (NoAnswer, OSError) as error:
                    trouble = str(error) if isinstance(error, NoAnswer) else "its name has no address"
                    is_gone = False
                else:
                    if answer.status == 200:
                        return _picture(answer)
                    trouble, is_gone = f"HTTP {answer.status}", answer.status in _GONE
        lost = ResultLost(f"the result could not be fetched: {trouble}")
        lost.link, lost.may_come = link, not is_gone
        raise lost

    def _follow(self, link: str, *, deadline: Deadline, attempt: int) -> RawAnswer:
        seen_at = self.rules.base_url.rstrip("/") + "/"
        for _ in range(_MOST_REDIRECTS + 1):
            target = self.rules.judge(link, seen_at=seen_at)
            address = target.addresses[attempt % len(target.addresses)]
            headers = {"Host": target.host_header, "Accept": "image/*"}
            answer = exchange(
                requests.Request("GET", target.url_at(address), headers=headers),
                limits=self.limits,
                deadline=deadline,
                server_name=target.server_name,
            )
            if answer.status not in _REDIRECTS:
                return answer
            seen_at, link = target.url.url, answer.headers.get("Location", "")
        raise UnsafeLink("a result link is redirected again and again")


def _picture(answer: RawAnswer) -> bytes:
    if not answer.whole:
        raise Unusable("the result behind the link is larger than a picture would be")
    if answer.is_encoded or not looks_like_picture(answer.body):
        raise Unusable("what lies behind the link is not a picture")
    return answer.body
