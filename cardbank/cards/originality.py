"""The manufacturer's signature over a chip's UID. It says who made the chip, and not that this chip is present.

Whoever has read a chip can repeat its UID and signature: this is a check at stock intake, never a proof of a card.

Sources: NT4H2421Gx data sheet rev 3.0 (Read_Sig); AN12196, as quoted by icedevml/nfc-ev2-crypto test_ecc.py.
"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA224

UID_BYTES = 7
SCALAR_BYTES = 28  # NIST P-224


class NotOriginal(Exception):
    """The signature was not made over this UID by the holder of the public key."""


def verify_originality(public_point: bytes, uid: bytes, signature: bytes) -> None:
    """Check an ECDSA signature r ‖ s (56 bytes) over a UID (7 bytes) with a P-224 point (57 bytes, `04` first).

    The UID itself stands where a digest would: no hash is taken. Raises NotOriginal, and ValueError for a public
    key that is no point of the curve.
    """
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP224R1(), public_point)
    if len(uid) != UID_BYTES or len(signature) != 2 * SCALAR_BYTES:
        raise NotOriginal("a UID has 7 bytes and its signature 56")
    r, s = (int.from_bytes(half) for half in (signature[:SCALAR_BYTES], signature[SCALAR_BYTES:]))
    try:
        # ECDSA reads a digest as a number: zeros before the UID leave that number as it is.
        key.verify(encode_dss_signature(r, s), uid.rjust(SCALAR_BYTES, b"\x00"), ec.ECDSA(Prehashed(SHA224())))
    except InvalidSignature:
        raise NotOriginal("the signature is not the manufacturer's over this UID") from None
