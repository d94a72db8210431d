"""A till sets itself up: it uses its code up with its own public key, a second person lets it in, and it fetches what it needs.

The private key never leaves the till, and the initial key reaches it in a block that only that key opens. Letting a device in ends
the one that spoke for the till before: the new one begins under an initial key id that none ever had.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from msgspec import Struct
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cardbank.keystore.ports import KeyStore
from identity.permissions import Identity
from kernel import audit, clock
from kernel.errors import BadInput
from kernel.snapshots import announce
from merchants.models import Terminal
from merchants.onboarding.errors import (
    DeviceDecided,
    SecondPersonNeeded,
    SetUpNotFound,
    SetUpRefused,
    WrongDeviceKey,
)
from merchants.onboarding.models import TerminalSetUp
from merchants.onboarding.services.issuing import SET_UP, may_open, redeem_code
from merchants.rules import device_key_id

WAITS = timedelta(hours=24)
FETCHED_WITHIN = timedelta(hours=1)  # after it was let in; again where an answer was lost
CERTIFIED_FOR = timedelta(days=730)
CLOCKS_DIFFER = timedelta(hours=1)
LONGEST_SERIAL = 40
STATE_AFTER = {"let_in": "approved", "refuse": "refused"}


class DeviceConfiguration(Struct, frozen=True):
    """What only this device can use. `agreement` is the bank's public key (DER), `key_block` TR-31."""

    terminal: Terminal
    certificate: str
    authority: str
    agreement: bytes
    key_block: str


def ask_set_up(session: Session, code: str, serial: str, signing_request: str) -> tuple[Terminal, str]:
    """Use the code up for a device: (its till, the claim it fetches the answer with, which is not kept).

    `signing_request` is a PKCS #10 request (PEM), signed by the P-256 key that it holds; its names are not looked at. An older device
    that still waits for this till is refused. Raises BadInput (serial), WrongDeviceKey, CodeRefused; the code stands unused then.
    """
    serial = serial.strip()
    if not serial or len(serial) > LONGEST_SERIAL or not serial.isprintable():
        raise BadInput(field="serial")
    key = _key_of(signing_request)
    terminal, issued_by = redeem_code(session, code)
    now, claim = clock.now(), secrets.token_urlsafe(32)
    waiting = (TerminalSetUp.terminal_id == terminal.id) & (TerminalSetUp.state == "waiting")
    session.execute(update(TerminalSetUp).where(waiting).values(state="refused", decided_at=now))
    session.add(
        TerminalSetUp(
            terminal_id=terminal.id, serial=serial, public_key=key, claim_digest=_digest(claim), asked_at=now, issued_by=issued_by
        )
    )
    audit.record(session, SET_UP, "ask_set_up", "terminal", terminal.code, after={"serial": serial})
    return terminal, claim


def decide_set_up(session: Session, identity: Identity, set_up_id: int, act: str) -> Terminal:
    """`let_in` a device, or `refuse` it. Raises BadInput (act), SetUpNotFound, for others' tills too; DeviceDecided; SecondPersonNeeded."""
    found = session.execute(
        select(TerminalSetUp, Terminal)
        .join(Terminal, Terminal.id == TerminalSetUp.terminal_id)
        .where(TerminalSetUp.id == set_up_id)
        .with_for_update()
    ).one_or_none()
    if found is None or not may_open(session, identity, found.Terminal.branch_id):
        raise SetUpNotFound
    if act not in STATE_AFTER:
        raise BadInput(field="act")
    set_up: TerminalSetUp = found.TerminalSetUp
    terminal: Terminal = found.Terminal
    if set_up.state != "waiting" or _usable_until(set_up) <= clock.now() or terminal.status == "closed":
        raise DeviceDecided
    is_let_in = act == "let_in"
    if is_let_in and set_up.issued_by == identity.sign_in_id:
        raise SecondPersonNeeded
    set_up.state, set_up.decided_at = STATE_AFTER[act], clock.now()
    set_up.decided_by = identity.sign_in_id
    if is_let_in:
        terminal.initial_key_id = device_key_id(set_up.id)
        announce(session, "terminal", terminal.code)
    audit.record(session, identity.actor, f"{act}_device", "terminal", terminal.code, after={"serial": set_up.serial})
    return terminal


def fetch_set_up(session: Session, keystore: KeyStore, claim: str) -> DeviceConfiguration | None:
    """What the device needs, None while nobody has decided.

    Raises SetUpNotFound (no such claim, or the time is over), SetUpRefused, UnknownKey.
    """
    found = session.execute(
        select(TerminalSetUp, Terminal)
        .join(Terminal, Terminal.id == TerminalSetUp.terminal_id)
        .where(TerminalSetUp.claim_digest == _digest(claim))
    ).one_or_none()
    now = clock.now()
    if found is None or now >= _usable_until(found.TerminalSetUp):
        raise SetUpNotFound
    set_up, terminal = found.TerminalSetUp, found.Terminal
    if set_up.state == "waiting":
        return None
    if set_up.state == "refused" or terminal.initial_key_id != device_key_id(set_up.id):
        raise SetUpRefused
    key = load_der_public_key(set_up.public_key)
    assert isinstance(key, ec.EllipticCurvePublicKey)  # noqa: S101 - `_key_of` kept no other
    agreement, block = keystore.terminal_key_block(bytes.fromhex(terminal.initial_key_id), key)
    certificate = keystore.certify_terminal(terminal.code, key, now - CLOCKS_DIFFER, now + CERTIFIED_FOR)
    audit.record(session, SET_UP, "certify", "terminal", terminal.code, after={"serial": set_up.serial})
    return DeviceConfiguration(terminal, certificate, keystore.terminal_authority(), agreement, block)


def _usable_until(set_up: TerminalSetUp) -> datetime:
    return set_up.asked_at + WAITS if set_up.decided_at is None else set_up.decided_at + FETCHED_WITHIN


def _key_of(signing_request: str) -> bytes:
    try:
        request = x509.load_pem_x509_csr(signing_request.encode())
        key = request.public_key()
        is_own = request.is_signature_valid
    except (ValueError, TypeError, InvalidSignature):
        raise WrongDeviceKey(field="signing_request") from None
    if not is_own or not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise WrongDeviceKey(field="signing_request")
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _digest(claim: str) -> bytes:
    return hashlib.sha256(claim.encode()).digest()
