"""What the bank asks of its key store; a hardware module follows behind the same operations."""

from datetime import datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from msgspec import Struct


class CardKey(Struct, frozen=True):
    """Names one key of one card: master version, 7-byte UID, key number 0–4 (15 = transaction MAC)."""

    version: int
    uid: bytes
    number: int


class KeyStore(Protocol):
    def ev2_begin(self, key: CardKey, card_challenge: bytes, bound_to: bytes) -> tuple[bytes, bytes]:
        """Answer a card's E(RndB) (16 bytes): the part-2 data (32 bytes) and a sealed state for `ev2_finish`.

        Raises CardProofRefused on another length, UnknownKey for a version that is not held.
        """

    def ev2_finish(self, key: CardKey, sealed_state: bytes, card_answer: bytes, bound_to: bytes) -> None:
        """Accept the card's 32-byte answer under the same binding, or raise CardProofRefused."""

    def terminal_initial_key(self, key_id: bytes) -> bytes:
        """The 16-byte AES-DUKPT initial key of an 8-byte key id (ANSI X9.24-3, 6.3.2)."""

    def terminal_key_block(self, key_id: bytes, till: EllipticCurvePublicKey) -> tuple[bytes, str]:
        """The initial key for the till of that public key alone: the bank's half of the agreement (DER), and a TR-31 block."""

    def terminal_authority(self) -> str:
        """The certificate (PEM) under which terminals and gateway know each other. Raises UnknownKey where there is none."""

    def certify_terminal(self, code: str, till: EllipticCurvePublicKey, begins: datetime, ends: datetime) -> str:
        """A client certificate (PEM) that names one terminal. Raises UnknownKey."""

    def certify_gateway(self, host: str, key: EllipticCurvePublicKey, begins: datetime, ends: datetime) -> str:
        """A server certificate (PEM) for the host that terminals connect to. Raises UnknownKey."""

    def card_number_index(self, number: str) -> bytes:
        """A keyed 32-byte fingerprint of a card number: equal numbers, equal index; not reversible without the key."""

    def card_code_mac(self, named: bytes) -> bytes:
        """The 32-byte MAC of a holder's code over the card and the second that it names."""

    def seal_card_number(self, number: str, token: bytes) -> bytes:
        """The number encrypted for the vault and bound to its token."""

    def open_card_number(self, sealed: bytes, token: bytes) -> str:
        """The number again. Raises SealBroken when it was altered or belongs to another token."""

    def export_card_keys(self, version: int, uid: bytes) -> dict[int, bytes]:
        """All keys of one card, for a card in software. Raises LaboratoryOnly elsewhere."""
