"""python -m reader_agent.set_up --portal ADDRESS --serial NUMBER --folder FOLDER   (the one-time code is read from stdin)

Makes the till's own key, uses the code up, waits until a person has let the device in, and writes till.json with its certificate
beside it: what `python -m reader_agent --config FOLDER/till.json` works with. Begun again it goes on where it was.
Exit codes: 0 set up, 1 refused, 3 the code, the address or the folder cannot be used.
"""

import argparse
import json
import os
import secrets
import sys
import time
import urllib.error
import urllib.request
from base64 import b64decode
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_public_key,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from psec import tr31

BLOCK_LABEL = b"pilgrim terminal initial key"
KEY_USAGE, ALGORITHM = "B1", "A"  # an initial DUKPT key of AES
TPDU = "6000010000"
ASKED_EVERY = 3.0
ANSWER_SECONDS = 20.0


class SetUpError(Exception):
    """One sentence for who sets the till up. `is_final` when a new code is needed."""

    def __init__(self, sentence: str, *, is_final: bool = False) -> None:
        super().__init__(sentence)
        self.is_final = is_final


def set_up(portal: str, serial: str, folder: Path, code: str, asked_every: float = ASKED_EVERY) -> Path:
    """The till's configuration, ready to work with. Raises SetUpError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key, claim = own_key(folder / "till.key"), folder / "claim"
    if not claim.exists():
        wanted = {"code": code, "serial": serial, "signing_request": signing_request(key)}
        keep(claim, ask(portal, "/till-set-ups", wanted)["claim"])
    while (answer := ask(portal, "/till-set-ups/answer", {"claim": claim.read_text()}))["state"] == "waiting":
        time.sleep(asked_every)
    config = write_down(folder, answer, initial_key(answer, key))
    claim.unlink()
    return config


def own_key(path: Path) -> ec.EllipticCurvePrivateKey:
    if path.exists():
        kept = load_pem_private_key(path.read_bytes(), None)
        if not isinstance(kept, ec.EllipticCurvePrivateKey):
            raise SetUpError(f"{path} holds no key of a till; move it away and begin again.")
        return kept
    key = ec.generate_private_key(ec.SECP256R1())
    keep(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    return key


def signing_request(key: ec.EllipticCurvePrivateKey) -> str:
    """PKCS #10; who the till is the bank knows from the code."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "till")])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def initial_key(answer: dict[str, Any], key: ec.EllipticCurvePrivateKey) -> bytes:
    """Open the key block: ECDH on P-256 with the bank's half, HKDF-SHA-256, TR-31. Raises SetUpError."""
    half = load_der_public_key(b64decode(answer["agreement"]))
    if not isinstance(half, ec.EllipticCurvePublicKey):
        raise SetUpError("The bank's half of the key agreement is of another kind.", is_final=True)
    info = BLOCK_LABEL + bytes.fromhex(answer["initial_key_id"])
    protection = HKDF(SHA256(), 32, salt=None, info=info).derive(key.exchange(ec.ECDH(), half))
    try:
        header, opened = tr31.unwrap(protection, answer["key_block"])
    except (tr31.KeyBlockError, tr31.HeaderError):
        raise SetUpError("The key block cannot be opened with this till's key.", is_final=True) from None
    if (header.key_usage, header.algorithm) != (KEY_USAGE, ALGORITHM):
        raise SetUpError("The key block holds another kind of key.", is_final=True)
    return opened


def write_down(folder: Path, answer: dict[str, Any], key: bytes) -> Path:
    config = {name: answer[name] for name in ("terminal", "acceptor", "host", "port", "language", "initial_key_id")}
    config |= {"tpdu": TPDU, "key_profile": "01", "initial_key": key.hex(), "currency": "364"}
    if answer["is_tls"]:
        keep(folder / "till.pem", answer["certificate"])
        keep(folder / "authority.pem", answer["authority"])
        config |= {"certificate": "till.pem", "key": "till.key", "authority": "authority.pem"}
    path = folder / "till.json"
    keep(path, json.dumps(config, indent=1))
    return path


def keep(path: Path, text: str) -> None:
    """Write a file that only its owner may read, complete or not at all."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def ask(portal: str, path: str, wanted: dict[str, str]) -> dict[str, Any]:
    """POST to the bank. Raises SetUpError with what it says; while it does not answer at all, tries again."""
    body = json.dumps(wanted).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    request = urllib.request.Request(f"{portal.rstrip('/')}/api/v1{path}", body, headers)  # noqa: S310 - checked in `main`
    while True:
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:  # noqa: S310
                given: dict[str, Any] = json.loads(answer.read())
                return given
        except urllib.error.HTTPError as refusal:
            with refusal:
                if refusal.code in (429, 502, 503, 504):
                    time.sleep(ASKED_EVERY)
                    continue
                raise SetUpError(sentence_of(refusal), is_final=True) from None
        except (OSError, ValueError):
            raise SetUpError(f"{portal} does not answer; check the address and the network, and begin again.") from None


def sentence_of(refusal: urllib.error.HTTPError) -> str:
    try:
        problem = json.loads(refusal.read())
        return str(problem.get("detail") or problem.get("title"))
    except ValueError:
        return f"The bank refused with status {refusal.code}."


def main() -> int:
    parser = argparse.ArgumentParser(prog="reader_agent.set_up", description=__doc__)
    parser.add_argument("--portal", required=True, help="https address of the portal")
    parser.add_argument("--serial", required=True, help="the device's serial number, as printed on it")
    parser.add_argument("--folder", type=Path, required=True, help="where key, certificate and configuration are kept")
    options = parser.parse_args()
    if not options.portal.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        print("The portal's address must begin with https://.", file=sys.stderr)
        return 3
    try:
        code = "" if (options.folder / "claim").exists() else input("One-time code: ")
        print(set_up(options.portal, options.serial, options.folder, code))
    except SetUpError as error:
        print(error, file=sys.stderr)
        if error.is_final:
            (options.folder / "claim").unlink(missing_ok=True)
        return 1 if error.is_final else 3
    except (OSError, EOFError) as error:
        print(f"The folder or the code cannot be used: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
