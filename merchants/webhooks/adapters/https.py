"""Posts over HTTPS to the very address that was checked: a name is resolved once, and nobody asks for it again in between."""

import http.client
import socket
import ssl
from contextlib import suppress
from functools import cache
from threading import Timer

from merchants.webhooks.errors import WrongEndpointAddress
from merchants.webhooks.ports import Message, Outcome
from merchants.webhooks.rules import Target, is_outside, target_of

SECONDS_A_STEP = 5.0  # to connect, and for each part of the answer
SECONDS_IN_ALL = 10.0  # a receiver that answers a byte at a time is cut off


class HttpsSender:
    """`allows_inside` lets plain HTTP and addresses of this network through: in the laboratory only."""

    def __init__(self, *, allows_inside: bool) -> None:
        self._allows_inside = allows_inside

    def check(self, address: str) -> Target:
        """Raises WrongEndpointAddress where nothing would ever be sent to."""
        target = target_of(address, allows_plain=self._allows_inside)
        self._resolved(target)
        return target

    def send(self, message: Message) -> Outcome:
        try:
            target = target_of(message.address, allows_plain=self._allows_inside)
            return self._post(target, self._resolved(target), message)
        except WrongEndpointAddress as wrong:
            return Outcome(None, str(wrong.facts["fault"]))
        except ssl.SSLError:
            return Outcome(None, "tls")
        except TimeoutError:
            return Outcome(None, "late")
        except (OSError, http.client.HTTPException):
            return Outcome(None, "refused")

    def _resolved(self, target: Target) -> str:
        """The IP address to connect to. One address inside is enough to send nothing."""
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise WrongEndpointAddress(field="address", fault="unknown") from None
        addresses = [str(one[4][0]) for one in found]
        if not self._allows_inside and not all(is_outside(address) for address in addresses):
            raise WrongEndpointAddress(field="address", fault="inside")
        return addresses[0]

    def _post(self, target: Target, address: str, message: Message) -> Outcome:
        connection = http.client.HTTPConnection(target.host, target.port, timeout=SECONDS_A_STEP)
        plain = socket.create_connection((address, target.port), SECONDS_A_STEP)
        try:
            connection.sock = _tls().wrap_socket(plain, server_hostname=target.host) if target.is_secure else plain
        except BaseException:
            plain.close()
            raise
        cut = Timer(SECONDS_IN_ALL, _shut, [connection.sock])
        cut.start()
        try:
            connection.request("POST", target.path, message.body, _headers(target, message))
            return Outcome(connection.getresponse().status, None)
        finally:
            cut.cancel()
            connection.close()


def _headers(target: Target, message: Message) -> dict[str, str]:
    usual = 443 if target.is_secure else 80
    name = f"[{target.host}]" if ":" in target.host else target.host
    host = name if target.port == usual else f"{name}:{target.port}"
    return {**message.headers, "Host": host, "Connection": "close"}


def _shut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
