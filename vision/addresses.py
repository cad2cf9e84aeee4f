"""Which addresses belong to the public Internet: the rule that keeps fetching out of everybody's private network."""

from __future__ import annotations

import ipaddress
from typing import TypeAlias

Address: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

_NOT_PUBLIC_4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT; also the metadata of Alibaba's cloud
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # the platform inside Azure, on a public number
        "169.254.0.0/16",  # link-local; the metadata of most clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments; the metadata of Oracle's cloud
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")  # all that is handed out for global use; the rest is special
_NOT_PUBLIC_6 = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, whatever it wraps
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # what DNS64 gives for every IPv4 host


def is_public(address: str | Address) -> bool:
    """Whether an address is an ordinary one of the public Internet. What cannot be read as an address is not.

    `ipaddress.is_global` alone lets through 192.0.0.192, 2002:7f00:1:: and fec0::1 on some versions of Python. IPv4
    that is mapped into IPv6 (::ffff:a.b.c.d) or translated (64:ff9b::a.b.c.d) is judged as the IPv4 it reaches.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in block for block in _NOT_PUBLIC_4)
    if parsed.ipv4_mapped is not None:
        return is_public(parsed.ipv4_mapped)
    if parsed in _NAT64:
        return is_public(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF))
    if parsed.scope_id:
        return False
    return parsed in _PUBLIC_6 and not any(parsed in block for block in _NOT_PUBLIC_6)
