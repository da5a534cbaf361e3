"""Ask every site that the built pages link to whether the page is still there; print a Markdown report."""

import argparse
import concurrent.futures
import email.utils
import html.parser
import http.client
import ipaddress
import os
import socket
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ALIVE, MOVED, UNSURE, DEAD = "alive", "moved", "unsure", "dead"

# The server answered, but not to a program: a person with a browser may well see the page.
REFUSES_PROGRAMS = {401, 403, 406, 407, 418, 429, 451, 999}
# Answers to HEAD that say nothing about GET.
ASK_AGAIN_WITH_GET = {400, 401, 403, 404, 405, 406, 408, 410, 429, 500, 501, 502, 503, 504, 999}
WORTH_A_RETRY = {408, 425, 429, 500, 502, 503, 504}
PERMANENT = {301, 308}

ATTRIBUTES = {
    "a": "href",
    "area": "href",
    "link": "href",
    "img": "src",
    "script": "src",
    "iframe": "src",
    "source": "src",
}
# Not addresses a reader opens: the page's own address, or only a hint to the browser.
IGNORED_RELATIONS = {"canonical", "edit", "preconnect", "dns-prefetch"}
RESERVED_NAMES = ("example.com", "example.net", "example.org", "localhost")
RESERVED_ENDINGS = (".example", ".invalid", ".local", ".test", *(f".{name}" for name in RESERVED_NAMES))

LONGEST_WAIT = 60.0  # seconds; a server that asks for a longer pause is left for next week
PAUSE = 1.0  # seconds between two requests to one host
ROWS_SHOWN = 100


@dataclass(frozen=True)
class Answer:
    """What came of asking for one address."""

    verdict: str
    detail: str
    moved_to: str = ""


class LinkParser(html.parser.HTMLParser):
    """Collects the external addresses of one page."""

    def __init__(self) -> None:
        """Start without any."""
        super().__init__(convert_charrefs=True)
        self.links: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a tag that leads elsewhere."""
        found = dict(attrs)
        address = found.get(ATTRIBUTES.get(tag, ""))
        relations = set((found.get("rel") or "").lower().split())
        if address and not relations & IGNORED_RELATIONS:
            normalised = external(address)
            if normalised:
                self.links.add(normalised)


def external(address: str) -> str | None:
    """The address without its fragment if it leads to another public site, else None."""
    address = address.strip()
    if address.startswith("//"):
        address = "https:" + address
    if not address.lower().startswith(("http://", "https://")):
        return None
    try:
        parts = urllib.parse.urlsplit(address)
        host = (parts.hostname or "").rstrip(".").lower()
        netloc = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
    except ValueError:
        return address  # malformed: asking for it will say so
    if not host or host in RESERVED_NAMES or host.endswith(RESERVED_ENDINGS):
        return None
    try:
        if not ipaddress.ip_address(host).is_global:
            return None
    except ValueError:
        pass  # a name, not a number
    path = urllib.parse.quote(parts.path, safe="/%:@!$&'()*+,;=~")
    query = urllib.parse.quote(parts.query, safe="/%:@!$&'()*+,;=~?[]|")
    return urllib.parse.urlunsplit((parts.scheme.lower(), netloc.lower(), path or "/", query, ""))


def collect(site: Path) -> dict[str, list[str]]:
    """Each external address and the pages, as paths within the site, that link to it."""
    pages_of: dict[str, set[str]] = defaultdict(set)
    for page in sorted(site.rglob("*.html")):
        parser = LinkParser()
        parser.feed(page.read_text(encoding="utf-8", errors="replace"))
        for link in parser.links:
            pages_of[link].add(page.relative_to(site).as_posix())
    return {link: sorted(pages) for link, pages in sorted(pages_of.items())}


class RememberRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects and notes whether all of them were permanent."""

    def redirect_request(self, req: urllib.request.Request, *answer) -> urllib.request.Request | None:
        """Go on as the standard library does, with the same method, and leave a note on the first request."""
        _, code, *_ = answer
        followed = super().redirect_request(req, *answer)
        if followed is not None:
            followed.method = req.get_method()
            followed.permanent = code in PERMANENT and getattr(req, "permanent", True)
            followed.first = getattr(req, "first", req)
            followed.first.last = followed
        return followed


