"""Both ends of a connection, as the server tells them in its scope.

A proxy's word about an address is no concern of this module: the server in front has
believed it or not (`DATELINE_TRUSTED_PROXIES`).
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from starlette.types import Scope

Address = IPv4Address | IPv6Address
# Who has one address of IPv6 mostly has the other 2**64 of its network too.
_IPV6_NETWORK_BITS = 64


def address_of(text: str) -> Address | None:
    """The address that is written there, IPv4 within IPv6 taken out; None for a name."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def is_loopback(text: str) -> bool:
    """Whether an address can be reached from this machine only."""
    address = address_of(text)
    return address is not None and address.is_loopback


def end_of(scope: Scope, end: str) -> str | None:
    """The host of an end, `client` or `server`; None where there is no network."""
    known = scope.get(end)
    return str(known[0]) if known else None


def network_of(client: str | None) -> str:
    """What stands for a client where clients are counted: its address, or its network."""
    address = address_of(client or "")
    if address is None:
        return "unknown"
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, _IPV6_NETWORK_BITS), strict=False))
