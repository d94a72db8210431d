"""Secure dynamic messaging (SDM, also SUN) in AES mode: what a card writes into its own URL at each tap.

The card proves that it was tapped at least `read_counter` times; no reader asked it anything. A harvested URL is
therefore good once more wherever the counter is not remembered: the caller refuses a counter that it has seen, and
uses this for phone pages, never for a payment.

Sources: NT4H2421Gx data sheet rev 3.0, 9.3; AN12196 3.3 (session keys) and its worked examples p12 and p18.
"""

from dataclasses import dataclass
from hmac import compare_digest

from cardbank.cards.aes import BLOCK, cmac, decrypt, encrypt, truncated
from cardbank.cards.ev2 import CardProofRefused

UID_AND_COUNTER = 0xC7  # both mirrored, and the UID has 7 bytes


@dataclass(frozen=True)
class PiccData:
    """What a card says of itself: UID (7 bytes) and how often it has been read (0 … FFFFFF)."""

    uid: bytes
    read_counter: int

    @property
    def counter_bytes(self) -> bytes:
        """SDMReadCtr as the card counts: 3 bytes, least first."""
        return self.read_counter.to_bytes(3, "little")


def open_picc_data(meta_key: bytes, encrypted: bytes) -> PiccData:
    """Decrypt the 16-byte PICC data with SDMMetaReadKey. Proves nothing before `verify`.

    Raises CardProofRefused on another length, or when UID and counter are not both inside.
    """
    if len(encrypted) != BLOCK:
        raise CardProofRefused("the PICC data do not have 16 bytes")
    clear = decrypt(meta_key, encrypted)
    if clear[0] != UID_AND_COUNTER:
        raise CardProofRefused("the PICC data do not hold a UID of 7 bytes and a counter")
    return PiccData(clear[1:8], int.from_bytes(clear[8:11], "little"))


def session_keys(file_key: bytes, picc: PiccData) -> tuple[bytes, bytes]:
    """SesSDMFileReadENC and SesSDMFileReadMAC keys (16 bytes each) of one tap, from SDMFileReadKey."""
    context = b"\x00\x01\x00\x80" + picc.uid + picc.counter_bytes
    return cmac(file_key, b"\xc3\x3c" + context), cmac(file_key, b"\x3c\xc3" + context)


def verify(file_key: bytes, picc: PiccData, mac: bytes, mac_input: bytes = b"") -> None:
    """Check the 8-byte SDMMAC over `mac_input`, the ASCII of the URL from SDMMACInputOffset up to the MAC.

    Raises CardProofRefused when it is wrong.
    """
    _, mac_key = session_keys(file_key, picc)
    if not compare_digest(mac, truncated(cmac(mac_key, mac_input))):
        raise CardProofRefused("the MAC of the card's URL is wrong")


def open_file_data(file_key: bytes, picc: PiccData, encrypted: bytes) -> bytes:
    """The clear SDM file data, whole blocks and unpadded; authentic only after `verify` over their ASCII.

    Raises CardProofRefused unless `encrypted` is whole blocks.
    """
    if len(encrypted) % BLOCK:
        raise CardProofRefused("the file data are not whole blocks")
    enc_key, _ = session_keys(file_key, picc)
    return decrypt(enc_key, encrypted, encrypt(enc_key, picc.counter_bytes + bytes(13)))
