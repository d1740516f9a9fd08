"""Explains refusals that come before any view: what the browser asked for, what arrived, which setting fixes it.

They are what somebody sees who puts a proxy in front or opens the site from another computer, so each has a sentence
for the visitor and one for the administrator.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.request import split_domain_port
from django.middleware import csrf
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MOST_SHOWN_CHARS = 200
BY_ADDRESS = tuple(
    reason.partition("%s")[0]
    for reason in (
        csrf.REASON_BAD_ORIGIN,
        csrf.REASON_BAD_REFERER,
        csrf.REASON_INSECURE_REFERER,
        csrf.REASON_NO_REFERER,
        csrf.REASON_MALFORMED_REFERER,
    )
)


@dataclass(frozen=True)
class HostRefusal:
    """``code`` is for programs; ``reason`` says more precisely which of the cases it is."""

    code: str
    reason: str
    title: str | Promise
    message: str | Promise
    remedy: str | Promise = ""
    """For the administrator."""


TOO_OLD = HostRefusal(
    code="csrf_failed",
    reason="token",
    title=_("This page is out of date"),
    message=_(
        "You opened it before you last signed in. Nothing was changed. Reload the page, then send the form again."
    ),
)
NO_COOKIE = HostRefusal(
    code="csrf_failed",
    reason="no_cookie",
    title=_("Your browser sent no cookie"),
    message=_("Nothing was changed. Allow cookies for this site, reload the page, then send the form again."),
    remedy=_("If this happens to everyone, the proxy must pass on Cookie and Set-Cookie unchanged."),
)
ORIGIN_HIDDEN = HostRefusal(
    code="csrf_failed",
    reason="origin_hidden",
    title=_("The form came from an unknown page"),
    message=_("Your browser did not say which page the form is on. Nothing was changed."),
    remedy=_(
        "The proxy or a browser extension hides it. The headers Origin and Referer must arrive, and the proxy must "
        "not add “Referrer-Policy: no-referrer” to pages. Retake itself sends “same-origin”."
    ),
)
HTTPS_UNKNOWN = HostRefusal(
    code="https_required",
    reason="https_unknown",
    title=_("This site needs https"),
    message=_("If you opened this page with http://, open it with https:// instead."),
    remedy=_(
        "HTTPS is on, so every request must come through an HTTPS proxy that sets “X-Forwarded-Proto: https”. This "
        "request came without that header. Set it in the proxy, or set HTTPS=0 if there is no proxy."
    ),
)


def of_host(request: HttpRequest, error: DisallowedHost) -> HostRefusal:
    """The request named a host that ALLOWED_HOSTS does not have, or one that cannot be a host."""
    given = _shown(request.META.get("HTTP_HOST", ""))
    domain = split_domain_port(given)[0]
    remedy: str | Promise
    if domain and "RFC 1034" not in str(error):
        remedy = _(
            "Add %(domain)s to ALLOWED_HOSTS if this site is meant to be reached by that name, then restart Retake."
        ) % {"domain": domain}
    else:
        remedy = _(
            "The proxy must pass on the browser's Host header (nginx: proxy_set_header Host $http_host;)."
        )
    return HostRefusal(
        code="unknown_host",
        reason="host",
        title=_("Wrong address"),
        message=_("This site does not answer to “%(host)s”. Check the address, or ask your administrator.")
        % {"host": given},
        remedy=remedy,
    )


def of_form(request: HttpRequest, reason: str) -> HostRefusal:
    """A form that Django's protection against forged ones refused for ``reason``."""
    if reason == csrf.REASON_NO_CSRF_COOKIE:
        # Before cookies had names of the installation, the page's own had Django's.
        return TOO_OLD if "csrftoken" in request.COOKIES else NO_COOKIE
    if not reason.startswith(BY_ADDRESS):
        return TOO_OLD
    came_from = _origin_of(request)
    if not came_from:
        return ORIGIN_HIDDEN
    scheme, host = urlsplit(came_from).scheme, urlsplit(came_from).netloc
    if host == _host_of(request) and scheme != request.scheme:
        return _other_scheme(request, came_from)
    return _other_origin(request, came_from)


def _other_scheme(request: HttpRequest, came_from: str) -> HostRefusal:
    arrived = _("Your browser uses %(page)s, but your form arrived by %(scheme)s. Nothing was changed.") % {
        "page": came_from,
        "scheme": request.scheme,
    }
    remedy = (
        _(
            "The proxy sets “X-Forwarded-Proto: https” for pages that were opened without https. It must pass on "
            "what the browser used (nginx: proxy_set_header X-Forwarded-Proto $scheme;) and redirect http to https."
        )
        if request.is_secure()
        else _("Set HTTPS=1, let the proxy set “X-Forwarded-Proto: https”, then restart Retake.")
    )
    return HostRefusal("csrf_failed", "https", _("The proxy hides how it was called"), arrived, remedy)


def _other_origin(request: HttpRequest, came_from: str) -> HostRefusal:
    here = f"{request.scheme}://{_host_of(request)}"
    return HostRefusal(
        code="csrf_failed",
        reason="origin",
        title=_("The form came from another address"),
        message=_(
            "Your browser sent it from %(page)s, but this site was reached as %(here)s. Nothing was changed."
        )
        % {"page": came_from, "here": here},
        remedy=_(
            "If %(page)s is the address of this site, the proxy changes it: let it pass on the Host header with its "
            "port (nginx: proxy_set_header Host $http_host;), or set CSRF_TRUSTED_ORIGINS=%(page)s and restart "
            "Retake. If it is another site, this form was forged."
        )
        % {"page": came_from},
    )


def _origin_of(request: HttpRequest) -> str:
    """Where the form came from, as ``https://host:port``; "" where the browser did not say."""
    given = _shown(request.headers.get("Origin") or request.headers.get("Referer", ""))
    try:
        parts = urlsplit(given)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme and parts.netloc else ""


def _host_of(request: HttpRequest) -> str:
    try:
        return request.get_host()
    except DisallowedHost:
        return ""


def _shown(given: str) -> str:
    return given[:MOST_SHOWN_CHARS]
