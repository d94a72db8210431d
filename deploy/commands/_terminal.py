"""What a till is configured with, as the reader agent and an independent ISO 8583 client read it."""

from cardbank.keystore.ports import KeyStore
from kernel.settings import Settings
from merchants.models import Terminal
from merchants.queries import TerminalRow

TPDU = "6000010000"
KEY_PROFILE = "01"  # AES-DUKPT (ANSI X9.24-3)
CURRENCY = "364"  # Iranian Rial (ISO 4217)


def terminal_config(settings: Settings, keystore: KeyStore, terminal: Terminal | TerminalRow) -> dict[str, str | int]:
    """Identifiers, address, initial key and key id (hex). The key is in it: the laboratory only."""
    host, _, port = settings.gateway_bind.rpartition(":")
    key_id = terminal.initial_key_id
    return {
        "terminal": terminal.code,
        "acceptor": terminal.acceptor_id,
        "tpdu": TPDU,
        "host": host,
        "port": int(port),
        "key_profile": KEY_PROFILE,
        "initial_key": keystore.terminal_initial_key(bytes.fromhex(key_id)).hex(),
        "initial_key_id": key_id,
        "currency": CURRENCY,
        "language": terminal.language,
    }
