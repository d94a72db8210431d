"""The person's e-mail address: asked for, confirmed by the code that comes there, chosen for letters, removed."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from identity import emails
from identity.errors import EmailClosed, EmailCodeRefused, EmailNotConfirmed, TooManyEmailCodes, WrongEmail
from identity.permissions import Permission
from kernel.web.limits import Limit
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.holders import holder_of
from mobile_api.shapes import Typed

TAG = "The person"
OWN = Permission.CARDBANK_BALANCE_VIEW
CODES = Limit("email-codes", 20)

Address = Annotated[str, Meta(max_length=120)]


class Email(Struct):
    """`email` is confirmed, `waits_for` waits for its code; of both the first letter and the domain. `letters_by` counts where a sender
    leaves it to the reader. `is_open` is false where this platform sends no e-mail.
    """

    email: str | None
    waits_for: str | None
    letters_by: Literal["sms", "email"]
    refuses_offers: bool
    is_open: bool


class NewEmail(Struct, forbid_unknown_fields=True):
    email: Address


class Code(Struct, forbid_unknown_fields=True):
    """Digits of any script."""

    code: Typed


class LettersBy(Struct, forbid_unknown_fields=True):
    letters_by: Literal["sms", "email"]


class Offers(Struct, forbid_unknown_fields=True):
    wanted: bool


_OWN = Email("z•••@example.org", None, "email", refuses_offers=False, is_open=True)
_WAITING = Email(None, "z•••@example.org", "sms", refuses_offers=False, is_open=True)


@operation("GET", "/me/email", tag=TAG, permission=OWN, gives=_OWN)
def email(visit: Visit) -> Email:
    """The own address, and by what letters come."""
    return _email(visit)


@operation(
    "PUT", "/me/email", tag=TAG, permission=OWN, limit=CODES, asks=NewEmail("zahra@example.org"), gives=_WAITING,
    errors=(WrongEmail, EmailClosed, TooManyEmailCodes),
)  # fmt: skip
def ask_email_code(visit: Visit, body: NewEmail) -> Email:
    """Send a code of six digits to an address. It is the person's once the code is given."""
    emails.ask_email_code(visit.session, holder_of(visit), body.email)
    return _email(visit)


@operation(
    "POST",
    "/me/email/confirmation",
    tag=TAG,
    permission=OWN,
    limit=CODES,
    asks=Code("123456"),
    gives=_OWN,
    errors=(EmailCodeRefused,),
)
def confirm_email(visit: Visit, body: Code) -> Email:
    """The address that got this code is the person's from now on; the one before is told."""
    emails.confirm_email(visit.session, holder_of(visit), body.code)
    return _email(visit)


@operation("DELETE", "/me/email", tag=TAG, permission=OWN, gives=Email(None, None, "sms", refuses_offers=False, is_open=True))
def remove_email(visit: Visit) -> Email:
    """Nothing comes to the address any more, which is told; letters come by SMS."""
    emails.remove_email(visit.session, holder_of(visit))
    return _email(visit)


@operation("PUT", "/me/letters-by", tag=TAG, permission=OWN, asks=LettersBy("email"), gives=_OWN, errors=(EmailNotConfirmed,))
def choose_letters_by(visit: Visit, body: LettersBy) -> Email:
    """By what letters come whose sender leaves it to their reader."""
    emails.choose_letters_by(visit.session, holder_of(visit), body.letters_by)
    return _email(visit)


@operation("PUT", "/me/email/offers", tag=TAG, permission=OWN, asks=Offers(wanted=True), gives=_OWN, errors=(EmailNotConfirmed,))
def choose_offers(visit: Visit, body: Offers) -> Email:
    """Whether offers may come to the address."""
    emails.choose_offers(visit.session, holder_of(visit), wanted=body.wanted)
    return _email(visit)


def _email(visit: Visit) -> Email:
    own = emails.own_email(visit.session, holder_of(visit).person_id)
    letters_by: Literal["sms", "email"] = "email" if own.letters_by == "email" else "sms"
    return Email(own.shown, own.waits_for, letters_by, own.refuses_offers, own.is_open)
