"""A real nginx in front of an installation, with HTTPS, as docs/deployment.md says to set it up."""

import os
import re
import shutil
import socket
from contextlib import suppress
from pathlib import Path

from tests.certificates import server_context
from tests.servers import HOST, Missing, Server

PAPER = Path(__file__).parent.parent / "docs" / "deployment.md"
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
NAME = "localhost"


class Nginx(Server):
    """Speaks HTTPS as localhost and passes all on to ``behind``, a port of this machine.

    Under a ``plain_name`` it speaks plain HTTP instead, as most do at first.
    """

    name = "nginx"

    def __init__(
        self, *, behind: int, under_path: bool = False, takes_path_off: bool = False, plain_name: str = ""
    ) -> None:
        if not nginx_program():
            raise Missing("nginx (apt-get install nginx)")
        super().__init__()
        self.takes_path_off, self.plain_name = takes_path_off, plain_name
        server_context(self.folder, name=NAME)
        site = documented(behind=behind, port=self.port, under_path=under_path)
        if takes_path_off:
            site = re.sub(r"(location (/retake/\S*) \{\s+proxy_pass http://retake);", _off, site)
        certificate = (
            f"ssl_certificate {self.folder}/{NAME}.pem; ssl_certificate_key {self.folder}/{NAME}.pem;"
        )
        site = (
            without_tls(site, plain_name)
            if plain_name
            else re.sub(r"# ssl_certificate .*", certificate, site)
        )
        (self.folder / "nginx.conf").write_text(self._frame(site))

    def _frame(self, site: str) -> str:
        """What an nginx of Debian has around its sites, kept in our folder."""
        paths = "".join(f"{name}_temp_path {self.folder}/{name};\n" for name in FOLDERS)
        user = "user root;\n" if os.getuid() == 0 else ""
        return (
            f"{user}daemon off;\npid {self.folder}/pid;\nworker_processes 1;\n"
            f"events {{ worker_connections 256; }}\nhttp {{\naccess_log off;\n{paths}{site}\n}}\n"
        )

    def command(self) -> list[str]:
        return [nginx_program(), "-p", str(self.folder), "-e", "stderr", "-c", f"{self.folder}/nginx.conf"]

    @property
    def url(self) -> str:
        """Where browsers find it."""
        return f"http://{self.plain_name}:{self.port}" if self.plain_name else f"https://{NAME}:{self.port}"

    def is_ready(self) -> bool:
        with suppress(OSError), socket.create_connection((HOST, self.port), timeout=2):
            return True
        return False


def _off(found: "re.Match[str]") -> str:
    """The address that the proxy passes on instead of the path: nothing, or what follows it."""
    return f"{found[1]}/{found[2].removeprefix('/retake/')};"


def without_tls(site: str, name: str) -> str:
    """The same configuration for plain HTTP under this name."""
    site = site.replace(" ssl;", ";").replace(f"server_name {NAME};", f"server_name {name};")
    return site.replace("X-Forwarded-Proto https;", "X-Forwarded-Proto $scheme;")


def nginx_program() -> str:
    """Where it is, also outside of PATH, or ""."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin") or ""


def documented(*, behind: int, port: int, under_path: bool) -> str:
    """The configuration of the paper, with ports of tests."""
    whole, below = re.findall(r"```nginx\n(.*?)```", PAPER.read_text(encoding="utf-8"), re.DOTALL)
    if under_path:
        whole = re.sub(r"    location / \{.*(?=\n\})", lambda _: below.rstrip(), whole, flags=re.DOTALL)
    site = re.sub(r"(    server 10\S+ [^\n]*\n)+", f"    server {HOST}:{behind};\n", whole)
    site = site.replace("listen 443 ssl;", f"listen {HOST}:{port} ssl;")
    return site.replace("server_name retake.example.com;", f"server_name {NAME};")
