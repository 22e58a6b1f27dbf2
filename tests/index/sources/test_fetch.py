"""Fetching from a server that does everything wrong: each refused by name, within limits."""

import gzip
import logging
import random
import socket
import ssl
import subprocess
import threading
import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from shutil import which

import httpx
import pytest

from index.errors import FetchFailed, FetchRefused
from index.sources.payload import NotModified
from index.sources.web.addresses import is_public
from index.sources.web.connect import Guard
from index.sources.web.fetch import Fetcher, FetchSettings, Timing
from index.store.connections import Connections
from index.store.fetches import FetchLog
from index.store.sqlite import STORE_FILE, Store
from tests.index.builders import INGESTED, entry
from tests.index.sources.hostile_server import HostileServer, head, in_turn, moves, says, sends

PAGE = b"<html><body><p>The ferry to Gull Point sails again.</p></body></html>"
CERTIFICATES = httpx.create_ssl_context(trust_env=False)  # read once: it takes a while
LIMITS = {
    "connect_s": 0.5,
    "read_s": 0.4,
    "total_s": 0.7,
    "max_bytes": 100_000,
    "max_redirects": 4,
    "retries": 0,
    "per_host_delay_s": 0.0,
    "allow_private": True,
    "obey_robots": False,
}


class TurnedClock:
    """Time that passes as the sleeper says, and otherwise as it does."""

    def __init__(self):
        self.slept = []

    def clock(self):
        return time.monotonic() + sum(self.slept)

    def sleep(self, seconds):
        self.slept.append(seconds)

    def timing(self, chance=0.5):
        return Timing(
            self.clock, self.sleep, lambda: datetime(2025, 6, 2, tzinfo=UTC), lambda: chance
        )


@pytest.fixture
def server():
    with HostileServer() as server:
        yield server


@pytest.fixture
def fetcher():
    with make_fetcher() as fetcher:
        yield fetcher


@pytest.fixture
def fetch_log(tmp_path):
    Store(tmp_path / STORE_FILE).close()
    connections = Connections(tmp_path / STORE_FILE)
    yield FetchLog(connections)
    connections.close()


def make_fetcher(*, timing=None, guard=None, validators=None, tls=None, **settings):
    settings = FetchSettings(**{**LIMITS, **settings})
    tls = tls or CERTIFICATES
    return Fetcher(settings, timing=timing, guard=guard, validators=validators, tls=tls)


def refusal(fetcher, url, kind=FetchRefused):
    """Why it is refused, which must not take long."""
    began = time.monotonic()
    with pytest.raises(FetchFailed) as caught:
        fetcher.fetch(url)
    assert time.monotonic() - began < 2.5
    assert type(caught.value) is kind or kind is FetchFailed
    assert str(caught.value).startswith(caught.value.origin)
    return caught.value.reason


# -- what comes back -------------------------------------------------------------------


def test_a_page_comes_with_where_and_when_it_was_fetched(server):
    url = server.put("/a", says(body=PAGE, Content_Type="text/html; charset=koi8-r", ETag='"7"'))
    now = datetime(2025, 6, 2, tzinfo=UTC)
    with make_fetcher(timing=TurnedClock().timing()) as fetcher:
        payload = fetcher.fetch(f"{url}#comments")
    assert (payload.origin, payload.url, payload.data) == (url, url, PAGE)
    assert (payload.content_type, payload.fetched_at) == ("text/html; charset=koi8-r", now)
    assert (payload.etag, payload.last_modified) == ('"7"', None)


def test_bytes_are_passed_on_whatever_the_server_says_of_them(server, fetcher):
    data = "ФЕРРИ".encode("koi8-r")
    url = server.put("/a", says(body=data, Content_Type="text/html; charset=utf-16"))
    assert fetcher.fetch(url).data == data


@pytest.mark.parametrize(
    "packed", [gzip.compress(PAGE), gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:])]
)
def test_gzip_is_unpacked(server, fetcher, packed):
    url = server.put("/a", says(body=packed, Content_Encoding="gzip"))
    assert fetcher.fetch(url).data == PAGE