class PoliteClient:
    """Asks for addresses one after the other, with a pause after each."""

    def __init__(self, timeout: float, retries: int, agent: str, pause: float = PAUSE) -> None:
        """Set the patience: seconds for one request, further tries, seconds between two requests."""
        self.timeout, self.retries, self.pause = timeout, retries, pause
        self.headers = {"User-Agent": agent, "Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
        self.opener = urllib.request.build_opener(RememberRedirects)

    def check(self, link: str) -> Answer:
        """Ask for an address until the answer can be believed."""
        answer = Answer(DEAD, "never asked")
        for attempt in range(self.retries + 1):
            for method in ("HEAD", "GET"):
                answer, status, asked_to_wait = self.ask(link, method)
                time.sleep(self.pause)
                if status is not None and not (method == "HEAD" and status in ASK_AGAIN_WITH_GET):
                    break
            answered = status is not None and status not in WORTH_A_RETRY
            if answered or asked_to_wait > LONGEST_WAIT or attempt == self.retries:
                break
            time.sleep(max(self.pause * 2 ** (attempt + 1), asked_to_wait))
        return answer

    def ask(self, link: str, method: str) -> tuple[Answer, int | None, float]:
        """One request: the answer, the status if there was one, and the pause the server asks for."""
        try:
            request = urllib.request.Request(link, headers=self.headers, method=method)
            with self.opener.open(request, timeout=self.timeout) as response:
                last = getattr(request, "last", None)
                if last is not None and last.permanent:
                    return Answer(MOVED, "moved for good", response.url), response.status, 0.0
                return Answer(ALIVE, str(response.status)), response.status, 0.0
        except urllib.error.HTTPError as error:
            with error:
                verdict = UNSURE if error.code in REFUSES_PROGRAMS else DEAD
                said = "redirects without end" if 300 <= error.code < 400 else str(error.reason)
                return Answer(verdict, f"{error.code} {said}".strip()), error.code, retry_after(error.headers)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return Answer(DEAD, explain(error)), None, 0.0


def retry_after(headers: http.client.HTTPMessage | None) -> float:
    """The pause in seconds that a Retry-After header asks for, 0 if none."""
    value = (headers.get("Retry-After") if headers else None) or ""
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - time.time())
    except (TypeError, ValueError):
        return 0.0


def explain(error: Exception) -> str:
    """One short phrase for a request that got no answer."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror):
        return "no such host"
    if isinstance(reason, TimeoutError) or "timed out" in str(reason):
        return "no answer in time"
    if isinstance(reason, ssl.SSLError):
        return f"TLS: {reason.reason or reason}"
    if isinstance(reason, ConnectionError):
        return "connection refused or dropped"
    return str(reason) or type(reason).__name__


def check_all(links: list[str], client: PoliteClient, workers: int) -> dict[str, Answer]:
    """The answer for each link. Hosts are asked at once, the links to one host in turn; progress goes to stderr."""
    answers: dict[str, Answer] = {}
    links_of: dict[str, list[str]] = defaultdict(list)
    for link in links:
        links_of[link.split("/")[2]].append(link)

    def check_host(host: str) -> None:
        for link in links_of[host]:
            answers[link] = client.check(link)
            print(f"[{len(answers)}/{len(links)}] {answers[link].detail}: {link}", file=sys.stderr)

    with concurrent.futures.ThreadPoolExecutor(max_workers=workers) as pool:
        list(pool.map(check_host, sorted(links_of, key=lambda host: -len(links_of[host]))))
    return answers


def cell(text: str) -> str:
    """Text from elsewhere as inert code in one cell of a Markdown table."""
    return "`" + " ".join(text.replace("`", "'").split())[:300].replace("|", "\\|") + "`"


def table(links: list[str], answers: dict[str, Answer], pages_of: dict[str, list[str]]) -> list[str]:
    rows = ["| Link | What happened | Linked from |", "| --- | --- | --- |"]
    for link in links[:ROWS_SHOWN]:
        answer = answers[link]
        happened = cell(answer.detail) + (f" to {cell(answer.moved_to)}" if answer.moved_to else "")
        pages = ", ".join(cell(page) for page in pages_of[link][:3])
        more = len(pages_of[link]) - 3
        rows.append(f"| {cell(link)} | {happened} | {pages}{f' and {more} more' if more > 0 else ''} |")
    if len(links) > ROWS_SHOWN:
        rows.append(f"\n{len(links) - ROWS_SHOWN} more are not shown.")
    return rows


def report(answers: dict[str, Answer], pages_of: dict[str, list[str]]) -> str:
    """The Markdown report."""
    dead, unsure, moved = (
        [link for link in pages_of if answers[link].verdict == verdict] for verdict in (DEAD, UNSURE, MOVED)
    )
    lines = [f"{len(answers)} external links: {len(dead)} dead, {len(unsure)} not sure, {len(moved)} moved for good."]
    sections = (
        ("Dead", "Replace or remove these.", dead),
        ("Not sure", "These servers refuse a program. Open them in a browser before changing anything.", unsure),
        ("Moved", "These still work. Put in the new address when you next edit the page.", moved),
    )
    for title, advice, links in sections:
        if links:
            lines += ["", f"## {title}", "", advice, "", *table(links, answers, pages_of)]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path, help="folder of the built site")
    parser.add_argument("--skip", action="append", default=[], metavar="PREFIX", help="addresses to leave out")
    parser.add_argument("--timeout", type=float, default=20.0, help="seconds for one request (default %(default)s)")
    parser.add_argument("--retries", type=int, default=2, help="further tries (default %(default)s)")
    parser.add_argument("--workers", type=int, default=8, help="hosts asked at once (default %(default)s)")
    options = parser.parse_args()

    if not options.site.is_dir():
        sys.exit(f"There is no folder {options.site}: build the site first with `make build`.")
    skipped = tuple(filter(None, options.skip))
    pages_of = {link: pages for link, pages in collect(options.site).items() if not link.startswith(skipped)}
    if not any(options.site.rglob("*.html")):
        sys.exit(f"{options.site} holds no HTML page: build the site first with `make build`.")

    home = os.environ.get("REPO_URL", "")
    agent = "Mozilla/5.0 (compatible; link check of a documentation site" + (f"; +{home})" if home else ")")
    client = PoliteClient(options.timeout, options.retries, agent)
    answers = check_all(list(pages_of), client, options.workers)
    print(report(answers, pages_of))
    return 1 if any(answer.verdict == DEAD for answer in answers.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
