"""Signing in, renewing, signing out."""

from datetime import date
from typing import Annotated

from flask import request
from msgspec import Meta, Struct

from cardbank.keystore.services import open_keystore
from cardbank.pins.errors import CardSignInRefused
from cardbank.pins.services import open_pins_of, prove_by_pin
from identity import desk_codes, phone_codes
from identity import services as identity
from identity.errors import (
    DocumentSignInRefused,
    OneTimeCodeRefused,
    PersonToChoose,
    PhoneCodeRefused,
    SecondStepDue,
    SignInRefused,
    TokenRefused,
    TooManySignInTries,
    WrongMobileNumber,
    WrongPassportCountry,
    WrongPassportNumber,
)
from identity.permissions import Identity
from identity.second_step import prove_fully
from identity.tokens import ACCESS_LIFE
from kernel import clock
from kernel.settings import load_settings
from kernel.web.limits import SIGN_INS
from kernel.web.visit import Visit
from mobile_api.bearer import access_tokens
from mobile_api.contract import operation
from mobile_api.shapes import Id

TAG = "Signing in"

Secret = Annotated[str, Meta(max_length=200)]


class Credentials(Struct, forbid_unknown_fields=True):
    """`code` is the authenticator's, for who has one."""

    name: Secret
    password: Secret
    code: Secret = ""


class Refresh(Struct, forbid_unknown_fields=True):
    refresh_token: Secret


class Called(Struct):
    name: str
    language: str


class Tokens(Struct):
    """The access token goes into `Authorization: Bearer …`; the refresh token is used once and brings a new pair."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    person: Called


class Phone(Struct, forbid_unknown_fields=True):
    """In any form people write it: +964…, 0098…, 09…"""

    mobile: Secret


class CodeAsked(Struct):
    """`token` goes with the code; the message takes some seconds."""

    token: str
    digits: int
    lives_seconds: int


class PhoneCode(Struct, forbid_unknown_fields=True):
    """`person` is given after `person_to_choose`; `code` is the one of the message, `one_time_code` the authenticator's."""

    mobile: Secret
    token: Secret
    code: Secret
    person: Id | None = None
    one_time_code: Secret = ""


class CardAndPin(Struct, forbid_unknown_fields=True):
    """`number` is the card's, in any digits; `one_time_code` the authenticator's, for who has one."""

    number: Secret
    pin: Secret
    one_time_code: Secret = ""


class Document(Struct, forbid_unknown_fields=True):
    """`number` by hand with its `country` (three letters), or the printed lines of the passport, whose check digits are looked at.
    `code` is the one that a desk gave, `one_time_code` the authenticator's.
    """

    number: Secret
    born: date
    code: Secret
    country: Secret = ""
    one_time_code: Secret = ""


EXAMPLE = Tokens("eyJhbGciOiJFZERTQSJ9…", "Bearer", 900, "kq0Vt0…", Called("زهرا احمدی", "fa"))
RENEWAL = Refresh("kq0Vt0…")


@operation(
    "POST", "/session", tag=TAG, permission=None, status=201, keeps_key=False, limit=SIGN_INS,
    errors=(SignInRefused, SecondStepDue, OneTimeCodeRefused, TooManySignInTries),
    asks=Credentials("zahra", "a long password"), gives=EXAMPLE,
)  # fmt: skip
def begin_session(visit: Visit, body: Credentials) -> Tokens:
    """Begin by name and password.

    Who has an authenticator adds its code; without it the answer is `second_step_due`.
    """
    person = prove_fully(visit.session, body.name, body.password, body.code, request.remote_addr or "")
    return pair(person, identity.begin_refresh(visit.session, person.sign_in_id))


@operation(
    "POST", "/session/phone", tag=TAG, permission=None, status=202, keeps_key=False, limit=SIGN_INS,
    errors=(WrongMobileNumber, TooManySignInTries), asks=Phone("09151234567"), gives=CodeAsked("mZ3k…", 6, 300),
)  # fmt: skip
def ask_phone_code(visit: Visit, body: Phone) -> CodeAsked:
    """Ask for a code by message.

    The answer is the same whether the number is on record or not.
    """
    token = phone_codes.ask_code(visit.session, body.mobile, visit.language)
    return CodeAsked(token, phone_codes.DIGITS, int(phone_codes.LIFE.total_seconds()))