def test_gzip_in_bytes_that_trickle_in_is_unpacked(server):
    noise = random.Random(5).randbytes(30_000)
    packed = gzip.compress(noise + PAGE * 2_000)
    parts = [packed[i : i + 97] for i in range(0, len(packed), 97)]
    server.put("/a", sends(head(Content_Encoding="gzip"), *parts))
    with make_fetcher(max_bytes=10**6) as fetcher:
        assert fetcher.fetch(server.url("/a")).data == noise + PAGE * 2_000


def test_what_only_claims_to_be_gzip_is_passed_on(server, fetcher):
    url = server.put("/a", says(body=PAGE, Content_Encoding="gzip"))
    assert fetcher.fetch(url).data == PAGE


def test_a_body_without_a_length_ends_with_the_connection(server, fetcher):
    url = server.put("/a", sends(head() + PAGE))
    assert fetcher.fetch(url).data == PAGE


# -- bodies that are refused -----------------------------------------------------------


def test_a_stream_without_end_is_cut_off_by_size(server, fetcher):
    url = server.put("/a", sends(head(), b"x" * 65_536, times=10**6))
    assert "larger than 100,000 bytes" in refusal(fetcher, url)


def test_a_slow_stream_without_end_is_cut_off_by_time(server, fetcher):
    url = server.put("/a", sends(head(), b"x", pause_s=0.05, times=10**6))
    assert "was not done after 0.7 s" in refusal(fetcher, url, FetchFailed)


def test_headers_that_come_a_letter_at_a_time_are_cut_off_by_time(server, fetcher):
    url = server.put("/a", sends(b"HTTP/1.1 200 OK\r\nA: ", b"x", pause_s=0.05, times=10**6))
    assert "was not done after 0.7 s" in refusal(fetcher, url, FetchFailed)


def test_headers_without_end_are_cut_off_by_size(server, fetcher):
    url = server.put(
        "/a", sends(b"HTTP/1.1 200 OK\r\n", b"A: " + b"x" * 999 + b"\r\n", times=10**6)
    )
    refusal(fetcher, url, FetchFailed)


def test_interim_answers_without_end_are_cut_off_by_size(server):
    url = server.put(
        "/a", sends(b"HTTP/1.1 103 Hints\r\nA: %b\r\n\r\n" % (b"x" * 9_999), times=10**6)
    )
    with make_fetcher(total_s=20) as fetcher:
        assert "sent over 1,100,000 bytes" in refusal(fetcher, url)


def test_silence_is_named(server, fetcher):
    url = server.put("/a", lambda *_: time.sleep(1))
    assert "sends nothing for 0.4 s" in refusal(fetcher, url, FetchFailed)


def test_ten_gigabytes_are_refused_when_they_are_announced(server, fetcher):
    url = server.put("/a", sends(head(Content_Length="10000000000"), b"x" * 999, times=10**6))
    assert "10,000,000,000 bytes long" in refusal(fetcher, url)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_gzip_bomb_is_refused(server, layers):
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(20)) + packer.flush()
    if layers == 2:
        bomb = gzip.compress(bomb)
    url = server.put("/a", says(body=bomb, Content_Encoding=", ".join(["gzip"] * layers)))
    with make_fetcher(max_bytes=50_000_000) as fetcher:
        assert ("over 250 to 1" if layers == 1 else "'gzip, gzip'") in refusal(fetcher, url)


def test_a_gzip_body_of_countless_parts_is_refused(server, fetcher):
    url = server.put("/a", says(body=gzip.compress(b"") * 1_000, Content_Encoding="gzip"))
    assert "over 100 parts" in refusal(fetcher, url)


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "none-such"])
def test_an_encoding_that_was_not_asked_for_is_refused(server, fetcher, encoding):
    url = server.put("/a", says(body=b"\x0b\x02\x80", Content_Encoding=encoding))
    assert repr(encoding) in refusal(fetcher, url)


@pytest.mark.parametrize("damage", [lambda p: p[:-12], lambda p: p[:20] + b"\0\0\0" + p[23:]])
def test_damaged_gzip_is_named(server, fetcher, damage):
    url = server.put("/a", says(body=damage(gzip.compress(PAGE)), Content_Encoding="gzip"))
    assert "gzip data is" in refusal(fetcher, url, FetchFailed)


