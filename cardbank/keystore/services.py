"""Opening the key store that the settings name, and making the laboratory's."""

from functools import cache
from pathlib import Path

from cardbank.errors import LaboratoryOnly
from cardbank.keystore.ports import KeyStore
from cardbank.keystore.software import read_key_file, write_key_file
from kernel.settings import Settings


@cache
def _opened(path: Path, laboratory: bool) -> KeyStore:
    return read_key_file(path, laboratory=laboratory)


def open_keystore(settings: Settings) -> KeyStore:
    """The key store of this process, read once. Raises KeyFileUnusable with what to do."""
    return _opened(settings.keystore_file, settings.is_laboratory)


def create_laboratory_file(settings: Settings) -> bool:
    """Make the laboratory's key file; False where one stands already. Raises LaboratoryOnly in production."""
    if not settings.is_laboratory:
        raise LaboratoryOnly(act="make software keys")
    return write_key_file(settings.keystore_file)