@operation(
    "POST", "/session/phone/code", tag=TAG, permission=None, status=201, keeps_key=False, limit=SIGN_INS,
    errors=(WrongMobileNumber, PhoneCodeRefused, PersonToChoose, SecondStepDue, OneTimeCodeRefused, TooManySignInTries),
    asks=PhoneCode("09151234567", "mZ3k…", "123456"), gives=EXAMPLE,
)  # fmt: skip
def begin_session_by_phone(visit: Visit, body: PhoneCode) -> Tokens:
    """Begin by the code of the message.

    A family may share a number: `person_to_choose` names its people, and the same code is given again with one of them.
    """
    person = phone_codes.prove_by_code(visit.session, body.token, body.code, body.mobile, body.person, body.one_time_code)
    open_pins_of(visit.session, person)
    return pair(person, identity.begin_refresh(visit.session, person.sign_in_id))


@operation(
    "POST", "/session/card", tag=TAG, permission=None, status=201, keeps_key=False, limit=SIGN_INS,
    errors=(CardSignInRefused, SecondStepDue, OneTimeCodeRefused, TooManySignInTries),
    asks=CardAndPin("9364001234567890123", "7294"), gives=EXAMPLE,
)  # fmt: skip
def begin_session_by_card(visit: Visit, body: CardAndPin) -> Tokens:
    """Begin by a card's number and the PIN that its holder set at a desk.

    A number that no card has is answered as a wrong PIN is. Five wrong tries shut the PIN for this client for a day; who signs in
    by telephone, or a desk, opens it before.
    """
    keystore = open_keystore(load_settings())
    address = request.remote_addr or ""
    person = prove_by_pin(visit.session, keystore, body.number, body.pin, body.one_time_code, address=address)
    return pair(person, identity.begin_refresh(visit.session, person.sign_in_id))


@operation(
    "POST", "/session/document", tag=TAG, permission=None, status=201, keeps_key=False, limit=SIGN_INS,
    errors=(
        WrongPassportNumber, WrongPassportCountry, DocumentSignInRefused, SecondStepDue, OneTimeCodeRefused, TooManySignInTries,
    ),
    asks=Document("A12345678", date(1968, 4, 2), "12345678", "IRQ"), gives=EXAMPLE,
)  # fmt: skip
def begin_session_by_document(visit: Visit, body: Document) -> Tokens:
    """Begin by a passport, the day of birth and a code of a desk, without a telephone.

    The answer is the same whether the passport is on record or not.
    """
    person = desk_codes.prove_by_document(visit.session, body.number, body.country, body.born, body.code, body.one_time_code)
    return pair(person, identity.begin_refresh(visit.session, person.sign_in_id))


@operation(
    "POST", "/session/refresh", tag=TAG, permission=None, errors=(TokenRefused,), limit=SIGN_INS, asks=RENEWAL, gives=EXAMPLE
)
def refresh_session(visit: Visit, body: Refresh) -> Tokens:
    """Renew by the refresh token, which is used up.

    A token that comes a second time ends every token of its sign-in. Who sends an `Idempotency-Key` may ask again with the same
    token and key for ten minutes, and gets the same pair: an answer lost on the way signs nobody out.
    """
    person, successor = identity.rotate_refresh(visit.session, body.refresh_token)
    return pair(person, successor)


@operation("POST", "/session/end", tag=TAG, permission=None, status=204, keeps_key=False, limit=SIGN_INS, asks=RENEWAL)
def end_session(visit: Visit, body: Refresh) -> None:
    """Sign out: no token of this sign-in can be renewed any more. An unknown token is no error."""
    identity.end_refresh(visit.session, body.refresh_token)


def pair(person: Identity, refresh_token: str) -> Tokens:
    return Tokens(
        access_token=access_tokens().mint(person.sign_in_id, clock.now()),
        token_type="Bearer",  # noqa: S106 - RFC 6750
        expires_in=int(ACCESS_LIFE.total_seconds()),
        refresh_token=refresh_token,
        person=Called(person.name, person.language),
    )