def test_a_body_shorter_than_announced_is_no_page(server, fetcher):
    url = server.put("/a", sends(head(Content_Length="500") + PAGE))
    assert "broke off" in refusal(fetcher, url, FetchFailed)


def test_a_body_longer_than_announced_is_cut_there(server, fetcher):
    url = server.put("/a", sends(head(Content_Length=str(len(PAGE))) + PAGE + b"HTTP/1.1 200"))
    assert fetcher.fetch(url).data == PAGE


@pytest.mark.parametrize("kind", ["video/mp4", "image/png", "Audio/MPEG; x=1", "font/woff2"])
def test_media_are_refused_by_their_name(server, fetcher, kind):
    url = server.put("/a", sends(head(Content_Type=kind), b"x" * 999, times=10**6))
    assert kind.partition(";")[0].lower() in refusal(fetcher, url)


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9\r\n", b"\0" * 300, b""])
def test_what_is_not_http_is_named(server, fetcher, answer):
    url = server.put("/a", sends(answer))
    assert "broke off or is no HTTP" in refusal(fetcher, url, FetchFailed)


# -- statuses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said"),
    [
        *((404, "no such page"), (410, "gone for good"), (500, "the server fails")),
        *((401, "save the page"), (402, "save the page"), (403, "save the page")),
        *((202, "test for robots"), (204, "no page"), (206, "no page"), (304, "no page")),
    ],
)
def test_an_error_status_says_what_to_do(server, fetcher, status, said):
    url = server.put("/a", says(status))
    with pytest.raises(FetchFailed, match=f"HTTP {status}: .*{said}") as caught:
        fetcher.fetch(url)
    assert caught.value.status == status
    assert caught.value.origin == url


# -- what has not changed --------------------------------------------------------------


def conditional(connection, asked):
    known = asked.headers.get("if-none-match") == '"7"'
    (says(304) if known else says(body=PAGE, ETag='"7"'))(connection, asked)


def test_a_document_is_not_sent_twice(server, fetcher):
    url = server.put("/feed", conditional)
    first = fetcher.fetch_if_changed(url, etag=None, last_modified=None)
    assert first.payload.data == PAGE
    assert fetcher.fetch_if_changed(url, etag=first.etag, last_modified=None) is None


def test_what_was_stored_is_asked_for_only_if_it_changed(server, fetch_log):
    page = server.put("/b", conditional)
    url = server.put("/a", moves(302, "/b"))
    with make_fetcher(validators=fetch_log) as fetcher:
        for _ in range(2):  # nothing is remembered before it is stored
            payload = fetcher.fetch(url)
            assert payload.url == page
        fetch_log.put(payload)
        assert fetcher.fetch(url) == NotModified(url)
    assert [a.headers.get("if-none-match") for a in server.asked_for("/a")] == [None] * 3


@pytest.mark.parametrize("etag", ['"é"', '"' + "x" * 2_000 + '"'])
def test_a_validator_that_cannot_be_sent_back_is_dropped(server, fetcher, etag):
    url = server.put("/a", sends(head(ETag="@").replace(b"@", etag.encode()) + PAGE))
    assert fetcher.fetch(url).etag is None


def test_how_long_a_feed_stays_as_it_is(server, fetcher):
    ages = {"public, max-age=600": 600, "max-age=99999999999": 30 * 86_400, "no-store": None}
    for said, expected in ages.items():
        url = server.put("/feed", says(body=PAGE, Cache_Control=said))
        assert fetcher.fetch_if_changed(url, etag=None, last_modified=None).max_age_s == expected


# -- redirects -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [((301, 308), "/2"), ((302,), None), ((301, 302), "/1"), ((307, 301), None), ((), None)],
)
def test_where_a_feed_has_moved_for_good(server, fetcher, statuses, permanent):
    for step, status in enumerate(statuses):
        server.put(f"/{step}", moves(status, f"/{step + 1}#top"))
    server.put(f"/{len(statuses)}", says(body=PAGE))
    fetched = fetcher.fetch_if_changed(server.url("/0"), etag=None, last_modified=None)
    assert fetched.permanent_url == (permanent and server.url(permanent))
    assert fetched.payload.origin == server.url("/0")
    assert fetched.payload.url == server.url(f"/{len(statuses)}")


