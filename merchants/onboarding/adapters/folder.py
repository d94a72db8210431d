"""Papers in a folder of this machine, which no web server serves."""

import os
import re
import secrets
from pathlib import Path

from merchants.onboarding.errors import PaperNotFound

NAME_BYTES = 16


class FolderStore:
    """Each paper is a file of mode 0600 with a random name, on disk before `put` returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, content: bytes) -> str:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(NAME_BYTES)
        file = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(file, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        return name

    def get(self, name: str) -> bytes:
        try:
            return self._file(name).read_bytes()
        except FileNotFoundError:
            raise PaperNotFound from None

    def drop(self, name: str) -> None:
        self._file(name).unlink(missing_ok=True)

    def _file(self, name: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{32}", name):
            raise PaperNotFound
        return self._folder / name
