"""Which addresses may be called, how a delivery is signed, and when it is tried again. Pure."""

import hashlib
import hmac
import ipaddress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from merchants.webhooks.errors import WrongEndpointAddress

LONGEST_ADDRESS = 300
# After the first try, and after each further one: about two days in all.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720, 1_440))


class Event(StrEnum):
    SETTLEMENT_CLOSED = "settlement.closed"
    PAYOUT_ACCEPTED = "payout.accepted"
    PAYOUT_RETURNED = "payout.returned"
    SALE_POSTED = "sale.posted"
    TAGS_READ = "tags.read"
    PING = "ping"  # asked for by the shop itself, to try its endpoint


USUAL = (Event.SETTLEMENT_CLOSED, Event.PAYOUT_ACCEPTED, Event.PAYOUT_RETURNED)
CHOSEN = (*USUAL, Event.SALE_POSTED, Event.TAGS_READ)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a delivery goes. `path` carries the query, too."""

    host: str
    port: int
    path: str
    is_secure: bool


def target_of(address: str, *, allows_plain: bool) -> Target:
    """An endpoint's address taken apart. Raises WrongEndpointAddress. `allows_plain` lets http through, in the laboratory."""
    address = address.strip()
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError):
        raise WrongEndpointAddress(field="address", fault="form") from None
    printable = address.isascii() and address.isprintable() and " " not in address
    if not host or not printable or parts.username or parts.password or parts.fragment or len(address) > LONGEST_ADDRESS:
        raise WrongEndpointAddress(field="address", fault="form")
    if parts.scheme != "https" and not (allows_plain and parts.scheme == "http"):
        raise WrongEndpointAddress(field="address", fault="scheme")
    is_secure = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port or (443 if is_secure else 80), path, is_secure)


def is_outside(address: str) -> bool:
    """Whether an IP address is one of the public internet, also when it hides an IPv4 address in an IPv6 one."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        hidden = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if hidden is not None and not is_outside(str(hidden)):
            return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """HMAC-SHA-256 over `<timestamp>.<body>`, in hex behind its version."""
    return "v1=" + hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def pause_after(tries: int) -> timedelta | None:
    """How long to wait after so many failed tries; None when it is enough."""
    return PAUSES[tries - 1] if tries <= len(PAUSES) else None