@pytest.mark.parametrize(
    ("location", "said", "kind"),
    [
        ("file:///etc/passwd", "'file' is not fetched", FetchRefused),
        ("gopher://127.0.0.1/", "'gopher' is not fetched", FetchRefused),
        ("http://user:key@127.0.0.1/", "carries a user name", FetchRefused),
        ("http://127.0.0.1:22/", "port 22 is not one", FetchRefused),
        ("http://127.0.0.1:6667/", "port 6667 is not one", FetchRefused),
        ("http://news.example:x/", "no address of the web", FetchFailed),
        ("/a", "it was there before", FetchFailed),
        ("", "does not say where", FetchFailed),
    ],
)
def test_a_redirect_is_checked(server, fetcher, location, said, kind):
    url = server.put("/a", moves(302, location))
    reason = refusal(fetcher, url, kind)
    assert said in reason
    assert "key" not in reason


def test_a_circle_of_redirects_is_named(server, fetcher):
    server.put("/a", moves(302, "/b"))
    server.put("/b", moves(302, "/a"))
    assert "it was there before" in refusal(fetcher, server.url("/a"), FetchFailed)


def test_redirects_are_counted(server, fetcher):
    for step in range(9):
        server.put(f"/{step}", moves(302, f"/{step + 1}"))
    assert "over 4 redirects" in refusal(fetcher, server.url("/0"), FetchFailed)
    assert len(server.asked) == 5


def test_no_cookie_and_no_password_is_sent(server, fetcher):
    server.put("/a", says(302, Location="/b", Set_Cookie="sid=1; Path=/"))
    fetcher.fetch(server.put("/b", says(body=PAGE)))
    fetcher.fetch(server.url("/a"))
    assert not any({"cookie", "authorization"} & set(asked.headers) for asked in server.asked)


def test_a_proxy_of_the_environment_is_not_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with make_fetcher() as fetcher:
        assert fetcher.fetch(server.put("/a", says(body=PAGE))).data == PAGE


# -- only the public internet ----------------------------------------------------------

FIRST_LOOPBACK = ip_address("127.0.0.1")


def guard_with(**names):
    """127.0.0.1 counts as public, the rest of loopback does not."""
    hosts = {name.replace("_", "."): found for name, found in names.items()}

    def resolve(host, port):
        found = hosts[host]
        return found.pop(0) if isinstance(found[0], list) else found

    return Guard(resolve=resolve, public=lambda ip: ip == FIRST_LOOPBACK or is_public(ip))


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::]", "127.1", "2130706433", "0x7f.1"),  # noqa: S104
        *("[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "169.254.169.254"),
        *("[fd00:ec2::254]", "10.0.0.8", "100.100.100.200", "168.63.129.16"),
    ],
)
def test_private_addresses_are_refused_however_they_are_written(server, host):
    with make_fetcher(allow_private=False) as fetcher:
        reason = refusal(fetcher, server.url(host=host))
    assert "not an address of the public internet" in reason
    assert not server.asked


def test_a_name_is_refused_for_any_of_its_addresses(server):
    guard = guard_with(news_example=["127.0.0.1", "127.0.0.2"])
    with make_fetcher(guard=guard) as fetcher:
        reason = refusal(fetcher, server.url("/a", host="news.example"))
    assert "'news.example' (127.0.0.2) is not an address of the public internet" in reason
    assert not server.asked


@pytest.mark.parametrize(
    "target", ["127.0.0.2", "169.254.169.254", "inside.example", "[::ffff:10.0.0.1]"]
)
def test_a_redirect_to_a_private_address_is_refused(server, target):
    server.put("/a", moves(302, f"http://{target}/latest/meta-data/"))
    guard = guard_with(news_example=["127.0.0.1"], inside_example=["10.1.2.3"])
    with make_fetcher(guard=guard) as fetcher:
        reason = refusal(fetcher, server.url("/a", host="news.example"))
    assert "it redirects to http://" in reason
    assert "not an address of the public internet" in reason


