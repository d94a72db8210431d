"""Leakage resilient primitive (LRP): the second mode of secure messaging, for a card that is personalised in it.

A key is never used on chosen data: sixteen plaintexts and a few updated keys are derived from it once, and a message
walks over them half a byte at a time.

Sources: AN12304 (algorithms 1 to 3: plaintexts, updated keys, evaluation; LRICB; LRP-CMAC); NT4H2421Gx data sheet
rev 3.0, 9.2.3 (MAC), 9.2.4 (counter, padding), 9.2.5 (AuthenticateLRPFirst), 9.2.7 (session keys).
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hmac import compare_digest

from cardbank.cards.aes import BLOCK, ZERO_BLOCK, decrypt, double, encrypt, pad, unpad, xor
from cardbank.cards.ev2 import CardProofRefused

NIBBLES = 16
UPPER, LOWER = b"\xaa" * BLOCK, b"\x55" * BLOCK
MAC_KEY, ENC_KEY = 0, 1  # updated keys of a session


def nibbles(data: bytes) -> Iterable[int]:
    """The half bytes of `data`, upper one first."""
    return (half for byte in data for half in (byte >> 4, byte & 0x0F))


def _chain(start: bytes, count: int) -> list[bytes]:
    """`count` values that each hang on the last state alone (AN12304 algorithms 1 and 2)."""
    values = []
    for _ in range(count):
        values.append(encrypt(start, UPPER))
        start = encrypt(start, LOWER)
    return values


class LrpKey:
    """One AES-128 key, prepared, with one of its updated keys, counted from 0. Raises ValueError unless it has 16 bytes."""

    def __init__(self, key: bytes, updated_key: int = MAC_KEY) -> None:
        if len(key) != BLOCK:
            raise ValueError("an LRP key has 16 bytes")
        self._plaintexts = _chain(encrypt(key, LOWER), NIBBLES)
        self._updated = _chain(encrypt(key, UPPER), updated_key + 1)[updated_key]

    def __repr__(self) -> str:
        return "LrpKey(…)"

    def evaluate(self, halves: Iterable[int], *, finalize: bool = True) -> bytes:
        """Algorithm 3: walk from the updated key over half bytes (each 0 … 15) to 16 bytes."""
        value = self._updated
        for half in halves:
            value = encrypt(value, self._plaintexts[half])
        return encrypt(value, ZERO_BLOCK) if finalize else value

    def cmac(self, message: bytes) -> bytes:
        """LRP-CMAC, 16 bytes: RFC 4493 with `evaluate` in the place of the cipher."""
        subkey = double(self.evaluate(nibbles(ZERO_BLOCK)))
        split = max(0, (len(message) - 1) // BLOCK * BLOCK)
        head, last = message[:split], message[split:]
        if len(last) < BLOCK:
            last, subkey = pad(last), double(subkey)
        value = ZERO_BLOCK
        for offset in range(0, split, BLOCK):
            value = self.evaluate(nibbles(xor(value, head[offset : offset + BLOCK])))
        return self.evaluate(nibbles(xor(value, xor(last, subkey))))

    def verify(self, message: bytes, mac: bytes) -> None:
        """Raises CardProofRefused unless `mac` is the whole 16-byte LRP-CMAC of the message."""
        if not compare_digest(mac, self.cmac(message)):
            raise CardProofRefused("the MAC of the card's answer is wrong")

    def encrypt(self, counter: bytes, plain: bytes, *, padded: bool = True) -> bytes:
        """LRICB: each block under its own key, made from the counter.

        The counter has 4 bytes in a session, the most significant first, and wraps; the authentication has used 0.
        Raises ValueError for unpadded data that are not whole blocks.
        """
        blocks = _blocks(pad(plain) if padded else plain)
        return b"".join(encrypt(self._block_key(counter, n), block) for n, block in enumerate(blocks))

    def decrypt(self, counter: bytes, ciphered: bytes, *, padded: bool = True) -> bytes:
        """The inverse of `encrypt`. Raises ValueError on broken blocks or padding: LRICB itself proves nothing."""
        blocks = _blocks(ciphered)
        plain = b"".join(decrypt(self._block_key(counter, n), block) for n, block in enumerate(blocks))
        return unpad(plain) if padded else plain

    def _block_key(self, counter: bytes, number: int) -> bytes:
        value = (int.from_bytes(counter) + number) % (1 << 8 * len(counter))
        return self.evaluate(nibbles(value.to_bytes(len(counter))))


def _blocks(data: bytes) -> list[bytes]:
    if len(data) % BLOCK:
        raise ValueError("LRICB works on whole blocks")
    return [data[offset : offset + BLOCK] for offset in range(0, len(data), BLOCK)]


@dataclass(frozen=True, repr=False)
class LrpSession:
    """What a card proven in LRP mode and the bank share: transaction id (4 bytes) and two prepared keys."""

    ti: bytes
    enc: LrpKey
    mac: LrpKey

    def __repr__(self) -> str:
        return "LrpSession(…)"


def session_keys(key: bytes, rnd_a: bytes, rnd_b: bytes) -> tuple[LrpKey, LrpKey]:
    """Encryption and MAC key of a session, from both random numbers of 16 bytes (9.2.7)."""
    mixed = xor(rnd_a[2:8], rnd_b[:6])
    vector = b"\x00\x01\x00\x80" + rnd_a[:2] + mixed + rnd_b[6:] + rnd_a[8:] + b"\x96\x69"
    master = LrpKey(key).cmac(vector)
    return LrpKey(master, ENC_KEY), LrpKey(master, MAC_KEY)


class LrpChallenge:
    """AuthenticateLRPFirst from the bank's end, in the two halves and with the state of `EV2Challenge`."""

    @staticmethod
    def begin(key: bytes, rnd_b: bytes, rnd_a: bytes | None = None) -> tuple[bytes, bytes]:
        """Answer the card's RndB (16 bytes) with RndA ‖ MAC(RndA ‖ RndB) (32 bytes) and the state (32 bytes).

        Raises CardProofRefused when RndB has another length. `rnd_a` is fixed only by test vectors.
        """
        if len(rnd_b) != BLOCK:
            raise CardProofRefused("the card's challenge does not have 16 bytes")
        rnd_a = secrets.token_bytes(BLOCK) if rnd_a is None else rnd_a
        _, mac = session_keys(key, rnd_a, rnd_b)
        return rnd_a + mac.cmac(rnd_a + rnd_b), rnd_a + rnd_b

    @staticmethod
    def finish(key: bytes, state: bytes, card_answer: bytes) -> LrpSession:
        """Check E(TI ‖ PDcap2 ‖ PCDcap2) ‖ MAC(RndB ‖ RndA ‖ E(…)) (32 bytes) and open the session.

        Raises CardProofRefused when the answer has another length or a wrong MAC.
        """
        rnd_a, rnd_b = state[:BLOCK], state[BLOCK:]
        enc, mac = session_keys(key, rnd_a, rnd_b)
        ciphered = card_answer[:BLOCK]
        mac.verify(rnd_b + rnd_a + ciphered, card_answer[BLOCK:])
        return LrpSession(enc.decrypt(bytes(4), ciphered, padded=False)[:4], enc, mac)
