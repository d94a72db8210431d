"""The bank's side of the online tap: key diversification and AuthenticateEV2First.

Sources: AN10922 (diversified AES-128 keys), AN12196 6.6 and 6.10 and AN12343 (worked examples),
MF2DL data sheet rev 3.3 (the two-step authentication and its session keys).
The tap is in AES mode; a card that is personalised in LRP mode answers to `cardbank/cards/lrp.py`.
"""

import secrets
from dataclasses import dataclass
from hmac import compare_digest

from cardbank.cards.aes import BLOCK, ZERO_BLOCK, cmac, decrypt, double, encrypt, xor

SYSTEM_ID = b"PILGRIM"
MAX_DIVERSIFICATION_INPUT = 31


class CardProofRefused(Exception):
    """The card's answer does not prove that it holds the key; carries no key material."""


@dataclass(frozen=True, repr=False)
class EV2Session:
    """What a proven card and the bank share: transaction id (4 bytes), two AES-128 session keys."""

    ti: bytes
    ses_enc: bytes
    ses_mac: bytes

    def __repr__(self) -> str:
        return "EV2Session(…)"


def diversify(master: bytes, data: bytes) -> bytes:
    """AN10922 AES-128: the 16-byte key of one card from a 16-byte master and 1..31 bytes of input.

    Raises ValueError on another length. The input is always padded to two blocks before the CMAC's
    last-block treatment; a plain CMAC over a short input gives a different, non-conforming key.
    """
    if len(master) != BLOCK:
        raise ValueError("an AES-128 master key has 16 bytes")
    if not 1 <= len(data) <= MAX_DIVERSIFICATION_INPUT:
        raise ValueError("a diversification input has 1 to 31 bytes")
    message = b"\x01" + data
    subkey = double(encrypt(master, ZERO_BLOCK))
    if len(message) < 2 * BLOCK:
        message = (message + b"\x80").ljust(2 * BLOCK, b"\x00")
        subkey = double(subkey)
    return encrypt(master, message[:BLOCK] + xor(message[BLOCK:], subkey))[BLOCK:]


def card_key_input(uid: bytes, aid: bytes, key_no: int, sysid: bytes = SYSTEM_ID) -> bytes:
    """UID (7) ‖ AID (3, as sent) ‖ key number (1) ‖ system id: the AN10922 input of one card key.

    Raises ValueError when a part has the wrong length or range.
    """
    if len(uid) != 7 or len(aid) != 3:
        raise ValueError("a UID has 7 bytes and an AID 3")
    if not 0 <= key_no <= 0x0F:
        raise ValueError("a key number is 0 to 15")
    return uid + aid + bytes([key_no]) + sysid


def _session_keys(key: bytes, rnd_a: bytes, rnd_b: bytes) -> tuple[bytes, bytes]:
    """SesAuthENCKey, SesAuthMACKey: CMAC of the two session vectors (MF2DL 9.2.7)."""
    mixed = xor(rnd_a[2:8], rnd_b[:6])
    context = b"\x00\x01\x00\x80" + rnd_a[:2] + mixed + rnd_b[6:] + rnd_a[8:]
    return cmac(key, b"\xa5\x5a" + context), cmac(key, b"\x5a\xa5" + context)


class EV2Challenge:
    """AuthenticateEV2First from the bank's end, split at the card.

    The state between the two halves is RndA ‖ RndB (32 bytes). It is secret and single-use: the caller
    keeps it sealed, binds it to one terminal and forgets it after the first use or five seconds.
    """

    @staticmethod
    def begin(key: bytes, e_rnd_b: bytes, rnd_a: bytes | None = None) -> tuple[bytes, bytes]:
        """Answer the card's E(RndB) (16 bytes) with E(RndA ‖ RndB') (32 bytes) and the state (32 bytes).

        Raises CardProofRefused when E(RndB) has another length. `rnd_a` is fixed only by test vectors.
        """
        if len(e_rnd_b) != BLOCK:
            raise CardProofRefused("the card's challenge does not have 16 bytes")
        rnd_a = secrets.token_bytes(BLOCK) if rnd_a is None else rnd_a
        rnd_b = decrypt(key, e_rnd_b)
        return encrypt(key, rnd_a + rnd_b[1:] + rnd_b[:1]), rnd_a + rnd_b

    @staticmethod
    def finish(key: bytes, state: bytes, card_answer: bytes) -> EV2Session:
        """Check E(TI ‖ RndA' ‖ PDcap2 ‖ PCDcap2) (32 bytes) against the state and derive the session.

        Raises CardProofRefused when the answer has another length or does not return RndA rotated.
        """
        if len(card_answer) != 2 * BLOCK:
            raise CardProofRefused("the card's answer does not have 32 bytes")
        rnd_a, rnd_b = state[:BLOCK], state[BLOCK:]
        answer = decrypt(key, card_answer)
        if not compare_digest(answer[4:20], rnd_a[1:] + rnd_a[:1]):
            raise CardProofRefused("the card did not return the bank's random number")
        return EV2Session(answer[:4], *_session_keys(key, rnd_a, rnd_b))
