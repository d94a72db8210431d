"""Certificates that OpenSSL accepts, and the key block against the published one of ANSI X9.143."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key
from psec import tr31

from cardbank.keystore.authority import BLOCK_HEADER, TerminalAuthority, key_block, new_authority_key
from kernel import clock

KEY = ec.generate_private_key(ec.SECP256R1())
# X9.143 (TR-31:2018), A.7.4: version D.
PROTECTION = bytes.fromhex("88E1AB2A2E3DD38C1FA039A536500CC8A87AB9D62DC92C01058FA79F44657DE6")
PUBLISHED = "D0112P0AE00E0000B82679114F470F540165EDFBF7E250FCEA43F810D215F8D207E2E417C07156A27E8E31DA05F7425509593D03A457DC34"


def test_the_library_opens_the_published_block() -> None:
    header, key = tr31.unwrap(PROTECTION, PUBLISHED)
    assert (header.version_id, header.algorithm) == ("D", "A")
    assert key == bytes.fromhex("3F419E1CB7079442AA37474C2EFBF8B8")


@pytest.mark.parametrize(
    ("purpose", "name"), [("sslclient", "T0000042"), ("sslserver", "gateway.example.ir"), ("sslserver", "127.0.0.1")]
)
def test_openssl_accepts_a_certificate_for_its_purpose_alone(tmp_path: Path, purpose: str, name: str) -> None:
    authority, now = TerminalAuthority(new_authority_key()), clock.now()
    certify = authority.certify_terminal if purpose == "sslclient" else authority.certify_gateway
    (tmp_path / "authority.pem").write_text(authority.certificate)
    (tmp_path / "own.pem").write_text(certify(name, KEY.public_key(), now - timedelta(hours=1), now + timedelta(days=1)))

    def verify(wanted: str) -> int:
        command = ["openssl", "verify", "-x509_strict", "-purpose", wanted, "-CAfile", "authority.pem", "own.pem"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode

    assert verify(purpose) == 0
    assert verify("sslserver" if purpose == "sslclient" else "sslclient") != 0


def test_a_block_is_another_one_each_time_and_says_what_it_holds() -> None:
    (first_half, first), (second_half, second) = (key_block(bytes(16), bytes(8), KEY.public_key()) for _ in range(2))
    assert first != second
    assert load_der_public_key(first_half) != load_der_public_key(second_half)
    assert first[5:13] == "".join(BLOCK_HEADER[1:4]) + "00N0"


@pytest.mark.parametrize("pem", ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_what_is_no_p256_key_is_refused(pem: str) -> None:
    with pytest.raises(ValueError):
        TerminalAuthority(pem)
