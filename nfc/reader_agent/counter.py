"""python -m reader_agent.counter --origin https://PORTAL [--device PATH] [--port N] [--pairing FILE] [--printer PATH]

The reader's door for a web till: a page of the portal, in a browser on this machine, lets a card answer the bank. It listens on
loopback only, answers pages of one origin only, and asks for the pairing code that was typed once. What passes is what
the air between card and reader carries anyway; whether the card is genuine the bank alone finds out.
"""

import argparse
import json
import select
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from reader_agent.device import NfcpyReader
from reader_agent.pairing import PairingError, is_paired, pairing_code
from reader_agent.presence import Fault, Presence
from reader_agent.printer import Printer

PORT = 8591
CARD_SECONDS = 30.0
PART2_BYTES = 32
MOST_WORDS, MOST_PAPER = 4_096, 2_000_000  # bytes of a request
WRONG_CODE_SECONDS = 1.0
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


class Counter(ThreadingHTTPServer):
    """Serves one portal's pages; every request is a thread, the reader is for one at a time."""

    daemon_threads = True

    def __init__(
        self, port: int, origin: str, code: str, presence: Presence, printer: Printer, card_seconds: float = CARD_SECONDS
    ) -> None:
        super().__init__(("127.0.0.1", port), Visit)
        self.origin, self.code, self.presence, self.printer = origin, code, presence, printer
        self.card_seconds = card_seconds
        self.guessing = Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class Visit(BaseHTTPRequestHandler):
    """One request of a page."""

    server: Counter
    server_version, sys_version = "pilgrim-reader", ""
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_OPTIONS(self) -> None:
        """The browser's question before the page's own: it carries no code yet."""
        if not self._is_invited():
            self._say(403, {"fault": "other_origin"})
            return
        allowed = dict(PREFLIGHT)
        if self.headers.get("Access-Control-Request-Private-Network") == "true":
            allowed["Access-Control-Allow-Private-Network"] = "true"
        self._say(204, None, allowed)

    def do_GET(self) -> None:
        self._answer({"/state": self._state})

    def do_POST(self) -> None:
        self._answer({"/tap": self._tap, "/tap/answer": self._card_answer, "/goods": self._goods, "/print": self._print})

    def log_message(self, *said: object) -> None:
        """Nothing: a request names a card."""

    def _answer(self, acts: dict[str, Any]) -> None:
        try:
            if not self._is_invited():
                raise Fault("other_origin", 403)
            self._check_code()
            act = acts.get(self.path)
            if act is None:
                raise Fault("no_such_address", 404)
            said = act()
        except Fault as fault:
            self.close_connection = True  # whatever of the request has not been read goes with it
            self._say(fault.status, {"fault": fault.code})
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        else:
            self._say(200, said)

    def _is_invited(self) -> bool:
        """A page of this portal, at our own address: another name that leads here is somebody's trick."""
        hosts = {f"{name}:{self.server.port}" for name in ("127.0.0.1", "localhost")}
        return self.headers.get("Origin") == self.server.origin and self.headers.get("Host") in hosts

    def _check_code(self) -> None:
        """Raises Fault. Whoever guesses waits, and all guesses wait in one line."""
        if not is_paired(self.server.code, self.headers.get("Authorization")):
            with self.server.guessing:
                time.sleep(WRONG_CODE_SECONDS)
            raise Fault("not_paired", 401)

    def _state(self) -> dict[str, Any]:
        return {"state": "ready", "prints": self.server.printer.is_there}

    def _tap(self) -> dict[str, Any]:
        self._body(MOST_WORDS)
        begun = self.server.presence.begin(self.server.card_seconds, self._is_listening)
        return {"tap": begun.tap, "uid": begun.uid.hex(), "challenge": begun.challenge.hex()}

    def _goods(self) -> dict[str, Any]:
        self._body(MOST_WORDS)
        tag = self.server.presence.goods(self.server.card_seconds, self._is_listening)
        return {"uid": tag.uid.hex(), "says": list(tag.texts)}

    def _card_answer(self) -> dict[str, Any]:
        try:
            asked = json.loads(self._body(MOST_WORDS))
            tap, part2 = str(asked["tap"]), bytes.fromhex(asked["part2"])
        except (ValueError, KeyError, TypeError):
            raise Fault("not_understood", 400) from None
        if len(part2) != PART2_BYTES:
            raise Fault("not_understood", 400)
        return {"answer": self.server.presence.finish(tap, part2).hex()}

    def _print(self) -> dict[str, Any]:
        paper = self._body(MOST_PAPER)
        if not self.server.printer.is_there:
            raise Fault("no_printer")
        try:
            self.server.printer.write(paper)
        except OSError:
            raise Fault("printer_failed", 503) from None
        return {"printed": len(paper)}

    def _body(self, most: int) -> bytes:
        """Raises Fault."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > most:
            raise Fault("not_understood", 413)
        return self.rfile.read(int(length))

    def _is_listening(self) -> bool:
        """Whether the page still waits for the card: one that was left ends its tap."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return not readable or bool(self.connection.recv(1, socket.MSG_PEEK))

    def _say(self, status: int, said: dict[str, Any] | None, headers: dict[str, str] | None = None) -> None:
        body = b"" if said is None else json.dumps(said).encode()
        self.send_response(status)
        for name, value in {**self._for_the_page(), **(headers or {})}.items():
            self.send_header(name, value)
        if said is not None:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _for_the_page(self) -> dict[str, str]:
        shared = {"Vary": "Origin", "Cache-Control": "no-store"}
        if self._is_invited():
            shared["Access-Control-Allow-Origin"] = self.server.origin
        return shared


def origin_of(text: str) -> str:
    """Scheme, host and port of the portal. Raises ValueError."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/") or parts.query:
        raise ValueError("an origin is https://HOST, with the port where it has one")
    return f"{parts.scheme}://{parts.netloc}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="reader_agent.counter", description="The card reader of a web till.")
    parser.add_argument("--origin", required=True, help="the portal's address, such as https://card.example.ir")
    parser.add_argument("--device", default="usb", help="nfcpy path: usb, tty:…, udp:HOST:PORT")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--pairing", type=Path, default=Path("pairing-code"), help="the file that keeps the pairing code")
    parser.add_argument("--printer", default="", help="a receipt printer: a device such as /dev/usb/lp0, or tcp:HOST:PORT")
    parser.add_argument("--card-seconds", type=float, default=CARD_SECONDS, help="how long a tap waits for its card")
    options = parser.parse_args()
    try:
        code, is_new = pairing_code(options.pairing)
        presence = Presence(lambda: NfcpyReader(options.device))
        counter = Counter(options.port, origin_of(options.origin), code, presence, Printer(options.printer), options.card_seconds)
    except (OSError, OverflowError, ValueError, PairingError) as error:
        print(f"reader_agent.counter: {error}", file=sys.stderr)
        return 3
    if is_new or sys.stdout.isatty():
        print(f"Pairing code, to be typed once in the till: {code}", flush=True)
    print(json.dumps({"port": counter.port}), flush=True)
    try:
        counter.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        counter.server_close()
        presence.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
