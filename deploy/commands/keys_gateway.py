"""Certificates of the gateway that tills connect to: its own, signed by the terminals' authority, and that authority's."""

import argparse
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cardbank.keystore.services import open_keystore
from kernel import clock
from kernel.settings import load_settings

CERTIFIED_FOR = timedelta(days=365)
CLOCKS_DIFFER = timedelta(hours=1)


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="pilgrim keys gateway", description=__doc__)
    parser.add_argument("host", help="the name or address that tills connect to")
    parser.add_argument("folder", type=Path, help="where gateway.crt, gateway.key and terminals-ca.crt are written")
    options = parser.parse_args(argv)
    keystore = open_keystore(load_settings())
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    options.folder.mkdir(parents=True, exist_ok=True)
    made = {
        "gateway.crt": keystore.certify_gateway(options.host, key.public_key(), now - CLOCKS_DIFFER, now + CERTIFIED_FOR),
        "gateway.key": private,
        "terminals-ca.crt": keystore.terminal_authority(),
    }
    for name, text in made.items():
        path = options.folder / name
        path.touch(mode=0o600)
        path.write_text(text)
        print(path)
    return 0