def test_the_connection_is_made_to_the_address_that_was_checked(server):
    """The second look-up, which a rebinding server would answer with a private address."""
    server.put("/a", says(body=PAGE))
    looked_up = []

    def resolve(host, port):
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["127.0.0.2"]

    guard = Guard(resolve=resolve, public=lambda ip: ip == FIRST_LOOPBACK)
    with make_fetcher(guard=guard) as fetcher:
        assert fetcher.fetch(server.url("/a", host="news.example")).data == PAGE
        assert looked_up == ["news.example"]
        assert "(127.0.0.2) is not" in refusal(fetcher, server.url("/a", host="news.example"))
    assert len(server.asked) == 1


def test_the_next_address_is_tried_where_one_does_not_answer(server):
    server.put("/a", says(body=PAGE))
    guard = Guard(allow_private=True, resolve=lambda *_: ["127.0.0.9", "127.0.0.1"])
    with make_fetcher(guard=guard) as fetcher:
        assert fetcher.fetch(server.url("/a", host="news.example")).data == PAGE


def test_a_name_without_a_host_is_named(server):
    def resolve(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with make_fetcher(guard=Guard(resolve=resolve), retries=2) as fetcher:
        reason = refusal(fetcher, "https://nowhere.example/", FetchFailed)
    assert "there is no host 'nowhere.example'" in reason


def test_a_look_up_without_an_answer_ends():
    with make_fetcher(guard=Guard(resolve=lambda *_: time.sleep(3))) as fetcher:
        reason = refusal(fetcher, "https://slow.example/", FetchFailed)
    assert "'slow.example' could not be looked up" in reason


@pytest.mark.parametrize(
    ("url", "said"),
    [
        *(("ftp://news.example/a", "'ftp' is not fetched"), ("news.example/a", "not fetched")),
        *(("https://user:pass@news.example/", "user name"), ("http:///a", "names no host")),
        *(("http://a\0b/", "no address"), ("https://news.example:25/", "port 25")),
        *(("http://.example/", "host"), (f"http://{'a' * 70}.example/", "host")),
    ],
)
def test_what_is_no_address_of_the_web_is_refused(fetcher, url, said):
    reason = refusal(fetcher, url, FetchFailed)
    assert said in reason
    assert "pass" not in reason


def test_secrets_of_an_address_are_sent_and_never_shown(server, fetcher, caplog):
    caplog.set_level(logging.INFO)
    server.put("/feed", says(302, Location="/b?token=tiger-9&id=4"))
    url = server.url("/feed?api_key=lion-8&id=3")
    reason = refusal(fetcher, url, FetchFailed)
    assert {"/feed?api_key=lion-8&id=3", "/b?token=tiger-9&id=4"} == {a.path for a in server.asked}
    assert "id=4" in reason
    server.put("/b", says(body=PAGE))
    shown = f"{fetcher.fetch(url)!r} {reason} {caplog.text}"
    assert "lion-8" not in shown
    assert "tiger-9" not in shown


# -- TLS -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    openssl = which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder = Path(tmp_path_factory.mktemp("tls"))
    subject = ["-subj", "/CN=news.example", "-addext", "subjectAltName=DNS:news.example"]
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    command = [openssl, "req", "-x509", *key, *files, *subject, "-days", "2"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def tls_server(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert", certificate / "key")
    with HostileServer(tls=context) as server:
        server.put("/a", says(body=PAGE))
        yield server


def believing(certificate):
    return ssl.create_default_context(cafile=str(certificate / "cert"))


HERE = Guard(allow_private=True, resolve=lambda *_: ["127.0.0.1"])


def test_the_certificate_is_checked_against_the_name_and_not_the_address(tls_server, certificate):
    with make_fetcher(tls=believing(certificate), guard=HERE) as fetcher:
        assert fetcher.fetch(tls_server.url("/a", host="news.example")).data == PAGE
        reason = refusal(fetcher, tls_server.url("/a", host="other.example"), FetchFailed)
    assert "the certificate of 'other.example' is not valid" in reason


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(tls_server):
    with make_fetcher(guard=HERE, retries=2) as fetcher:
        reason = refusal(fetcher, tls_server.url("/a", host="news.example"), FetchFailed)
    assert "certificate" in reason


def test_a_redirect_from_https_to_http_is_refused(tls_server, server, certificate):
    tls_server.put("/b", moves(301, server.url("/a", host="news.example")))
    with make_fetcher(tls=believing(certificate), guard=HERE) as fetcher:
        reason = refusal(fetcher, tls_server.url("/b", host="news.example"))
    assert "that is http" in reason
    assert not server.asked


# -- manners ---------------------------------------------------------------------------


def test_a_dropped_connection_is_tried_again_after_a_pause(server):
    """What came before it broke counts against no limit of the next answer."""
    body = PAGE * 8_000
    cut = sends(head(Content_Length=str(len(body))) + body[:-9])
    url = server.put("/a", in_turn(cut, cut, says(body=body)))
    time_ = TurnedClock()
    with make_fetcher(retries=2, max_bytes=len(body), timing=time_.timing()) as fetcher:
        assert fetcher.fetch(url).data == body
    assert time_.slept == pytest.approx([1, 2], abs=0.2)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_waited_for_as_it_asks(server, status):
    url = server.put("/a", in_turn(says(status, Retry_After="7"), says(body=PAGE)))
    time_ = TurnedClock()
    with make_fetcher(retries=1, timing=time_.timing()) as fetcher:
        assert fetcher.fetch(url).data == PAGE
    assert time_.slept == pytest.approx([7], abs=0.2)


@pytest.mark.parametrize("asked", ["3600", "Mon, 02 Jun 2025 01:00:00 GMT"])
def test_a_server_that_asks_for_an_hour_is_not_waited_for(server, asked):
    url = server.put("/a", says(429, Retry_After=asked))
    fetcher = make_fetcher(retries=5, timing=TurnedClock().timing())
    with fetcher, pytest.raises(FetchFailed, match="HTTP 429") as caught:
        fetcher.fetch(url)
    assert caught.value.retry_after_s == 3600
    assert len(server.asked) == 1


def test_retries_end(server):
    url = server.put("/a", says(503))
    with make_fetcher(retries=2, timing=TurnedClock().timing()) as fetcher:
        assert "HTTP 503" in refusal(fetcher, url, FetchFailed)
    assert len(server.asked) == 3


def test_a_page_that_is_not_there_is_not_asked_for_again(server):
    with make_fetcher(retries=2) as fetcher:
        refusal(fetcher, server.url("/none"), FetchFailed)
    assert len(server.asked) == 1


def test_threads_ask_a_host_one_after_the_other_and_another_host_meanwhile(server):
    under_way, most = [], []

    def slow(connection, asked):
        under_way.append(asked)
        most.append(max(sum(a.headers["host"] == h for a in under_way) for h in hosts))
        most_together.append(len(under_way))
        time.sleep(0.05)
        under_way.remove(asked)
        says(body=PAGE)(connection, asked)

    hosts = [f"{name}.example:{server.port}" for name in ("a", "b")]
    most_together = []
    server.put("/", slow)
    with make_fetcher(guard=HERE, per_host_delay_s=0.1, total_s=0.5) as fetcher:
        threads = [
            threading.Thread(target=fetcher.fetch, args=(f"http://{host}/",))
            for host in hosts
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert max(most) == 1
    assert max(most_together) == 2
    for host in hosts:
        times = sorted(a.at for a in server.asked if a.headers["host"] == host)
        assert len(times) == 4
        assert min(b - a for a, b in pairwise(times)) >= 0.14


def test_a_connection_that_stays_open_is_used_again_with_an_allowance_of_its_own(server):
    """Each page takes more than half of the time and of the bytes that one may take."""
    body = b"x" * 70_000
    connections = []

    def keeps_open(connection, asked):
        connections.append(connection)
        while True:
            time.sleep(0.3)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + body)
            if not connection.recv(65_536):
                return

    url = server.put("/a", keeps_open)
    with make_fetcher(total_s=0.5) as fetcher:
        threads = [threading.Thread(target=fetcher.fetch, args=(url,)) for _ in range(2)]
        for thread in threads:
            thread.start()
            thread.join()
        assert fetcher.fetch(url).data == body
    assert len(connections) == 1


# -- robots.txt ------------------------------------------------------------------------


def test_robots_txt_is_asked_once_and_obeyed(server):
    rules = (
        b"User-agent: dateline\nDisallow: /private\nCrawl-delay: 3\n\nUser-agent: *\nDisallow: /\n"
    )
    server.put("/robots.txt", says(body=rules))
    server.put("/a", says(body=PAGE))
    time_ = TurnedClock()
    with make_fetcher(obey_robots=True, timing=time_.timing()) as fetcher:
        assert fetcher.fetch(server.url("/a")).data == PAGE
        assert fetcher.fetch(server.url("/a")).data == PAGE
        reason = refusal(fetcher, server.url("/private/b"))
    assert (
        f"robots.txt of http://127.0.0.1:{server.port} forbids it ('Disallow: /private')" in reason
    )
    assert len(server.asked_for("/robots.txt")) == 1
    assert time_.slept == pytest.approx([3], abs=0.3)


def test_robots_txt_is_asked_for_where_a_redirect_leads_too(server):
    server.put("/robots.txt", says(body=b"User-agent: *\nDisallow: /private"))
    server.put("/a", moves(302, "/private"))
    with make_fetcher(obey_robots=True) as fetcher:
        assert "forbids it" in refusal(fetcher, server.url("/a"))
    assert not server.asked_for("/private")


def test_a_site_whose_robots_txt_fails_is_left_alone(server):
    server.put("/robots.txt", says(503))
    server.put("/a", says(body=PAGE))
    with make_fetcher(obey_robots=True) as fetcher:
        assert "(HTTP 503)" in refusal(fetcher, server.url("/a"), FetchFailed)
        assert "(HTTP 503)" in refusal(fetcher, server.url("/a"), FetchFailed)
    assert [a.path for a in server.asked] == ["/robots.txt"]


def test_a_robots_txt_without_end_is_heeded_as_far_as_it_is_read(server):
    lines = b"User-agent: *\nDisallow: /private\n"
    server.put("/robots.txt", sends(head() + lines, b"# more\n" * 9_999, times=10**6))
    server.put("/a", says(body=PAGE))
    with make_fetcher(obey_robots=True, total_s=20) as fetcher:
        assert fetcher.fetch(server.url("/a")).data == PAGE
        assert "forbids it" in refusal(fetcher, server.url("/private"))


def test_a_private_address_is_refused_before_its_robots_txt_is_read(server):
    with make_fetcher(obey_robots=True, allow_private=False) as fetcher:
        assert refusal(fetcher, server.url("/a")).startswith("'127.0.0.1' is not an address of")
    assert not server.asked


# -- what is remembered ----------------------------------------------------------------


def test_an_address_is_forgotten_when_its_server_tells_nothing_any_more(server, fetch_log, fetcher):
    url = server.put("/a", in_turn(says(body=PAGE, Last_Modified="Mon"), says(body=PAGE)))
    fetch_log.put(fetcher.fetch(url))
    assert fetch_log.get(url) == (None, "Mon")
    fetch_log.put(fetcher.fetch(url))
    assert fetch_log.get(url) is None


def test_what_held_a_forgotten_article_is_fetched_again(server, fetch_log, fetcher, tmp_path):
    payload = fetcher.fetch(server.put("/a", conditional))
    fetch_log.put(payload)
    store = Store(tmp_path / STORE_FILE)
    stored = replace(entry("a", ["The ferry sails."]), bytes_sha256=payload.sha256())
    store.add([stored, entry("b", ["Another."])], ingested_at=INGESTED)
    store.forget(["b"])
    assert fetch_log.get(payload.url) == ('"7"', None)
    store.forget(["a"])
    assert fetch_log.get(payload.url) is None
    store.close()


def test_a_wait_for_a_turn_is_not_counted_as_time_of_the_fetch(server):
    url = server.put("/a", says(body=PAGE))
    time_ = TurnedClock()
    with make_fetcher(
        per_host_delay_s=timedelta(minutes=5).total_seconds(), timing=time_.timing()
    ) as f:
        assert f.fetch(url).data == f.fetch(url).data == PAGE
    assert time_.slept == pytest.approx([300], abs=0.3)
