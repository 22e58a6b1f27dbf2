"""A server of feeds and pages on loopback, and the feeds that it serves, all invented."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

LONG = (
    "Harbour pilots in Port Merrow refused to board the freighter {name} on Tuesday after its "
    "owners declined to say what it carried. The port authority has kept it at anchor since. "
    "A spokeswoman, Ilse Tarrant, said inspectors would board it once the swell had gone down. "
)


def story(name: str, times: int = 6) -> str:
    """The invented text of an article, long enough to be whole."""
    return " ".join(f"{LONG.format(name=name)}It was day {day}." for day in range(times))


def item(
    guid: str,
    url: str,
    text: str,
    *,
    title: str | None = None,
    published=None,
    content: bool = True,
) -> str:
    """An RSS item, with its text in full or as a description."""
    element = "content:encoded" if content else "description"
    date = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
    return (
        f"<item><title>{escape(title or guid)}</title><link>{escape(url)}</link>"
        f'<guid isPermaLink="false">{escape(guid)}</guid>{date}'
        f"<{element}>{escape('<p>' + text + '</p>')}</{element}></item>"
    )


def rss(*items: str, title: str = "Meridian Wire", extra: str = "") -> str:
    """An RSS document."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{title}</title><link>https://meridianwire.example/</link>{extra}"
        f"{''.join(items)}</channel></rss>"
    )


def page(title: str, text: str) -> str:
    """A page that holds one article."""
    paragraphs = "".join(f"<p>{escape(part)}.</p>" for part in text.rstrip(".").split(". "))
    return (
        f"<!DOCTYPE html><html lang=en><head><title>{escape(title)}</title></head><body>"
        f"<article><h1>{escape(title)}</h1>{paragraphs}</article></body></html>"
    )


@dataclass
class Reply:
    """What the server answers at a path."""

    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class FeedServer:
    """Serves `replies` by path; a reply with an ETag is not sent twice. Keeps the requests."""

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {}
        self.asked: list[str] = []
        self.not_modified = 0
        handler = type("Handler", (_Handler,), {"served": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, path: str) -> str:
        """The address of a path."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def put(self, path: str, body: str, **headers: str) -> str:
        """Serve a body from now on; returns its address."""
        self.replies[path] = Reply(
            body, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        return self.url(path)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return self.asked.count(path)


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client that was killed is no news."""


class _Handler(BaseHTTPRequestHandler):
    served: FeedServer
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urlsplit(self.path).path
        self.served.asked.append(path)
        reply = self.served.replies.get(path, Reply("no such page", 404))
        etag = reply.headers.get("ETag")
        if etag is not None and self.headers.get("If-None-Match") == etag:
            self.served.not_modified += 1
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        body = reply.body.encode()
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
