"""The misbehaving provider's links: answers that hold one, and what is found behind it."""

from collections.abc import Callable
from typing import Any

from tests.provider_calls import MISSING, Call, Fault
from tests.provider_pictures import PICTURES, tagged

PICTURE = tagged("behind the link")


def _linked(link: Callable[[Call], object]) -> Fault:
    return Fault(lambda call: call.json(call.document(b64_json=MISSING, url=link(call))))


def _served(call: Call) -> str:
    """A link to this provider that names the fault to be played when it is followed."""
    return call.link(f"/files/{call.name}:{call.argument}/{call.number}.png")


def _cut(call: Call, *, end: str) -> None:
    call.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE[:60])
    getattr(call.handler, end)()


def _endless(call: Call) -> None:
    call.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nConnection: close\r\n\r\n" + PICTURE)
    while not call.provider.closing.is_set():
        call.write(bytes(65_536))


def _slowly(call: Call) -> None:
    call.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE))
    call.drip(PICTURE)


def _flaky(call: Call) -> None:
    failed = len([seen for seen in call.provider.downloads if seen.path == call.handler.path]) - 1
    if failed < call.number_argument(2):
        call.json({}, status=503)
    else:
        _picture(call)


def _picture(call: Call, body: bytes = PICTURE) -> None:
    call.send(body, headers={"Content-Type": "image/png"})


def _redirect(location: Callable[[Call], str]) -> Callable[[Call], None]:
    return lambda call: call.send(b"", status=302, headers={"Location": location(call)})


def _status(status: int) -> Callable[[Call], None]:
    return lambda call: call.json({"error": {"message": "no"}}, status=status)


BEHIND: dict[str, Callable[[Call], None]] = {
    "ok": _picture,
    "url_relative": _picture,
    "url_403": _status(403),
    "url_404": _status(404),
    "url_410": _status(410),
    "url_expired": _status(403),
    "url_500": _status(500),
    "url_flaky": _flaky,
    "url_reset_mid": lambda call: _cut(call, end="reset"),
    "url_truncated": lambda call: _cut(call, end="close"),
    "url_slow": _slowly,
    "url_hang": lambda call: call.hang(),
    "url_html": lambda call: call.send(b"<html>", headers={"Content-Type": "text/html"}),
    "url_html_as_png": lambda call: _picture(call, b"<html>not a picture</html>"),
    "url_empty_body": lambda call: _picture(call, b""),
    "url_bomb": lambda call: _picture(call, PICTURES["png_bomb"]()),
    "url_gzip": lambda call: call.send(PICTURE, headers={"Content-Encoding": "gzip"}),
    "url_endless": _endless,
    "url_huge": _endless,
    "url_redirect_once": _redirect(lambda call: "/files/ok/redirected.png"),
    "url_redirect_private": _redirect(lambda call: f"http://{call.provider.elsewhere}/secret"),
    "url_redirect_metadata": _redirect(lambda call: "http://169.254.169.254/latest/meta-data/"),
    "url_redirect_file": _redirect(lambda call: "file:///etc/passwd"),
    "url_redirect_loop": _redirect(lambda call: call.handler.path),
    "url_redirect_many": _redirect(lambda call: call.handler.path + "x"),
}

UNSAFE: dict[str, Callable[[Call], str]] = {
    "url_private": lambda call: "https://10.0.0.1/result.png",
    "url_metadata": lambda call: "http://169.254.169.254/latest/meta-data/",
    "url_localhost": lambda call: f"http://localhost:{call.provider.elsewhere.partition(':')[2]}/secret",
    "url_other_port": lambda call: f"http://{call.provider.elsewhere}/secret",
    "url_file": lambda call: "file:///etc/passwd",
    "url_ftp": lambda call: f"ftp://{call.provider.elsewhere}/secret",
    "url_gopher": lambda call: f"gopher://{call.provider.elsewhere}/secret",
    "url_data": lambda call: "data:image/png;base64,iVBORw0KGgo=",
    "url_userinfo": lambda call: f"http://{call.provider.host}@{call.provider.elsewhere}/secret",
    "url_ipv6": lambda call: "https://[::1]/secret",
    "url_mapped": lambda call: "https://[::ffff:127.0.0.1]/secret",
    "url_zone": lambda call: "https://[fe80::1%25lo]/secret",
    "url_decimal": lambda call: "https://2130706433/secret",
    "url_hex": lambda call: "https://0x7f000001/secret",
    "url_short": lambda call: "https://127.1/secret",
    "url_zero": lambda call: "https://0.0.0.0/secret",
    "url_port22": lambda call: "https://files.example:22/secret",
    "url_plain_http": lambda call: "http://files.example/secret",
    "url_crlf": lambda call: call.link("/files/ok/1.png\r\nX-Injected: 1"),
    "url_nul": lambda call: call.link("/files/ok/1.png\0"),
    "url_backslash": lambda call: f"http://{call.provider.elsewhere}\\@{call.provider.host}/secret",
    "url_scheme_relative": lambda call: f"//{call.provider.elsewhere}/secret",
    "url_long": lambda call: call.link("/" + "x" * 100_000),
    "url_refused": lambda call: "http://127.0.0.1:1/result.png",
}

LINKS: dict[str, Fault] = {
    **{name: _linked(_served) for name in BEHIND if name.startswith("url_")},
    **{name: _linked(link) for name, link in UNSAFE.items()},
    "url_relative": _linked(lambda call: "/files/ok/relative.png"),
    "url_no_dns": _linked(lambda call: "https://stub.invalid/result.png"),
}


def play_download(handler: Any, provider: Any) -> None:
    """Answer a GET of /files/<fault>/<name>; anything else is a picture, which nobody should request."""
    parts = handler.path.split("/")
    name, _, argument = (parts[2] if parts[1] == "files" else "ok").partition(":")
    call = Call(handler, provider, number=0, name=name, argument=argument, asked=None)
    BEHIND[name](call)
