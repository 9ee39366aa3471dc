"""Where a request comes from, for limits on how often somebody may do something without signing in.

The front takes away whatever a visitor says of this and says who connected to it, in the last place. Behind a
proxy that adds to what it was given the last place is still the one that nobody outside could write. Kept in
memory by whoever counts, and written nowhere.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from starlette.requests import Request

_ONE_HOUSEHOLD = 64
"""Bits of an IPv6 address that tell a network apart; whoever has one has all addresses in it."""


def sender_of(request: Request) -> str:
    """The address the front names last; where it names none, whoever connected. Of IPv6 the network, for
    whoever sits in it may take another address for every request."""
    named = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
    connected = request.client.host if request.client else ""
    try:
        address = ip_address(named)
    except ValueError:
        return connected  # nothing was said, or nothing that a front says
    if isinstance(address, IPv6Address):
        inside = address.ipv4_mapped
        return str(inside or ip_network((address, _ONE_HOUSEHOLD), strict=False))
    return str(address)
