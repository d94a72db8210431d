"""The portal behind Werkzeug's server, for browsers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.serving import WSGIRequestHandler, make_server

ANSWER = "tests.answer"


class Handler(WSGIRequestHandler):
    """Closes the answer of a visitor who left before its end: Werkzeug first reads the rest of the request, and where the
    connection was reset it never comes to closing. Gunicorn, which serves everywhere else, closes in either case.
    """

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:
        answer = (environ or {}).get(ANSWER)
        if hasattr(answer, "close"):
            answer.close()

    def log_request(self, *_: Any) -> None:
        """A test reads no log of requests."""


@contextmanager
def served(app: WSGIApplication) -> Iterator[str]:
    """The address of a running server of this application."""

    def answered(environ: WSGIEnvironment, start_response: StartResponse) -> Any:
        environ[ANSWER] = answer = app(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, answered, threaded=True, request_handler=Handler)
    worker = threading.Thread(target=server.serve_forever)
    worker.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        worker.join()
        server.server_close()
