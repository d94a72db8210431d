"""How a device sets itself up as a till: see docs/onboarding.md."""

from base64 import b64encode
from typing import Annotated

from msgspec import Meta, Struct

from cardbank.keystore.services import open_keystore
from identity.errors import CodeRefused
from kernel.settings import load_settings
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from merchants.onboarding.errors import SetUpNotFound, SetUpRefused, WrongDeviceKey
from merchants.onboarding.services.setting_up import LONGEST_SERIAL, ask_set_up, fetch_set_up
from mobile_api.contract import operation

TAG = "Tills"
CODES = Limit("set-up", 20)  # a code has 60 bits; whoever tries them is slowed down all the same
CLAIMS = Limit("set-up claim", 120)

Text = Annotated[str, Meta(max_length=4_000)]


class Device(Struct, forbid_unknown_fields=True):
    """The one-time code, the device's serial number, and a PKCS #10 request (PEM) that its own P-256 key signed."""

    code: Annotated[str, Meta(max_length=40)]
    serial: Annotated[str, Meta(min_length=1, max_length=LONGEST_SERIAL)]
    signing_request: Text


class Waiting(Struct):
    """`claim` is kept by the device and asks for the answer once a person has let it in."""

    terminal: str
    claim: str


class Claim(Struct, forbid_unknown_fields=True):
    claim: Annotated[str, Meta(max_length=100)]


class SetUp(Struct):
    """`state` is `waiting` and all else null until a person has decided.

    `key_block` is TR-31 (version D) under HKDF-SHA-256 of the ECDH of the device's key with `agreement` (DER, base64); info is
    "pilgrim terminal initial key" followed by the eight bytes of the key id. `certificate` and `authority` are PEM.
    """

    state: str
    terminal: str | None = None
    acceptor: str | None = None
    host: str | None = None
    port: int | None = None
    is_tls: bool | None = None
    language: str | None = None
    initial_key_id: str | None = None
    agreement: str | None = None
    key_block: str | None = None
    certificate: str | None = None
    authority: str | None = None


_REQUEST = Device("7Q4M-0ZTR-8K2W", "PAX-0123456", "-----BEGIN CERTIFICATE REQUEST-----…")


@operation(
    "POST", "/till-set-ups", tag=TAG, permission=None, status=201, keeps_key=False, limit=CODES,
    errors=(CodeRefused, WrongDeviceKey), asks=_REQUEST, gives=Waiting("T0000042", "mZ3…"),
)  # fmt: skip
def ask_for_set_up(visit: Visit, body: Device) -> Waiting:
    """Use a till's one-time code up for this device, which then waits for a second person."""
    terminal, claim = ask_set_up(visit.session, body.code, body.serial, body.signing_request)
    return Waiting(terminal.code, claim)


@operation(
    "POST", "/till-set-ups/answer", tag=TAG, permission=None, keeps_key=False, limit=CLAIMS,
    errors=(SetUpNotFound, SetUpRefused), asks=Claim("mZ3…"), gives=SetUp("waiting"),
)  # fmt: skip
def answer_of_set_up(visit: Visit, body: Claim) -> SetUp:
    """What the device needs to work, once it has been let in; asked again within the hour where the answer was lost."""
    settings = load_settings()
    made = fetch_set_up(visit.session, open_keystore(settings), body.claim)
    if made is None:
        return SetUp("waiting")
    host, port = settings.gateway_for_tills
    return SetUp(
        "let_in", made.terminal.code, made.terminal.acceptor_id, host, port, bool(settings.gateway_tls_bind), made.terminal.language,
        made.terminal.initial_key_id, b64encode(made.agreement).decode(), made.key_block, made.certificate, made.authority,
    )  # fmt: skip
