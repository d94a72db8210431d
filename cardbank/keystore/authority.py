"""The terminals' certificate authority and the block in which a till gets its initial key.

Certificates are X.509 v3 over P-256 (RFC 5280). The key block is TR-31 version D (ANSI X9.143) of usage B1, an initial DUKPT key,
under a key that both sides agree on: one-pass ECDH on P-256 (NIST SP 800-56A, C(1e, 1s)), then HKDF-SHA-256 over a label and
the key id. Whoever reads the answer on its way has neither the till's private key nor the agreed one.
"""

from datetime import datetime
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from psec import tr31

AUTHORITY_NAME = "Pilgrim Card terminals"
AUTHORITY_BEGINS, AUTHORITY_ENDS = datetime(2026, 1, 1), datetime(2056, 1, 1)  # noqa: DTZ001 - X.509 times have no zone
BLOCK_LABEL = b"pilgrim terminal initial key"
# Version D, a DUKPT initial key, AES, for deriving keys only, never to be exported.
BLOCK_HEADER = ("D", "B1", "A", "X", "00", "N")

PublicKey = ec.EllipticCurvePublicKey


class TerminalAuthority:
    """Signs for terminals and for the gateway that they trust, with one key."""

    def __init__(self, pem: str) -> None:
        """Raises ValueError when the text holds no P-256 key."""
        key = load_pem_private_key(pem.encode(), None)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise ValueError("the terminals' authority needs a P-256 key")
        self._key = key
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, AUTHORITY_NAME)])
        self.certificate = self._own_certificate()

    def certify_terminal(self, code: str, key: PublicKey, begins: datetime, ends: datetime) -> str:
        """A client certificate whose only alternative name is the terminal's code. PEM."""
        return self._certify(code, x509.DNSName(code), key, begins, ends, ExtendedKeyUsageOID.CLIENT_AUTH)

    def certify_gateway(self, host: str, key: PublicKey, begins: datetime, ends: datetime) -> str:
        """A server certificate for the host name or address that terminals connect to. PEM."""
        try:
            name: x509.GeneralName = x509.IPAddress(ip_address(host))
        except ValueError:
            name = x509.DNSName(host)
        return self._certify(host, name, key, begins, ends, ExtendedKeyUsageOID.SERVER_AUTH)

    def _certify(
        self, subject: str, name: x509.GeneralName, key: PublicKey, begins: datetime, ends: datetime, use: x509.ObjectIdentifier
    ) -> str:
        made = (
            self._builder(subject, key, begins, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([name]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([use]), critical=False)
            .sign(self._key, SHA256())
        )
        return made.public_bytes(Encoding.PEM).decode()

    def _own_certificate(self) -> str:
        made = (
            self._builder(AUTHORITY_NAME, self._key.public_key(), AUTHORITY_BEGINS, AUTHORITY_ENDS, 1)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_signs_certificates(), critical=True)
            .sign(self._key, SHA256())
        )
        return made.public_bytes(Encoding.PEM).decode()

    def _builder(
        self, subject: str, key: PublicKey, begins: datetime, ends: datetime, number: int | None = None
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(number or x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )


def new_authority_key() -> str:
    """A fresh P-256 key in PEM (PKCS #8)."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def key_block(initial_key: bytes, key_id: bytes, till: PublicKey) -> tuple[bytes, str]:
    """The bank's half of the agreement (public key, DER) and the TR-31 block that only the till can open."""
    own = ec.generate_private_key(ec.SECP256R1())
    protection = HKDF(SHA256(), 32, salt=None, info=BLOCK_LABEL + key_id).derive(own.exchange(ec.ECDH(), till))
    half = own.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return half, tr31.wrap(protection, tr31.Header(*BLOCK_HEADER), initial_key)


def _signs_certificates() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
