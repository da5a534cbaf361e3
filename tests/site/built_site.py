"""The built site, served as GitHub Pages serves a project: below a folder, with its own 404 page."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from scripts.paths import ROOT

HOST = "127.0.0.1"
PREFIX = "/guide/"


def build(into: Path, root: Path = ROOT) -> subprocess.CompletedProcess:
    """Build the site strictly into a folder. Without -q: quiet, mkdocs exits 0 on a broken anchor."""
    env = os.environ | {"SITE_URL": f"http://{HOST}{PREFIX}", "REPO_URL": "https://github.com/example/guide"}
    env["NO_MKDOCS_2_WARNING"] = "1"  # the theme's advertisement for its successor would stand above what is wrong
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(into)]
    return subprocess.run(command, cwd=root, env=env, capture_output=True, encoding="utf-8")


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder below PREFIX; anything else is answered with the site's 404 page."""

    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        """The file for an address, or one that does not exist when it is not below PREFIX."""
        return super().translate_path(path.removeprefix(PREFIX.rstrip("/")) if path.startswith(PREFIX) else "/none")

    def do_GET(self) -> None:
        """Serve a file; the sitemap, which instant navigation reads, names the port that the build could not know."""
        sitemap = Path(self.directory) / "sitemap.xml"
        if self.path == f"{PREFIX}sitemap.xml" and sitemap.exists():
            text = sitemap.read_text(encoding="utf-8").replace(f"//{HOST}/", f"//{HOST}:{self.server.server_port}/")
            self.answer(200, "application/xml", text.encode())
        else:
            super().do_GET()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a missing page with 404.html and status 404, as Pages does."""
        page = Path(self.directory) / "404.html"
        if code == 404 and page.exists():
            self.answer(404, "text/html; charset=utf-8", page.read_bytes())
        else:
            super().send_error(code, message, explain)

    def answer(self, code: int, kind: str, body: bytes) -> None:
        """Send a whole answer."""
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing: the tests speak."""


@contextmanager
def served(folder: Path):
    """Serve a built site on a free port of loopback; yields its address, which ends in PREFIX."""
    server = ThreadingHTTPServer((HOST, 0), partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}{PREFIX}"
    finally:
        server.shutdown()
        server.server_close()
