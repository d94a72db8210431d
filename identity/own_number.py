"""A person's own mobile number, given or changed by the person: the code of a message proves that it is theirs.

A code for this signs nobody in, and a code to sign in changes no number: somebody who is asked to read out one of them does not give
away the other.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import rules
from identity.errors import NumberCodeRefused, PhoneCodeRefused
from identity.models import Person, SecurityNotice
from identity.notices import NUMBER_CHANGED, NUMBER_CODE
from identity.permissions import Identity
from identity.phone_codes import held_code, new_code
from kernel import audit, clock
from kernel.messages.services import send


def ask_number_code(session: Session, holder: Identity, typed: str) -> str:
    """Send a code to the new number; returns the token that it is given with. Raises WrongMobileNumber, TooManySignInTries."""
    mobile = rules.mobile_number(typed)
    token, code = new_code(session, mobile, _purpose(holder), holder.sign_in_id)
    send(session, NUMBER_CODE, mobile, holder.language, {"code": code})
    return token


def take_number(session: Session, holder: Identity, token: str, typed_code: str, typed_mobile: str) -> None:
    """The number is the person's from now on; the former one is told. Raises NumberCodeRefused, WrongMobileNumber."""
    mobile = rules.mobile_number(typed_mobile)
    try:
        held = held_code(session, token, typed_code, mobile, _purpose(holder))
    except PhoneCodeRefused:
        raise NumberCodeRefused(field="code") from None
    person = session.scalars(
        select(Person).where(Person.id == holder.person_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    former, held.used_at, person.mobile = person.mobile, clock.now(), mobile
    session.flush()
    if former is not None and former != mobile:
        send(session, NUMBER_CHANGED, former, holder.language)
    session.add(SecurityNotice(sign_in_id=holder.sign_in_id, kind="mobile_changed", at=clock.now()))
    audit.record(
        session, holder.actor, "change number", "person", holder.person_id,
        before={"ends_with": (former or "")[-4:]}, after={"ends_with": mobile[-4:]},
    )  # fmt: skip


def _purpose(holder: Identity) -> str:
    return f"number of {holder.person_id}"
