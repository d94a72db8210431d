"""The outside of messages, on loopback: an SMS provider that speaks Kavenegar's interface and a mail server that speaks SMTP."""

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

KEY = "3F2A-key of the account"
LINE = "10004346"
OTHER_LINE = "20009999"


@dataclass
class SmsServer:
    """`refusals` are the statuses of the next answers; a message that came twice under one `localid` is one message."""

    address: str = ""
    refusals: list[int] = field(default_factory=list)
    taken: dict[str, dict[str, str]] = field(default_factory=dict)
    posts: int = 0
    fates: dict[str, int] = field(default_factory=dict)

    def answer(self, path: str, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.posts += 1
        if path.split("/")[2] != KEY.replace(" ", "%20"):
            return 403, told(403, [])
        if self.refusals:
            status = self.refusals.pop(0)
            return status, told(status, None)
        if path.endswith("/sms/send.json"):
            if asked["sender"] != LINE:
                return 412, told(412, None)
            if not asked["receptor"].startswith("0"):
                return 411, told(411, None)
            self.taken.setdefault(asked["localid"], asked)
            return 200, told(200, [{"messageid": 90_000 + int(asked["localid"]), "status": 1, "receptor": asked["receptor"]}])
        known = [{"messageid": int(one), "status": self.fates.get(one, 4)} for one in asked["messageid"].split(",")]
        return 200, told(200, known)


def told(status: int, entries: object) -> dict[str, Any]:
    return {"return": {"status": status, "message": "..."}, "entries": entries}


@contextmanager
def sms_server() -> Iterator[SmsServer]:
    running = SmsServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, answer = running.answer(self.path, {name: values[0] for name, values in parse_qs(body).items()})
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        running.address = f"kavenegar+http://{KEY.replace(' ', '%20')}@127.0.0.1:{port}/?sender={LINE}"
        yield running


@dataclass
class MailServer:
    address: str = ""
    refusals: list[bytes] = field(default_factory=list)
    taken: dict[str, EmailMessage] = field(default_factory=dict)
    recipients: list[str] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    running = MailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say(b"220 here")
            while line := self.rfile.readline().strip():
                verb = line[:4].upper()
                if verb == b"RCPT" and running.refusals:
                    self.say(running.refusals.pop(0))
                elif verb == b"RCPT":
                    running.recipients.append(line.decode())
                    self.say(b"250 fine")
                elif verb == b"DATA":
                    self.say(b"354 go on")
                    self.take()
                elif verb == b"QUIT":
                    self.say(b"221 bye")
                    return
                else:
                    self.say(b"250 fine")

        def take(self) -> None:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line)
            mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
            running.taken[str(mail["Message-ID"])] = mail
            self.say(b"250 taken")

        def say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

    with serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as port:
        running.address = f"smtp+plain://127.0.0.1:{port}"
        yield running


@contextmanager
def serving(server: socketserver.TCPServer) -> Iterator[int]:
    worker = threading.Thread(target=server.serve_forever, args=(0.02,))
    worker.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        worker.join()
        server.server_close()
