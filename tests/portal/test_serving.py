"""A browser that leaves a page drops what it was reading."""

import gc
import socket
import struct
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from tests.portal.serving import served

MAP = "/static/map/pilgrim-lite.pmtiles"


def open_maps() -> int:
    count = 0
    for handle in Path("/proc/self/fd").iterdir():
        try:
            count += str(handle.readlink()).endswith(MAP)
        except FileNotFoundError:  # The handle that lists the folder.
            continue
    return count


def test_a_map_that_is_left_half_read_is_closed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with served(app) as address, socket.socket() as visitor:
        visitor.connect(("127.0.0.1", urlsplit(address).port))
        # A letter more than the request keeps the server reading, so that the reset meets it there.
        visitor.sendall(f"GET {MAP} HTTP/1.1\r\nHost: here\r\nRange: bytes=0-126\r\n\r\nG".encode())
        received = b""
        while b"PMTiles" not in received:
            received += visitor.recv(4096)
        assert open_maps() == 1
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        visitor.close()
        deadline = time.monotonic() + 10
        while open_maps() and time.monotonic() < deadline:
            time.sleep(0.01)
    gc.collect()
    assert open_maps() == 0
    assert [str(one.exc_value) for one in told] == []
