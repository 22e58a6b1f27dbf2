"""Addresses: one name for one page, no secrets in what is shown, and nothing private is public."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from index.sources.web.addresses import canonical_url, is_public, shown_url

# -- one page, one name ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_url", "canonical"),
    [
        ("HTTPS://MeridianWire.EXAMPLE:443", "https://meridianwire.example/"),
        ("http://meridianwire.example:80/a", "http://meridianwire.example/a"),
        ("http://meridianwire.example:8080/a", "http://meridianwire.example:8080/a"),
        ("https://meridianwire.example/a#comments", "https://meridianwire.example/a"),
        ("https://wire.example/a?utm_source=x&id=7&fbclid=9", "https://wire.example/a?id=7"),
        ("https://wire.example/a?UTM_Medium=x&smid=tw", "https://wire.example/a"),
        ("https://wire.example/a?b=2&a=1&&b=1", "https://wire.example/a?b=2&a=1&&b=1"),
        ("https://wire.example/a?", "https://wire.example/a"),
        ("https://jane:pw@wire.example/a", "https://wire.example/a"),
        ("https://zürnau.example/fähre", "https://xn--zrnau-kva.example/f%C3%A4hre"),
        ("https://wire.example/%7ejane/%c3%a4", "https://wire.example/~jane/%C3%A4"),
        ("https://wire.example/a/./b/../c/..", "https://wire.example/a/"),
        ("https://wire.example//.", "https://wire.example//"),
        ("https://wire.example/a/../../../b/%2e%2E/c", "https://wire.example/c"),
        ("https://wire.example/a b/100%", "https://wire.example/a%20b/100%25"),
        ("  https://wire.example/a\n", "https://wire.example/a"),
        ("https://[2001:DB8:0:0::1]/a", "https://[2001:db8::1]/a"),
    ],
)
def test_canonical(given_url, canonical):
    assert canonical_url(given_url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "https://wire.example/story?id=7&page=2",  # nothing to drop
        "https://wire.example/a?ref=nav&source=list&cid=9",  # a page's number at some outlets
        "https://wire.example/A/b/",  # case and the last slash may matter
        "https://wire.example/a//b",
        "https://wire.example/a?q=a%2Fb%26c+d",
        "https://wire.example/a?utm=1",
        *("urn:uuid:7", "tag:wire.example,2025:7", "story 7", "", "ftp://wire.example/a"),
        *("http://", "http:///a", "http://[nowhere/", "http://wire.example:0/", "http://a%41/"),
    ],
)
def test_what_may_be_another_page_stays(url):
    assert canonical_url(url) == url


PATHS = st.text(alphabet="ab%7eE41./ ~ä;=@:+", max_size=12)
QUERIES = st.lists(
    st.tuples(
        st.sampled_from(["id", "utm_source", "q", "fbclid", "page", "%75tm_x", "token", ""]),
        st.text(alphabet="ab%20+=ä7&", max_size=5),
    ),
    max_size=4,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
HOSTS = st.sampled_from(["wire.example", "WIRE.example.", "zürnau.example", "10.0.0.1", "[::1]"])
URLS = st.builds(
    "{}://{}{}{}/{}?{}#{}".format,
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["", "jane:pw@"]),
    HOSTS,
    st.sampled_from(["", ":80", ":443", ":8080"]),
    PATHS,
    QUERIES,
    st.sampled_from(["", "top"]),
)


@given(URLS | st.text())
@example("http://x/%%341")
@example("http://x/.%2e/%252e")
def test_canonical_again_changes_nothing(url):
    once = canonical_url(url)
    assert canonical_url(once) == once


@given(URLS)
def test_what_a_server_sees_of_the_page_stays(url):
    """Scheme, host, path as a client sends it, and each parameter that tracks nobody."""
    assume("/." not in urlsplit(url).path.lower().replace("%2e", "."))  # httpx has its own way
    before, after = httpx.URL(url), httpx.URL(canonical_url(url))
    assert (before.scheme, before.raw_host) == (after.scheme, after.raw_host)
    default = {"http": 80, "https": 443}[before.scheme]
    assert (before.port or default) == (after.port or default)
    assert before.path.replace("%", "") == after.path.replace("%", "")
    tracking = {"utm_source", "utm_x", "fbclid"}
    sent = parse_qsl(urlsplit(url).query, keep_blank_values=True)
    kept = parse_qsl(urlsplit(str(after)).query, keep_blank_values=True)
    assert [pair for pair in sent if pair[0] not in tracking] == kept


# -- no secrets --------------------------------------------------------------------------


@given(URLS, st.text(alphabet="QWXYZK", min_size=12, max_size=20))
def test_a_secret_is_not_shown_and_tells_addresses_apart(url, secret):
    bare, _, fragment = url.partition("#")
    shown = shown_url(f"{bare}&api_key={secret}&Access_Token={secret}x#{secret}{fragment}")
    assert secret not in shown
    assert "jane" not in shown
    assert "pw@" not in shown
    assert shown != shown_url(f"{bare}&api_key={secret}y&Access_Token={secret}x")
    assert shown_url(shown) == shown


@given(URLS)
def test_without_a_secret_an_address_is_shown_as_it_is(url):
    bare = url.partition("#")[0].replace("jane:pw@", "")
    assume("token=" not in bare)
    assert shown_url(bare) == bare


@pytest.mark.parametrize(
    "url", ["ftp://jane:pw-9@wire.example/a?token=pw-9", "//jane:pw-9@x/#pw-9", "http://u:pw-9@[/"]
)
def test_what_is_no_address_shows_no_secret_either(url):
    assert "pw-9" not in shown_url(url)


# -- what is public ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255"),  # noqa: S104
        *("192.168.1.1", "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.100.100.200"),
        *("192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1"),
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fd20:ce::254"),
        *("ff02::1", "fec0::1", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "2001:2::1"),
        *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::127.0.0.1", "::ffff:0:127.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::"),
        *("2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2606:4700::1111%lo"),
    ],
)
def test_private(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0"),
        *("198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.15", "192.0.1.0"),
        *("2606:4700:4700::1111", "2a00:1450:4001:831::200e", "2003::1", "64:ff9b::808:808"),
        *("::ffff:8.8.8.8", "2002:808:808::1"),
    ],
)
def test_public(address):
    assert is_public(ip_address(address))


EMBEDDINGS = [
    lambda ip: IPv6Address(f"::ffff:{ip}"),
    lambda ip: IPv6Address(f"64:ff9b::{ip}"),
    lambda ip: IPv6Address((0x2002 << 112) | (int(ip) << 80) | 1),
]


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_what_python_knows_to_be_private_is_not_public(address):
    """An independent table; this one bars some more on purpose."""
    if not address.is_global or address.is_multicast or address.is_reserved:
        assert not is_public(address)
    elif address not in IPv4Network("192.88.99.0/24") and str(address) != "168.63.129.16":
        assert is_public(address) or address in IPv4Network("192.0.0.0/24")


@given(
    st.integers(0, 2**32 - 1).map(IPv4Address) | st.ip_addresses(v=4), st.sampled_from(EMBEDDINGS)
)
def test_what_is_embedded_decides(address, embed):
    assert is_public(embed(address)) == is_public(address)


@given(st.ip_addresses(v=6))
def test_no_private_address_of_the_new_protocol_is_public(address):
    if is_public(address) and address.ipv4_mapped is None:
        assert address.is_global
        assert not address.is_multicast
