"""The link in an e-mail letter by which its reader ends the letters of its sender, signed and without a sign-in.

It names a person and an organisation by number, and says nothing of either to who has no database.
"""

import base64
import binascii
import struct

from sqlalchemy.orm import Session

from identity.consents import end_agreement_of
from identity.models import Organisation, Person
from kernel.audit import Actor
from kernel.messages.services import refuse_offers
from kernel.settings import load_settings
from kernel.signing import is_signed, sign
from loyalty.letters.errors import LetterLinkNotOurs

PURPOSE = "letters of an organisation to a person"
READER = Actor.system("link in a letter")
_NAMED = struct.Struct(">QQ")


def ending_address(person_id: int, organisation_id: int) -> str:
    """Where a letter's reader, or their mail program, ends it."""
    content = _NAMED.pack(person_id, organisation_id)
    link = base64.urlsafe_b64encode(content + sign(PURPOSE, content)).decode().rstrip("=")
    return f"{load_settings().portal}/unsubscribe/{link}"


def sender_of_link(session: Session, link: str) -> Organisation:
    """Whose letters a link ends. Raises LetterLinkNotOurs."""
    return session.get_one(Organisation, _named(link)[1])


def end_by_link(session: Session, link: str, *, everybody: bool = False) -> None:
    """No letter of this organisation from now on, or no offer of anybody. Of the operator's letters only offers can be ended, and by
    refusing all. Twice is as once. Raises LetterLinkNotOurs.
    """
    person_id, organisation_id = _named(link)
    person = session.get(Person, person_id)
    if everybody or session.get_one(Organisation, organisation_id).kind == "operator":
        if person is not None and person.email is not None:
            refuse_offers(session, READER, person.email)
        return
    end_agreement_of(session, READER, person_id, organisation_id)


def _named(link: str) -> tuple[int, int]:
    try:
        raw = base64.b64decode(link + "=" * (-len(link) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise LetterLinkNotOurs from None
    content, signature = raw[: _NAMED.size], raw[_NAMED.size :]
    if len(content) != _NAMED.size or not is_signed(PURPOSE, content, signature):
        raise LetterLinkNotOurs
    person_id, organisation_id = _NAMED.unpack(content)
    return person_id, organisation_id
