"""The receipt printer beside the till. What it prints comes ready from the portal, as the printer's own bytes."""

import socket
from pathlib import Path

TCP_SECONDS = 5.0


class Printer:
    """A device file, or `tcp:HOST:PORT`; an empty path is no printer. Raises ValueError for a bent one."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._address: tuple[str, int] | None = None
        if path.startswith("tcp:"):
            host, _, port = path.removeprefix("tcp:").rpartition(":")
            if not host or not port.isdigit():
                raise ValueError("a network printer is tcp:HOST:PORT")
            self._address = host, int(port)

    @property
    def is_there(self) -> bool:
        return bool(self._path)

    def write(self, paper: bytes) -> None:
        """Raises OSError."""
        if self._address is None:
            with Path(self._path).open("ab") as device:
                device.write(paper)
            return
        with socket.create_connection(self._address, TCP_SECONDS) as printer:
            printer.sendall(paper)
