"""Addresses: which page a URL names, how it is shown, and which machines are public.

`canonical_url` is the identity of a page, `shown_url` is what messages and the store may
hold of it. Knows nothing of connections; names of hosts are resolved elsewhere.
"""

from __future__ import annotations

import hashlib
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, quote, unquote_plus, urlsplit

import idna

IPAddress = IPv4Address | IPv6Address

# Parameters that say how a reader came to the page and never which page it is, lower-case.
# Left in for being a page's number or section at some outlets: cid, id, ref, source, src.
_TRACKING_PREFIXES = ("utm_", "at_custom", "hsa_", "mtm_")
_TRACKING_NAMES = frozenset(
    (
        # click identifiers of advertisers and networks
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid"),
        *("twclid", "ttclid", "li_fat_id", "igshid", "igsh", "_ga", "_gl", "srsltid"),
        # newsletters
        *("mc_cid", "mc_eid", "mkt_tok", "_hsenc", "_hsmi", "vero_id", "wickedid", "emc"),
        # outlets: how a link was shared
        *("smid", "smtyp", "cmp", "cmpid", "icid", "ito", "ocid", "ncid", "xtor", "mbid", "taid"),
        *("at_medium", "at_campaign", "at_link_id", "at_link_type", "at_link_origin", "at_format"),
        *("at_ptr_name", "at_bbc_team", "ftag", "ftcamp", "wt_mc", "wt.mc_id", "traffic_source"),
        *("guccounter", "guce_referrer", "guce_referrer_sig", "sr_share", "__twitter_impression"),
        *("ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "pk_campaign"),
    )
)
_SECRET_NAMES = frozenset(
    (
        *("api_key", "apikey", "api-key", "access_token", "auth_token", "authtoken", "token"),
        *("auth", "authorization", "password", "passwd", "pwd", "secret", "client_secret"),
        *("signature", "sig", "jwt", "sessionid", "session_id", "phpsessid", "jsessionid"),
        *("x-amz-signature", "x-amz-credential", "x-amz-security-token", "x-goog-signature"),
        *("x-goog-credential", "key-pair-id", "hdnts", "hdnea", "private_key", "subscription-key"),
    )
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_IGNORED = re.compile(r"[\t\n\r]")
_USERINFO = re.compile(r"(?<=//)[^/?#]*@")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# What stays as it is in a path or query; everything else is percent-encoded as UTF-8.
_KEPT = "!$&'()*+,;=:@/?%[]|^`{}\\"

# Not for the public, by the registries of special-purpose addresses at IANA.
_PRIVATE_V4 = tuple(
    IPv4Network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # a public address at which Azure answers its own machines
    )
)
_GLOBAL_V6 = IPv6Network("2000::/3")
_PRIVATE_V6 = tuple(
    IPv6Network(block)
    for block in ("2001::/23", "2001:db8::/32", "3fff::/20")  # with Teredo, ORCHID, benchmarks
)
# An IPv4 address inside: the bits to its right.
_EMBEDDING_V6 = (
    (IPv6Network("::ffff:0:0/96"), 0),  # IPv4-mapped
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, which networks without IPv4 need
    (IPv6Network("2002::/16"), 80),  # 6to4
)


def is_public(ip: IPAddress) -> bool:
    """Whether an address is of the public internet, and so is what is embedded in it."""
    if isinstance(ip, IPv4Address):
        return not any(ip in block for block in _PRIVATE_V4)
    if ip.scope_id is not None:
        return False
    for block, shift in _EMBEDDING_V6:
        if ip in block:
            return is_public(IPv4Address((int(ip) >> shift) & 0xFFFF_FFFF))
    return ip in _GLOBAL_V6 and not any(ip in block for block in _PRIVATE_V6)


def canonical_url(url: str) -> str:
    """The identity of the page that a URL names, for comparing and as the key of an article.

    Dropped: fragment, user and password, default port, tracking parameters. Made alike:
    scheme, host (lower-case, IDNA), percent-encoding, dot segments. The order of the other
    parameters stays. What is no web address comes back as it is.
    """
    parts = _split(url)
    return url if parts is None else _joined(parts, _untracked(parts.query))


def shown_url(url: str) -> str:
    """The address without fragment, user and password, and with a mark for each secret.

    Two addresses that differ in a secret stay apart, and neither tells it.
    """
    parts = _split(url)
    if parts is None:
        return re.split(r"[?#]", _USERINFO.sub("", url))[0]
    hidden = "&".join(map(_hidden, parts.query.split("&")))
    if "@" not in parts.netloc and not parts.fragment and hidden == parts.query:
        return url
    return _joined(parts, hidden)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(_IGNORED.sub("", url.strip()))
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            return None
        return parts if _host(parts) and parts.port != 0 else None
    except ValueError:
        return None


def _joined(parts: SplitResult, query: str) -> str:
    path = _without_dots(_encoded(parts.path)) or "/"
    shown = f"{parts.scheme}://{_host(parts)}{_port(parts)}{path}"
    return f"{shown}?{_encoded(query)}" if query else shown


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    if ":" in host:
        return f"[{IPv6Address(host)}]"
    if host.isascii():
        return host if re.fullmatch(r"[a-z0-9._~-]+", host) else ""
    return idna.encode(host, uts46=True).decode("ascii")  # IDNAError is a ValueError


def _port(parts: SplitResult) -> str:
    if parts.port in (None, _DEFAULT_PORTS[parts.scheme]):
        return ""
    return f":{parts.port}"


def _encoded(text: str) -> str:
    """Percent-encoding made alike, as RFC 3986 has it in 6.2.2."""
    text = quote(_BAD_PERCENT.sub("%25", text), safe=_KEPT, errors="replace")
    return _ESCAPE.sub(_unescaped, text)


def _unescaped(match: re.Match[str]) -> str:
    byte = int(match[1], 16)
    return chr(byte) if byte in _UNRESERVED else match[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986, 5.2.4: what every client does before it asks."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            kept = kept[:-1]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)


def _untracked(query: str) -> str:
    return "&".join(p for p in query.split("&") if not _is_tracking(_name(p)))


def _name(parameter: str) -> str:
    return unquote_plus(parameter.partition("=")[0]).strip().lower()


def _is_tracking(name: str) -> bool:
    return name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES)


def _hidden(parameter: str) -> str:
    name, _, value = parameter.partition("=")
    if not value or _name(parameter) not in _SECRET_NAMES or value.startswith("hidden-"):
        return parameter
    return f"{name}=hidden-{hashlib.sha256(value.encode('utf-8', 'replace')).hexdigest()[:8]}"
