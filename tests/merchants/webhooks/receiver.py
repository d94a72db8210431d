"""A shop's accounting software: a real HTTP server on loopback that keeps what it was sent and answers as it is told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread


@dataclass
class Receiver:
    address: str
    answers: list[int] = field(default_factory=list)  # what it answers next, 200 once they are used up
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    drips: bool = False  # sends its answer a byte at a time, for ever


@contextmanager
def receiving() -> Iterator[Receiver]:
    told = Receiver("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.got.append((dict(self.headers), body))
            if told.drips:
                self._drip()
                return
            status = told.answers.pop(0) if told.answers else 200
            self.send_response(status)
            if status == 302:
                self.send_header("Location", f"{told.address}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _drip(self) -> None:
            try:
                for _ in range(200):
                    self.wfile.write(b"X")
                    self.wfile.flush()
                    time.sleep(0.05)
            except OSError:
                pass

        def log_message(self, *anything: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    told.address = f"http://127.0.0.1:{server.server_port}/hook?shop=1"
    worker = Thread(target=server.serve_forever, args=(0.05,))
    worker.start()
    try:
        yield told
    finally:
        server.shutdown()
        worker.join()
        server.server_close()
