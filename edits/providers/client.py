"""Sends one edit to a provider in its dialect, and returns the result.

Never sends twice: callers decide about retries, because they know what a retry may cost.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import requests

from edits.edit_call import EditCall
from edits.faults import Fault
from edits.providers.addresses import Resolver, resolve
from edits.providers.answers import MOST_ID_CHARS, Answer, provider_id, read_json, read_models
from edits.providers.connections import ExchangeLimits, NoAnswer, RawAnswer, exchange
from edits.providers.deadline import Deadline
from edits.providers.dialects import Dialect
from edits.providers.dialects.stepfun import StepFunDialect
from edits.providers.dialects.wire import Wire
from edits.providers.downloads import TRIES, Downloader
from edits.providers.error_bodies import ErrorBody
from edits.providers.errors import (
    NotAuthorized,
    ProviderError,
    Rejected,
    ServerFailed,
    Unanswered,
    Unreachable,
    UnsafeLink,
    Unusable,
)
from edits.providers.links import LinkRules
from edits.providers.proxies import Proxies
from edits.providers.redaction import one_line, redacted, without
from edits.providers.refusals import error_for

MOST_ANSWER_BYTES = 32_000_000
MOST_DOWNLOAD_BYTES = 25_000_000
_MODELS_SECONDS = 15.0
REPEATED = "maybe_repeated"
"""The note for a call that a gateway may have repeated, and been charged for more than once."""
log = logging.getLogger(__name__)
_security_log = logging.getLogger("edits.security")


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Client:
    """A provider of edits.  Threads may share one: each call has its own connection."""

    base_url: str
    """Ends in /v1."""
    api_key: str = field(repr=False)
    dialect: Dialect = field(default_factory=StepFunDialect)
    timeout_seconds: float = 180.0
    """The timeout of the whole call, from the DNS lookup to the last byte."""
    one_call_seconds: float | None = None
    """The longest that one call of a gateway can take, if the gateway repeats calls by itself.

    A call that takes longer is noted as ``maybe_repeated``.  None for a server that never repeats.
    """
    connect_seconds: float = 5.0
    allow_hosts: tuple[str, ...] = ()
    """Hosts, as ``host:port``, to which result links may lead although they are not https on the public internet."""
    write_seconds: float = 30.0
    """The timeout for the server to accept the next bytes of the upload."""
    download_seconds: float = 60.0
    download_read_seconds: float = 20.0
    download_pause_seconds: float = 0.5
    only_public: bool = False
    """Call only public internet addresses: the name is resolved and checked for each call."""
    ca_bundle: str = ""
    """A file of certificates to trust instead of the usual ones, for a self-hosted provider or a company's proxy."""
    proxies: Proxies = field(default_factory=Proxies)
    resolve: Resolver = resolve
    now: Callable[[], datetime] = _now
    clock: Callable[[], float] = time.monotonic

    def edit(self, call: EditCall) -> Answer:
        """Send one edit as a single POST.

        A filtered edit is an Answer.  Raises the errors in ``errors``.
        """
        wire = self.dialect.wire(call)
        began = self.clock()
        try:
            raw = self._call(self._request(wire), seconds=self.timeout_seconds)
        except ProviderError as error:
            error.sent = [] if isinstance(error, Unreachable) else wire.record()
            error.notes += self._late(began)
            raise
        late = self._late(began)
        try:
            answer = self._understood(raw)
        except ProviderError as error:
            self._explain(error, raw, prompt=call.options.prompt)
            error.sent = wire.record()
            error.notes += late
            raise
        return _noted(replace(answer, sent=wire.record(), notes=answer.notes + late))

    def _late(self, began: float) -> tuple[str, ...]:
        """The note for a call that took longer than ``one_call_seconds``."""
        took_seconds = self.clock() - began
        return (REPEATED,) if self.one_call_seconds and took_seconds > self.one_call_seconds else ()

    def _request(self, wire: Wire) -> requests.Request:
        return requests.Request(
            "POST",
            self._url("images/edits"),
            headers=self._headers(),
            data=list(wire.fields),
            files=[(name, (file.filename, file.data, file.content_type)) for name, file in wire.files],
        )

    def models(self) -> list[str]:
        """The names of the models that the provider offers, which also tests the connection and the key.

        Free of charge.  Raises the errors in ``errors``.
        """
        request = requests.Request("GET", self._url("models"), headers=self._headers())
        raw = self._call(request, seconds=min(_MODELS_SECONDS, self.timeout_seconds))
        try:
            if raw.status != 200:
                raise self._error_for(raw, ErrorBody(raw.body))
            return read_models(_readable(raw))
        except ProviderError as error:
            self._explain(error, raw, prompt="")
            error.charged = "no"
            raise

    def download(self, link: str, *, tries: int = TRIES) -> bytes:
        """Fetch the picture behind a link, which may be that of an earlier ResultLost.

        Raises ResultLost, UnsafeLink or Unusable.
        """
        rules = LinkRules(
            base_url=self.base_url,
            allow_hosts=frozenset(host.lower() for host in self.allow_hosts),
            resolve=self.resolve,
        )
        downloader = Downloader(
            rules=rules,
            limits=replace(self._limits(self.download_read_seconds), most_bytes=MOST_DOWNLOAD_BYTES),
            total_seconds=self.download_seconds,
            pause_seconds=self.download_pause_seconds,
            tries=tries,
        )
        return downloader.fetch(link)

    def _call(self, request: requests.Request, *, seconds: float) -> RawAnswer:
        server_name = self._judge(request) if self.only_public else ""
        try:
            with Deadline(seconds) as deadline:
                return exchange(
                    request, limits=self._limits(seconds), deadline=deadline, server_name=server_name
                )
        except NoAnswer as trouble:
            if trouble.stage == "connecting" or request.method == "GET":  # a GET changes nothing
                raise Unreachable(str(trouble), cause=trouble.cause) from trouble
            if trouble.stage == "sending":
                raise ServerFailed(f"{trouble}: the picture was not taken") from trouble
            unanswered = Unanswered(str(trouble))
            unanswered.answer_bytes = trouble.read_bytes
            raise unanswered from trouble

    def _judge(self, request: requests.Request) -> str:
        """Point the request to a checked address; returns the name that the certificate must have.

        Raises Unreachable if the name has no address or one on a private network.
        """
        url = str(request.url)
        rules = LinkRules(base_url=url, allow_hosts=frozenset(), resolve=self.resolve, only_public=True)
        try:
            target = rules.judge(url, seen_at=url)
        except UnsafeLink as error:
            raise Unreachable(str(error), cause="private") from error
        except OSError as error:
            raise Unreachable("the name has no address", cause="name") from error
        request.url = target.url_at(target.addresses[0])
        request.headers = dict(request.headers or {}) | {"Host": target.host_header}
        return target.server_name

    def _understood(self, raw: RawAnswer) -> Answer:
        if raw.status == 200:
            read = self.dialect.read
            return read(_readable(raw), status=200, trace_id=self._trace_id(raw), fetch=self.download)
        if 300 <= raw.status < 400:
            _security_log.warning("The provider answered with a redirect (%s): not followed", raw.status)
        body = ErrorBody(raw.body)
        if self.dialect.meaning(raw.status, body) == "filtered":
            return self._refused_by_filter(raw)
        raise self._error_for(raw, body)

    def _error_for(self, raw: RawAnswer, body: ErrorBody) -> ProviderError:
        meaning = self.dialect.meaning(raw.status, body)
        return error_for(
            raw.status,
            body=body,
            headers=raw.headers,
            now=self.now(),
            retry_after_headers=self.dialect.retry_after_headers,
            blames="" if meaning == "filtered" else meaning,
        )

    def _refused_by_filter(self, raw: RawAnswer) -> Answer:
        return Answer(
            image=None,
            finish_reason="content_filtered",
            filtered_at="request",
            seed=None,
            provider_id=_provider_id(raw),
            trace_id=self._trace_id(raw),
            status=raw.status,
            created=None,
            answer_bytes=len(raw.body),
        )

    def _trace_id(self, raw: RawAnswer) -> str:
        found = next(filter(None, (raw.headers.get(name) for name in self.dialect.trace_headers)), "")
        return one_line(found, most_chars=MOST_ID_CHARS)

    def _explain(self, error: ProviderError, raw: RawAnswer, *, prompt: str) -> None:
        """Add ids for the provider's support, and the redacted beginning of the answer."""
        error.status, error.trace_id = raw.status, self._trace_id(raw)
        error.provider_id = _provider_id(raw)
        error.answer_bytes = len(raw.body)
        if error.fault != Fault.RESULT_LOST:  # there the body holds only a link that opens the picture
            error.detail = redacted(raw.body, secrets=(self.api_key, prompt))
        if isinstance(error, Rejected):
            error.provider_message = without(error.provider_message, self.api_key)

    def _url(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}/{path}"

    def _headers(self) -> dict[str, str]:
        if not (self.api_key.isascii() and self.api_key.isprintable()):
            raise NotAuthorized("the key has characters that no header can carry")
        accept = {"Accept": "application/json"}
        return accept | {"Authorization": f"Bearer {self.api_key}"} if self.api_key else accept

    def _limits(self, read_seconds: float) -> ExchangeLimits:
        return ExchangeLimits(
            connect_seconds=self.connect_seconds,
            write_seconds=self.write_seconds,
            read_seconds=read_seconds,
            most_bytes=MOST_ANSWER_BYTES,
            ca_bundle=self.ca_bundle,
            proxies=self.proxies,
        )


def _noted(answer: Answer) -> Answer:
    if answer.notes:
        log.warning("The answer to call %s was odd: %s", answer.trace_id or "?", ", ".join(answer.notes))
    return answer


def _readable(raw: RawAnswer) -> bytes:
    if not raw.whole:
        raise Unusable("the answer is longer than any honest one")
    if raw.is_encoded:
        raise Unusable("the answer is compressed though that was not asked for")
    return raw.body


def _provider_id(raw: RawAnswer) -> str:
    try:
        return provider_id(read_json(raw.body))
    except Unusable:
        return ""
